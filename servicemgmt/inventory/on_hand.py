"""The on-hand row: its lock, its average, and the movement that goes with every change of it.

Only `operations` calls this; quantities and values have the sign of the change.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company

from .keepers import kept_for
from .models import Lot, OnHand, StockMove, Warehouse


def worth_after(row: OnHand, quantity: Decimal, value: Decimal) -> Decimal:
    """What is on hand afterwards is worth: the sum, but from below zero only what came in now, at its price."""
    after = row.quantity + quantity
    if row.quantity >= 0 or after < 0:
        return row.value + value
    return round_money(value * after / quantity, digits())


def value_out(row: OnHand, item: Item, quantity: Decimal, *, places: int | None = None) -> Decimal:
    """What this quantity takes out in company currency: its share at the average, rounded half up; all of it, all.

    Where nothing is on hand the item's own cost price counts. `places` are the company currency's
    decimals, of who knows them already.
    """
    if quantity == row.quantity:
        return row.value
    unit = row.value / row.quantity if row.quantity > 0 else item.cost_price
    return round_money(quantity * unit, digits() if places is None else places)


def value_found(row: OnHand, item: Item, counted: Decimal) -> Decimal:
    """What a count changes in company currency: the difference at the average; nothing found leaves no value.

    Where nothing was on hand, what is found is worth the item's own cost price.
    """
    if counted == 0:
        return -row.value
    if row.quantity <= 0:
        return round_money(counted * item.cost_price, digits()) - row.value
    return round_money((counted - row.quantity) * row.value / row.quantity, digits())


def digits() -> int:
    """The decimals of the company's currency, which stock values have."""
    return company().currency.digits


def locked(item: Item, warehouse: Warehouse) -> OnHand:
    """The row under its lock, made on first use; lock several in the order of their keys, or with `locked_all`."""
    return locked_all([(item, warehouse)])[item.pk, warehouse.pk]


def locked_all(places: Iterable[tuple[Item, Warehouse]]) -> dict[tuple[int, int], OnHand]:
    """The rows of items in warehouses under their locks, those made that are not there yet, by the pair of keys."""
    wanted = {(item.pk, warehouse.pk) for item, warehouse in places}
    rows = _lock(wanted)
    if missing := sorted(wanted - set(rows)):
        OnHand.objects.bulk_create(
            [OnHand(item_id=item, warehouse_id=warehouse) for item, warehouse in missing],
            ignore_conflicts=True,
        )
        rows |= _lock(set(missing))
    return rows


def _lock(wanted: set[tuple[int, int]]) -> dict[tuple[int, int], OnHand]:
    """Those of the rows that exist, locked in the order of item and warehouse."""
    places = [Q(item=item, warehouse=warehouse) for item, warehouse in sorted(wanted)]
    rows = OnHand.objects.select_for_update(of=("self",), no_key=True).filter(reduce(or_, places))
    return {(row.item_id, row.warehouse_id): row for row in rows.order_by("item_id", "warehouse_id")}


def change(row: OnHand, warehouse: Warehouse, quantity: Decimal, value: Decimal) -> None:
    """Change what lies there. Raises Refused where the warehouse may not go below zero."""
    add(row, warehouse, quantity, value)
    with refusing(
        onhand_not_below_zero=_("The warehouse %(code)s may not go below zero.") % {"code": warehouse.code}
    ):
        row.save(update_fields=COLUMNS)


def add(row: OnHand, warehouse: Warehouse, quantity: Decimal, value: Decimal) -> None:
    """Change the row, unsaved."""
    row.quantity += quantity
    row.value += value
    # A warehouse that was below zero may be filled again after the permission is taken from it.
    row.may_be_negative = warehouse.allows_negative or quantity > 0


#: What `add` changes.
COLUMNS = ["quantity", "value", "may_be_negative"]


def write(
    row: OnHand,
    kind: str,
    quantity: Decimal,
    value: Decimal,
    *,
    on: date,
    by: User | None,
    text: str = "",
    subject: str = "",
    key: int | None = None,
    lot: Lot | None = None,
) -> StockMove:
    """The movement behind a change of the row; `key` is that of its voucher, which may not exist yet."""
    move = move_of(row, kind, quantity, value, on=on, by=by, text=text, subject=subject, key=key, lot=lot)
    move.save(force_insert=True)
    return move


def move_of(
    row: OnHand,
    kind: str,
    quantity: Decimal,
    value: Decimal,
    *,
    on: date,
    by: User | None,
    text: str,
    subject: str,
    key: int | None,
    lot: Lot | None = None,
) -> StockMove:
    """As `write`, unsaved."""
    return StockMove(
        item_id=row.item_id,
        warehouse_id=row.warehouse_id,
        kind=kind,
        lot=lot,
        moved_on=on,
        quantity=quantity,
        value=value,
        text=text[:160],
        subject=subject,
        voucher_id=key,
        made_by=by,
    )


def free(row: OnHand, warehouse: Warehouse, *, is_kept: bool = False) -> Decimal:
    """What may be taken: nothing that is set aside for somebody, nor where the warehouse keeps it what is reserved.

    `is_kept`: for whom some of it is reserved himself, whose claim is as good as the others'.
    """
    return row.quantity - (row.reserved if warehouse.keeps_reserved and not is_kept else row.set_aside)


def check_free(
    row: OnHand, item: Item, warehouse: Warehouse, quantity: Decimal, *, is_kept: bool = False
) -> None:
    """Raises Refused where less than the quantity is free, naming for whom the rest is kept.

    A warehouse that may go below zero does not know what lies in it, so it gives always.
    """
    left = free(row, warehouse, is_kept=is_kept)
    if quantity <= left or warehouse.allows_negative:
        return
    if quantity > row.quantity:
        raise Refused(too_little(row, item, warehouse))
    raise Refused(kept(left, item, warehouse))


def kept(left: Decimal, item: Item, warehouse: Warehouse) -> str:
    """That goods are there but kept, and for whom."""
    return _(
        "Only %(left)s %(unit)s of %(item)s are free in %(warehouse)s; the others are kept for %(whom)s."
    ) % {
        "left": number_format(max(left, ZERO).normalize()),
        "unit": item.unit.code,
        "item": item,
        "warehouse": warehouse,
        "whom": kept_for(item, warehouse),
    }


def too_little(row: OnHand, item: Item, warehouse: Warehouse) -> str:
    """That less is there than was asked for, and how much."""
    return _("Only %(left)s %(unit)s of %(item)s are on hand in %(warehouse)s.") % {
        "left": number_format((row.quantity or ZERO).normalize()),
        "unit": item.unit.code,
        "item": item,
        "warehouse": warehouse,
    }
