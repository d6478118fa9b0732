"""Goods that were used and posted, and of which a part comes back: stock, cost and sales in proportion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from servicemgmt.core.audit import subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, round_money, split
from servicemgmt.inventory.lots import numbers_in
from servicemgmt.inventory.models import StockMove
from servicemgmt.inventory.operations import give_back, hold
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, post_vouchers
from servicemgmt.masterdata.queries import company

from ..billing.approval import is_credit_approved
from ..models import Coverage, Invoice, InvoiceProposal, LineKind, Transaction, TransactionStatus
from .credits import credit_invoice, left_of, propose_credit
from .reversing import COPIED, moves_of, opposite_entries

#: Work that is not on an invoice: what comes back makes it less, and the next invoice has both.
OPEN = [TransactionStatus.POSTED]
#: Work that is on an invoice: what comes back is cost only, and a credit note gives back what was charged.
INVOICED = [TransactionStatus.INVOICED, TransactionStatus.CREDITED]


@dataclass(frozen=True, slots=True)
class Returned:
    """What a return made: the transaction that adjusts the use, and the credit note where it was invoiced.

    Where credit notes need a second person it is the draft of one.
    """

    transaction: Transaction
    credit_note: Invoice | InvoiceProposal | None


@transaction.atomic
def return_goods(
    transaction_id: int,
    quantity: Decimal,
    *,
    on: date,
    by: User | None,
    at: datetime,
    text: str = "",
    lot: str = "",
) -> Returned:
    """Bring a part of posted goods back to where they came from, at the cost they left with, dated `on`.

    Not invoiced, the adjusting transaction takes cost and sales back in proportion; parts add up to the whole exactly.
    Invoiced, it takes back the cost, and a credit note gives back the same part of the invoice's line, at most what is
    left of it. Of several serial pieces `lot` names those that come back, unless all do. Raises Invalid for a quantity
    not above zero and for pieces that are not out (fields `quantity`, `lot`), Refused for more than is left, for what
    is no goods from stock, stands in a proposal or was taken back, and for closed periods.
    """
    row = lock_used(transaction_id)
    moves = moves_of(row)
    if not moves:
        raise Refused(_("“%(text)s” did not come from stock.") % {"text": row.text})
    left = left_to_return(row)
    if quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    if quantity > left:
        raise Invalid(
            _("At most %(left)s can come back.") % {"left": number_format(left.normalize())}, field="quantity"
        )
    back = moves if len(moves) == 1 else _pieces_back(row, moves, quantity, lot)
    hold([(move.item, move.warehouse) for move in back])
    is_invoiced = row.status in INVOICED
    mirror = _mirror(row, quantity, left, is_invoiced=is_invoiced, text=text)
    mirror.posted_at, mirror.posted_by = at, by
    draft = _voucher(row, mirror, back, quantity, on=on, by=by)
    with refusing(transaction_returns_no_more_than_was_used=_("More came back meanwhile than is left.")):
        mirror.save(force_insert=True)
    post_vouchers([draft], by=by)
    note = _credit(row, quantity, left, on=on, by=by, at=at, text=text) if is_invoiced else None
    return Returned(mirror, note)


def lock_used(transaction_id: int) -> Transaction:
    """The posted use of goods under its lock. Raises Refused where none of it can come back."""
    row: Transaction = (
        Transaction.objects.select_for_update(of=("self",), no_key=True)
        .select_related("category", "item__unit", "currency", "voucher__currency")
        .get(pk=transaction_id)
    )
    if row.kind != LineKind.ITEM or row.quantity <= 0 or row.status not in [*OPEN, *INVOICED]:
        raise Refused(
            _("“%(text)s” cannot come back to stock: it is %(status)s.")
            % {"text": row.text, "status": row.get_status_display().lower()}
        )
    return row


def left_to_return(row: Transaction) -> Decimal:
    """How much of posted goods has not come back."""
    back = row.adjustments.aggregate(total=Sum("quantity"))["total"] or ZERO
    return row.quantity + back


def pieces_out(row: Transaction) -> list[str]:
    """The serial numbers of posted goods that have not come back; none where they were not several pieces."""
    moves = moves_of(row)
    return [] if len(moves) == 1 else [move.lot.number for move in _out(row, moves) if move.lot]


def _out(row: Transaction, moves: Sequence[StockMove]) -> list[StockMove]:
    """The moves of single pieces that no later return has taken back."""
    subjects = [subject_of(back) for back in row.adjustments.all()]
    gone = set(StockMove.objects.filter(subject__in=subjects).values_list("lot", flat=True))
    return [move for move in moves if move.lot_id not in gone]


def _pieces_back(
    row: Transaction, moves: Sequence[StockMove], quantity: Decimal, text: str
) -> list[StockMove]:
    """The moves of the pieces that come back: those named, or all. Raises Invalid (field `lot`)."""
    out = {move.lot.number: move for move in _out(row, moves) if move.lot}
    numbers = numbers_in(text) or (list(out) if quantity == len(out) else [])
    if len(set(numbers)) != quantity or len(numbers) != quantity or not set(numbers) <= out.keys():
        raise Invalid(
            _("Name each piece that comes back by its serial number: %(numbers)s.")
            % {"numbers": ", ".join(out)},
            field="lot",
        )
    return [out[number] for number in numbers]


def part_of(total: Decimal, of: Decimal, left: Decimal, quantity: Decimal, digits: int) -> Decimal:
    """The part of an amount that `quantity` takes where `left` of `of` is still there; all parts add up to it. Pure."""

    def up_to(gone: Decimal) -> Decimal:
        return total if gone == of else round_money(total * gone / of, digits)

    return up_to(of - left + quantity) - up_to(of - left)


def _mirror(
    row: Transaction, quantity: Decimal, left: Decimal, *, is_invoiced: bool, text: str
) -> Transaction:
    def part(amount: Decimal, digits: int) -> Decimal:
        return -part_of(amount, row.quantity, left, quantity, digits)

    copied = {name: getattr(row, name) for name in COPIED}
    if is_invoiced:
        copied |= {"coverage": Coverage.COVERED, "sales_price": ZERO}
    copied["text"] = text[:250] or _("Return of %(text)s") % {"text": row.text[:200]}
    mirror = Transaction(pk=take_keys(Transaction, 1)[0], adjusts=row, quantity=-quantity, **copied)
    mirror.cost_amount = part(row.cost_amount, company().currency.digits)
    if not is_invoiced:
        mirror.sales_amount = part(row.sales_amount, row.currency.digits)
        mirror.covered_amount = part(row.covered_amount, row.currency.digits)
    return mirror


def _voucher(
    row: Transaction,
    mirror: Transaction,
    moves: Sequence[StockMove],
    quantity: Decimal,
    *,
    on: date,
    by: User | None,
) -> VoucherDraft:
    """Dr stock / Cr cost for the part, on the accounts of the original; variance where stock was below zero."""
    original = row.voucher
    assert original
    key = take_keys(Voucher, 1)[0]
    mirror.voucher_id = key
    values = split(-mirror.cost_amount, [1] * len(moves), company().currency.digits)
    off = ZERO
    for move, value in zip(moves, values, strict=True):
        off += give_back(
            move.item,
            move.warehouse,
            quantity / len(moves),
            value=value,
            on=on,
            by=by,
            subject=subject_of(mirror),
            text=mirror.text,
            voucher_key=key,
            lot=move.lot,
        ).variance
    worth = abs(mirror.cost_amount)
    lines = [
        line._replace(
            amount=_sign(line.amount) * worth,
            company_amount=_sign(line.company_amount) * worth,
            text=mirror.text,
        )
        for line in opposite_entries(row, mirror)
    ]
    code = row.category.code
    lines += [
        VoucherLine(PostingPurpose.STOCK_VARIANCE, off, off, subject=subject_of(mirror), category_code=code),
        VoucherLine(PostingPurpose.STOCK, -off, -off, subject=subject_of(mirror), category_code=code),
    ]
    return VoucherDraft(
        on=on,
        text=_("Goods back from %(voucher)s") % {"voucher": original.number},
        source=original.source,
        currency=original.currency,
        lines=lines,
        subject=original.subject,
        label=original.subject_label,
        key=key,
    )


def _sign(amount: Decimal) -> int:
    return (amount > 0) - (amount < 0)


def _credit(
    row: Transaction,
    quantity: Decimal,
    left: Decimal,
    *,
    on: date,
    by: User | None,
    at: datetime,
    text: str,
) -> Invoice | InvoiceProposal | None:
    """The credit note over the part, or its draft where another posts it; None where nothing is left to give back."""
    invoice = row.invoice
    line = invoice.lines.filter(transaction=row).first() if invoice else None
    if invoice is None or line is None:
        return None
    part = part_of(line.net, row.quantity, left, quantity, row.currency.digits)
    open_net = left_of(invoice).get(line.pk, ZERO)
    amount = min(part, open_net) if part > 0 else max(part, open_net)
    if not amount:
        return None
    reason = text or _("Goods back: %(text)s") % {"text": row.text}
    credit = propose_credit if is_credit_approved() else credit_invoice
    return credit(invoice.pk, on=on, by=by, at=at, text=reason[:160], amounts={line.pk: amount})
