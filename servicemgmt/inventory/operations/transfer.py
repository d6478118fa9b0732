"""Goods that change their place: into a van, and what was not needed back from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, event_of, plain, record_all
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event, User
from servicemgmt.core.money import ZERO, check_size
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, post_vouchers
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company

from ..lots import lot_of, move_lot, pieces
from ..models import MoveKind, OnHand, Warehouse
from ..on_hand import change, check_free, locked_all, value_out, worth_after, write
from ..vouchers import draft_of, line_of
from .goods import not_kept


@dataclass(frozen=True, slots=True)
class Transfer:
    """Goods of one item that go from one warehouse to another; `lot` is the batch or serial number of a tracked one.

    `is_kept`: they are for somebody for whom they are reserved.
    """

    item: Item
    source: Warehouse
    target: Warehouse
    quantity: Decimal
    lot: str = ""
    is_kept: bool = False


def transfer(
    item: Item,
    source: Warehouse,
    target: Warehouse,
    quantity: Decimal,
    *,
    on: date,
    by: User | None,
    text: str = "",
    subject: str = "",
    lot: str = "",
) -> Decimal:
    """Move goods between warehouses and return the value moved; see `transfer_all`. `lot` may name several pieces."""
    moved = [Transfer(item, source, target, part, number) for number, part in pieces(item, quantity, lot)]
    return sum(transfer_all(moved, on=on, by=by, text=text, subject=subject), ZERO)


@transaction.atomic
def transfer_all(
    transfers: Sequence[Transfer],
    *,
    on: date,
    by: User | None,
    text: str = "",
    subject: str = "",
    kind: str = MoveKind.TRANSFER,
) -> list[Decimal]:
    """Move goods between warehouses at the average of where they come from; the values moved, in company currency.

    All on-hand rows are locked first, in the order of item and warehouse. Stock stays stock, so there is no voucher,
    unless a target was below zero: what its goods were costed at another price goes to stock differences.
    Raises Refused where too little is on hand, or what is kept for others is left, and the source may not go below
    zero; Invalid for the same warehouse
    twice or a quantity not above zero. All or nothing.
    """
    for asked in transfers:
        _check(asked)
    rows = locked_all((asked.item, place) for asked in transfers for place in (asked.source, asked.target))
    values: list[Decimal] = []
    drafts: list[VoucherDraft] = []
    for asked in transfers:
        value, draft = _move(asked, rows, kind, on=on, by=by, text=text, subject=subject)
        values.append(value)
        drafts += [draft] if draft else []
    post_vouchers(drafts, by=by)
    action = "stock_returned" if kind == MoveKind.RETURN else "stock_transferred"
    record_all(_event(action, asked, by) for asked in transfers)
    return values


def return_unused(
    transfers: Sequence[Transfer], *, on: date, by: User | None, text: str = ""
) -> list[Decimal]:
    """Bring parts that were not used back, such as from a van into the store, at the average they have there.

    As `transfer_all`, told apart from it in the movements. Raises Invalid where nothing is brought back.
    """
    if not transfers:
        raise Invalid(_("Enter how much of a part comes back."))
    return transfer_all(transfers, on=on, by=by, text=text, kind=MoveKind.RETURN)


def _check(asked: Transfer) -> None:
    if asked.source.pk == asked.target.pk:
        raise Invalid(_("Choose two different warehouses."), field="target")
    if asked.quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    check_size(asked.quantity)
    if not asked.item.is_stocked:
        raise Refused(not_kept(asked.item))


def _move(
    asked: Transfer,
    rows: dict[tuple[int, int], OnHand],
    kind: str,
    *,
    on: date,
    by: User | None,
    text: str,
    subject: str,
) -> tuple[Decimal, VoucherDraft | None]:
    """Both halves of a transfer; the value that left, and the voucher where less or more of it arrived."""
    item, source, target, quantity = asked.item, asked.source, asked.target, asked.quantity
    giving, taking = rows[item.pk, source.pk], rows[item.pk, target.pk]
    check_free(giving, item, source, quantity, is_kept=asked.is_kept)
    lot = lot_of(item, asked.lot, quantity)
    value = value_out(giving, item, quantity)
    added = worth_after(taking, quantity, value) - taking.value
    key = take_keys(Voucher, 1)[0] if added != value else None
    for row, place, sign, worth in ((giving, source, -1, value), (taking, target, 1, added)):
        move_lot(lot, item, place, sign * quantity)
        change(row, place, sign * quantity, sign * worth)
        write(
            row,
            kind,
            sign * quantity,
            sign * worth,
            on=on,
            by=by,
            text=text,
            subject=subject,
            key=key,
            lot=lot,
        )
    if key is None:
        return value, None
    off = value - added
    lines = [line_of(PostingPurpose.STOCK_VARIANCE, off), line_of(PostingPurpose.STOCK, -off)]
    label = f"{source.code} → {target.code}"
    return value, draft_of(key, on, text or str(item), company().currency, lines, item, label)


def _event(action: str, asked: Transfer, by: User | None) -> Event:
    changes: Changes = {
        "quantity": [None, plain(asked.quantity)],
        "warehouse": [asked.source.code, asked.target.code],
    }
    if asked.lot:
        changes["lot"] = [None, asked.lot]
    return event_of(action, asked.item, by=by, changes=changes)
