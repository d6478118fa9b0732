"""Stock movements at moving average, under the lock of the on-hand row."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, record, subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.core.money import round_money
from servicemgmt.ledger.keys import take_keys
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, post_vouchers
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company

from .models import MoveKind, StockMove, Warehouse
from .on_hand import change, locked, too_little, value_out, worth_after, write


@dataclass(frozen=True, slots=True)
class Moved:
    """What a movement into stock did: the row, and how much of the value given was not stock value (see `receive`)."""

    move: StockMove
    variance: Decimal


@transaction.atomic
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
) -> StockMove:
    """Take goods into stock; `value` is their total cost in company currency, rounded here to its digits.

    Posts Dr stock / Cr goods received. Where stock was below zero, the goods already consumed were costed at another
    price: that part of the value goes to stock differences, so that nothing on hand is worth nothing.
    Raises Invalid for a quantity or value below zero, Refused for items not kept in stock, closed periods and a
    posting profile without the account.
    """
    if quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    if value < 0:
        raise Invalid(_("Enter a value of zero or more."), field="value")
    firm = company()
    key = take_keys(Voucher, 1)[0]
    value = round_money(value, firm.currency.digits)
    moved = bring_in(
        item,
        warehouse,
        quantity,
        value=value,
        kind=MoveKind.RECEIPT,
        on=on,
        by=by,
        text=text,
        subject=subject,
        voucher_key=key,
    )
    lines = [
        _line(PostingPurpose.STOCK, moved.move.value),
        _line(PostingPurpose.STOCK_VARIANCE, moved.variance),
        _line(PostingPurpose.STOCK_OFFSET, -value),
    ]
    label = f"{item.number} · {warehouse.code}"
    draft = _draft(key, on, text or _("Receipt of %(item)s") % {"item": item}, lines, item, label)
    post_vouchers([draft], by=by)
    record(
        "stock_received",
        item,
        by=by,
        changes={"quantity": [None, plain(quantity)], "value": [None, plain(value)]},
    )
    return moved.move


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
) -> Decimal:
    """Take goods out of stock and return their value in company currency: the average of today, rounded half up.

    The last unit takes whatever value is left. Waits for others who move the same item in the same warehouse. The
    caller posts the voucher (`voucher_key` is its key) and leaves the Event.
    Raises Refused where less is on hand and the warehouse may not go below zero, Invalid for a quantity not above zero.
    """
    if quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    row = locked(item, warehouse)
    if quantity > row.quantity and not warehouse.allows_negative:
        raise Refused(too_little(row, item, warehouse))
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
) -> Moved:
    """Put goods that were consumed back, at the value they went out with. The caller posts the voucher."""
    return bring_in(
        item,
        warehouse,
        quantity,
        value=value,
        kind=MoveKind.RETURN,
        on=on,
        by=by,
        text=text,
        subject=subject,
        voucher_key=voucher_key,
    )


@transaction.atomic
def transfer(
    item: Item,
    source: Warehouse,
    target: Warehouse,
    quantity: Decimal,
    *,
    on: date,
    by: User | None,
    text: str = "",
) -> Decimal:
    """Move goods between warehouses at their average; returns the value moved.

    Stock stays stock, so there is no voucher, unless the target was below zero (see `receive`).
    Raises Refused where too little is on hand, Invalid for the same warehouse twice or a quantity not above zero.
    """
    if source.pk == target.pk:
        raise Invalid(_("Choose two different warehouses."), field="target")
    if quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    rows = {w.pk: locked(item, w) for w in sorted((source, target), key=lambda w: w.pk)}
    giving, taking = rows[source.pk], rows[target.pk]
    if quantity > giving.quantity:
        raise Refused(too_little(giving, item, source))
    value = value_out(giving, item, quantity)
    added = worth_after(taking, quantity, value) - taking.value
    key = take_keys(Voucher, 1)[0] if added != value else None
    for row, warehouse, sign, worth in ((giving, source, -1, value), (taking, target, 1, added)):
        change(row, warehouse, sign * quantity, sign * worth)
        write(row, MoveKind.TRANSFER, sign * quantity, sign * worth, on=on, by=by, text=text, key=key)
    if key:
        lines = [
            _line(PostingPurpose.STOCK_VARIANCE, value - added),
            _line(PostingPurpose.STOCK, added - value),
        ]
        post_vouchers(
            [_draft(key, on, text or str(item), lines, item, f"{source.code} → {target.code}")], by=by
        )
    moved = {"quantity": [None, plain(quantity)], "warehouse": [source.code, target.code]}
    record("stock_transferred", item, by=by, changes=moved)
    return value


def bring_in(
    item: Item,
    warehouse: Warehouse,
    quantity: Decimal,
    *,
    value: Decimal,
    kind: str,
    on: date,
    by: User | None,
    text: str,
    subject: str,
    voucher_key: int | None,
) -> Moved:
    """Add quantity and value to the on-hand row; what the value exceeds the worth of what is then there is variance."""
    if not item.is_stocked:
        raise Refused(_("%(item)s is not kept in stock.") % {"item": item})
    row = locked(item, warehouse)
    worth = worth_after(row, quantity, value)
    added = worth - row.value
    change(row, warehouse, quantity, added)
    move = write(row, kind, quantity, added, on=on, by=by, text=text, subject=subject, key=voucher_key)
    return Moved(move, value - added)


def _draft(key: int, on: date, text: str, lines: list[VoucherLine], item: Item, label: str) -> VoucherDraft:
    return VoucherDraft(
        on=on,
        text=text,
        source="inventory",
        currency=company().currency,
        lines=lines,
        subject=subject_of(item),
        label=label,
        key=key,
    )


def _line(purpose: str, value: Decimal) -> VoucherLine:
    return VoucherLine(purpose, value, value)
