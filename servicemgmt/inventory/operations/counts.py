"""Counting what lies in a warehouse, and posting what is missing or more than expected."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, plain, record
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused, Stale, refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, check_size
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, post_vouchers
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company

from ..keepers import kept_for
from ..lots import lot_of, move_lot
from ..models import (
    COUNT_MOVES,
    CountStatus,
    Lot,
    LotOnHand,
    MoveKind,
    OnHand,
    StockCount,
    StockCountLine,
    StockMove,
    Warehouse,
)
from ..on_hand import COLUMNS, add, locked_all, move_of, value_found
from ..vouchers import draft_of, line_of
from .goods import not_kept


@transaction.atomic
def start_count(warehouse: Warehouse, *, on: date, by: User | None, text: str = "") -> StockCount:
    """A count sheet with everything that should lie in the warehouse now. Refused while another one is open."""
    with refusing(
        stockcount_one_open_per_warehouse=_(
            "A count of %(warehouse)s is open already; post or drop it first."
        )
        % {"warehouse": warehouse}
    ):
        count = StockCount.objects.create(warehouse=warehouse, counted_on=on, text=text)
    rows = list(_read(warehouse).exclude(quantity=0).select_related("item").order_by("item__number"))
    lots = _lots_there(warehouse, rows)
    StockCountLine.objects.bulk_create(
        StockCountLine(
            count=count, item_id=row.item_id, lot_id=lot, expected=quantity, last_move_id=row.last_move
        )
        for row in rows
        for lot, quantity in (lots.get(row.item_id, []) if row.item.is_tracked else [(None, row.quantity)])
    )
    record("created", count, by=by)
    return count


@transaction.atomic
def add_counted_item(
    count_id: int, item: Item, *, version: int, by: User | None, lot: str = ""
) -> StockCountLine:
    """Put an item on the sheet that was not expected there; of a tracked one, which. Raises Invalid, Refused, Stale."""
    count = _lock(count_id, version)
    if not item.is_stocked:
        raise Refused(not_kept(item))
    row = _read(count.warehouse).filter(item=item).first()
    found = lot_of(item, lot, Decimal(1), makes=True)
    expected = row.quantity if row else ZERO
    if found:
        expected = _lot_quantity(found, count.warehouse)
    with refusing(stockcountline_item_once=_("%(item)s is on the sheet already.") % {"item": item}):
        line = StockCountLine.objects.create(
            count=count,
            item=item,
            lot=found,
            expected=expected,
            last_move_id=row.last_move if row else None,
        )
    _save(count)
    told = f"{item} · {found}" if found else str(item)
    record("item_added", count, by=by, changes={"item": [None, told]})
    return line


@transaction.atomic
def enter_counts(
    count_id: int, counted: Mapping[int, Decimal | None], *, version: int, by: User | None
) -> StockCount:
    """Write down what was found, by the line's key; None is not counted yet. Raises Invalid, Refused, Stale."""
    count = _lock(count_id, version)
    lines = list(count.lines.filter(pk__in=counted).select_related("item", "lot"))
    changes: Changes = {}
    for line in lines:
        found = counted[line.pk]
        if found is not None and found < 0:
            raise Invalid(_("Enter a quantity of zero or more."), field=f"line-{line.pk}")
        check_size(found or ZERO)
        if found and line.item.is_serial and found != 1:
            raise Invalid(_("A serial number is there once or not at all."), field=f"line-{line.pk}")
        if found != line.counted:
            changes[line.told] = [plain(line.counted), plain(found)]
            line.counted = found
    StockCountLine.objects.bulk_update(lines, ["counted"])
    _save(count)
    record("counts_entered", count, by=by, changes=changes)
    return count


@transaction.atomic
def read_again(count_id: int, *, version: int, by: User | None) -> list[StockCountLine]:
    """Take over what is expected now where goods moved since the sheet was made; these lines are counted anew."""
    count = _lock(count_id, version)
    lines = list(count.lines.select_related("item", "lot").order_by("pk"))
    there = {row.item_id: row for row in _read(count.warehouse).filter(item__in=[x.item_id for x in lines])}
    moved = [x for x in lines if x.item_id in there and there[x.item_id].last_move != x.last_move_id]
    for line in moved:
        line.expected, line.counted = there[line.item_id].quantity, None
        if line.lot:
            line.expected = _lot_quantity(line.lot, count.warehouse)
        line.last_move_id = there[line.item_id].last_move
    StockCountLine.objects.bulk_update(moved, ["expected", "counted", "last_move"])
    _save(count)
    record("read_again", count, by=by, changes={"item": [None, [line.item.number for line in moved]]})
    return moved


@transaction.atomic
def post_count(count_id: int, *, version: int, by: User | None, at: datetime) -> StockCount:
    """Book the differences of what was counted, each with its movement and voucher, dated the sheet's day.

    What is missing leaves at the average, what is more comes in at it (at the item's cost price where nothing is on
    hand); the other side is stock differences. Lines that nobody counted stay as they are. Raises Refused where goods
    of a counted line moved since it was read, where nothing was counted or less than is set aside, and for closed
    periods; Stale.
    """
    count = _lock(count_id, version)
    counted = count.lines.exclude(counted=None).select_related("item__unit", "lot")
    lines = list(counted.order_by("item", "lot"))
    if not lines:
        raise Refused(_("Nothing was counted yet."))
    rows = locked_all((line.item, count.warehouse) for line in lines)
    _insist_nothing_moved(count, lines)
    worth = _book(count, lines, rows, by=by)
    _save(count, status=CountStatus.POSTED, posted_by=by, posted_at=at)
    changes: Changes = {"lines": [None, len(lines)], "value": [None, plain(worth)]}
    record("stock_counted", count, by=by, changes=changes)
    return count


