"""Goods that come in, go out and come back, at moving average, under the lock of the on-hand row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, event_of, plain, record_all
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event, User
from servicemgmt.core.money import check_size, round_money, split
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import post_vouchers
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company

from ..lots import lot_of, missing, move_lot, pieces
from ..models import Lot, MoveKind, OnHand, StockMove, Warehouse
from ..on_hand import (
    COLUMNS,
    add,
    change,
    check_free,
    locked,
    locked_all,
    move_of,
    value_out,
    worth_after,
    write,
)
from ..vouchers import draft_of, line_of


@dataclass(frozen=True, slots=True)
class Moved:
    """What a movement into stock did: the row, and how much of the value given was not stock value (see `receive`)."""

    move: StockMove
    variance: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that come into a warehouse; `value` is their total cost in company currency, `lot` the number of the batch
    or of the one piece where the item is tracked."""

    item: Item
    warehouse: Warehouse
    quantity: Decimal
    value: Decimal
    lot: str = ""


def receive(
    item: Item,
    warehouse: Warehouse,
    quantity: Decimal,
    *,
    value: Decimal,
    on: date,
    by: User | None,
    text: str = "",
    subject: str = "",
    lot: str = "",
) -> StockMove:
    """Take goods into stock; see `receive_all`. Several serial numbers in `lot` share the value; the first's move."""
    numbered = pieces(item, quantity, lot)
    values = [value]
    if len(numbered) > 1:
        values = split(value, [part for _number, part in numbered], company().currency.digits)
    receipts = [
        Receipt(item, warehouse, part, worth, number)
        for (number, part), worth in zip(numbered, values, strict=True)
    ]
    return receive_all(receipts, on=on, by=by, text=text, subject=subject)[0]


@transaction.atomic
def receive_all(
    receipts: Sequence[Receipt], *, on: date, by: User | None, text: str = "", subject: str = ""
) -> list[StockMove]:
    """Take goods into stock, their values rounded here to the company currency's digits; the moves in that order.

    Posts Dr stock / Cr goods received for each. Where stock was below zero, the goods already consumed were costed at
    another price: that part of the value goes to stock differences, so that nothing on hand is worth nothing.
    Raises Invalid for a quantity or value below zero, Refused for items not kept in stock, closed periods and a
    posting profile without the account.
    """
    currency = company().currency
    receipts = [checked(receipt, currency.digits) for receipt in receipts]
    rows = locked_all((receipt.item, receipt.warehouse) for receipt in receipts)
    moves, drafts = [], []
    for receipt, key in zip(receipts, take_keys(Voucher, len(receipts)), strict=True):
        item, warehouse, quantity = receipt.item, receipt.warehouse, receipt.quantity
        row, lot = rows[item.pk, warehouse.pk], lot_of(item, receipt.lot, quantity, makes=True)
        move_lot(lot, item, warehouse, quantity)
        added = worth_after(row, quantity, receipt.value) - row.value
        add(row, warehouse, quantity, added)
        moves.append(
            move_of(
                row,
                MoveKind.RECEIPT,
                quantity,
                added,
                on=on,
                by=by,
                text=text,
                subject=subject,
                key=key,
                lot=lot,
            )
        )
        lines = [
            line_of(PostingPurpose.STOCK, added),
            line_of(PostingPurpose.STOCK_VARIANCE, receipt.value - added),
            line_of(PostingPurpose.STOCK_OFFSET, -receipt.value),
        ]
        told = text or _("Receipt of %(item)s") % {"item": item}
        drafts.append(draft_of(key, on, told, currency, lines, item, f"{item.number} · {warehouse.code}"))
    OnHand.objects.bulk_update(rows.values(), COLUMNS)
    StockMove.objects.bulk_create(moves)
    post_vouchers(drafts, by=by)
    record_all(received(receipt, by=by) for receipt in receipts)
    return moves


def checked(receipt: Receipt, digits: int) -> Receipt:
    """The receipt with its value rounded. Raises Invalid and Refused as `receive_all` says."""
    if receipt.quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    if receipt.value < 0:
        raise Invalid(_("Enter a value of zero or more."), field="value")
    check_size(receipt.quantity, receipt.value)
    if not receipt.item.is_stocked:
        raise Refused(not_kept(receipt.item))
    return replace(receipt, value=round_money(receipt.value, digits))


def received(receipt: Receipt, *, by: User | None) -> Event:
    changes: Changes = {
        "quantity": [None, plain(receipt.quantity)],
        "value": [None, plain(receipt.value)],
        "warehouse": [None, receipt.warehouse.code],
    }
    if receipt.lot:
        changes["lot"] = [None, receipt.lot]
    return event_of("stock_received", receipt.item, by=by, changes=changes)


@transaction.atomic
def consume(
    item: Item,
    warehouse: Warehouse,
    quantity: Decimal,
    *,
    on: date,
    by: User | None,
    subject: str = "",
    text: str = "",
    voucher_key: int | None = None,
    lot: str = "",
    is_kept: bool = False,
) -> Decimal:
    """Take goods out of stock and return their value in company currency: the average of today, rounded half up.

    The last unit takes whatever value is left; of a tracked item `lot` says which. Waits for others who move the same
    item in the same warehouse. The caller posts the voucher (`voucher_key` is its key) and leaves the Event.
    Raises Refused where less is on hand or it is kept for somebody else and the warehouse may not go below zero
    (`is_kept`: they are for whom they were), Invalid for a quantity not above zero.
    """
    if quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    row = locked(item, warehouse)
    check_free(row, item, warehouse, quantity, is_kept=is_kept)
    taken = lot_of(item, lot, quantity)
    move_lot(taken, item, warehouse, -quantity)
    value = value_out(row, item, quantity)
    change(row, warehouse, -quantity, -value)
    write(
        row,
        MoveKind.CONSUMPTION,
        -quantity,
        -value,
        on=on,
        by=by,
        text=text,
        subject=subject,
        key=voucher_key,
        lot=taken,
    )
    return value


@transaction.atomic
def give_back(
    item: Item,
    warehouse: Warehouse,
    quantity: Decimal,
    *,
    value: Decimal,
    on: date,
    by: User | None,
    subject: str = "",
    text: str = "",
    voucher_key: int | None = None,
    lot: Lot | None = None,
) -> Moved:
    """Put goods that were consumed back, at the value they went out with. The caller posts the voucher.

    What the value exceeds the worth of what is then there is variance. Raises Refused for items not kept in stock, and
    where the item is tracked now but the goods left without a number (`lot`).
    """
    if not item.is_stocked:
        raise Refused(not_kept(item))
    if item.is_tracked and lot is None:
        raise Refused(missing(item))
    lot = lot if item.is_tracked else None
    row = locked(item, warehouse)
    move_lot(lot, item, warehouse, quantity)
    added = worth_after(row, quantity, value) - row.value
    change(row, warehouse, quantity, added)
    move = write(
        row,
        MoveKind.RETURN,
        quantity,
        added,
        on=on,
        by=by,
        text=text,
        subject=subject,
        key=voucher_key,
        lot=lot,
    )
    return Moved(move, value - added)


def not_kept(item: Item) -> str:
    return _("%(item)s is not kept in stock.") % {"item": item}