@transaction.atomic
def drop_count(count_id: int, *, version: int, by: User | None) -> StockCount:
    """Give up a sheet that is not posted; it stays readable and changes nothing. Raises Refused, Stale."""
    count = _lock(count_id, version)
    _save(count, status=CountStatus.DROPPED)
    record("dropped", count, by=by)
    return count


def _read(warehouse: Warehouse) -> Any:
    """What is on hand there, each row with its `last_move`, both of one moment."""
    latest = StockMove.objects.filter(item=OuterRef("item"), warehouse=OuterRef("warehouse")).order_by("-pk")
    return OnHand.objects.filter(warehouse=warehouse).annotate(last_move=Subquery(latest.values("pk")[:1]))


def _lots_there(warehouse: Warehouse, rows: Iterable[OnHand]) -> dict[int, list[tuple[int, Decimal]]]:
    """What lies there of the tracked ones among these items: batch or serial number and quantity, by the item's key."""
    items = [row.item_id for row in rows if row.item.is_tracked]
    found: dict[int, list[tuple[int, Decimal]]] = {}
    if items:
        lots = LotOnHand.objects.filter(warehouse=warehouse, lot__item__in=items, quantity__gt=0)
        for item, lot, quantity in lots.order_by("lot__number").values_list("lot__item", "lot", "quantity"):
            found.setdefault(item, []).append((lot, quantity))
    return found


def _lot_quantity(lot: Lot, warehouse: Warehouse) -> Decimal:
    there = LotOnHand.objects.filter(lot=lot, warehouse=warehouse).values_list("quantity", flat=True).first()
    return there or ZERO


def _lock(count_id: int, version: int) -> StockCount:
    StockCount.objects.select_for_update(no_key=True).values_list("pk").get(pk=count_id)
    count = StockCount.objects.select_related("warehouse").get(pk=count_id)
    if count.version != version:
        raise Stale(_("Somebody else changed this count meanwhile. This is how it stands now."))
    if not COUNT_MOVES[count.status]:
        raise Refused(_("This count is closed: %(status)s.") % {"status": count.get_status_display().lower()})
    return count


def _save(count: StockCount, **fields: object) -> None:
    for name, value in fields.items():
        setattr(count, name, value)
    count.version += 1
    count.save(update_fields=[*fields, "version"])


def _insist_nothing_moved(count: StockCount, lines: Iterable[StockCountLine]) -> None:
    """Refused, by name, where an item moved since its line was read; asked under the locks of the on-hand rows."""
    found = (
        StockMove.objects.filter(warehouse=count.warehouse, item__in=[line.item_id for line in lines])
        .order_by()
        .values_list("item")
        .annotate(last=Max("pk"))
    )
    latest = dict(found)
    moved = [line.item.number for line in lines if latest.get(line.item_id) != line.last_move_id]
    if moved:
        raise Refused(
            _("Goods moved since the sheet was made: %(items)s. Read them again and count them anew.")
            % {"items": ", ".join(moved)}
        )


def still_kept(item: Item, warehouse: Warehouse, quantity: Decimal) -> str:
    """That fewer were counted than are set aside there."""
    return _(
        "%(quantity)s %(unit)s of %(item)s are set aside for %(whom)s; count them too, or return them there first."
    ) % {
        "quantity": plain(quantity),
        "unit": item.unit.code,
        "item": item,
        "whom": kept_for(item, warehouse),
    }


def _book(
    count: StockCount, lines: list[StockCountLine], rows: dict[tuple[int, int], OnHand], *, by: User | None
) -> Decimal:
    """The movements and vouchers of the differences; what they are worth together, in company currency."""
    currency, place, total = company().currency, count.warehouse, ZERO
    text = count.text or _("Stock count")
    moves: list[StockMove] = []
    drafts: list[VoucherDraft] = []
    for line in lines:
        row, found = rows[line.item_id, place.pk], line.counted or ZERO
        difference = found - (line.expected if line.lot else row.quantity)
        if not difference:
            continue
        if row.quantity + difference < row.set_aside and difference < 0 and not place.allows_negative:
            raise Refused(still_kept(line.item, place, row.set_aside))
        value = value_found(row, line.item, row.quantity + difference)
        move_lot(line.lot, line.item, place, difference)
        key = take_keys(Voucher, 1)[0] if value else None
        add(row, place, difference, value)
        line.move = move_of(
            row, MoveKind.COUNT, difference, value, on=count.counted_on, by=by, text=text,
            subject=f"stockcount:{count.pk}", key=key, lot=line.lot,
        )  # fmt: skip
        moves.append(line.move)
        total += value
        if key:
            entries = [line_of(PostingPurpose.STOCK, value), line_of(PostingPurpose.STOCK_VARIANCE, -value)]
            label = f"{line.item.number} · {place.code}"
            drafts.append(draft_of(key, count.counted_on, text, currency, entries, line.item, label))
    OnHand.objects.bulk_update(rows.values(), COLUMNS)
    StockMove.objects.bulk_create(moves)
    StockCountLine.objects.bulk_update([line for line in lines if line.move], ["move"])
    post_vouchers(drafts, by=by)
    return total
