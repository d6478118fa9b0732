"""What settling items with each other comes to. Nothing here writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.ledger.models import PostingPurpose
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine

from ..models import CustomerItem, Settlement


def share(item: CustomerItem, amount: Decimal, home_digits: int) -> Decimal:
    """The part of what is open of the item in company currency that `amount` of it is; both positive."""
    if amount == abs(item.open):
        return abs(item.company_open)
    return round_money(abs(item.company_open) * amount / abs(item.open), home_digits)


def shares(
    debit: CustomerItem, credit: CustomerItem, amount: Decimal, home_digits: int
) -> tuple[Decimal, Decimal]:
    """Company amounts of both sides. At the same rate the side that stays open takes what the other one is, as far
    as it can, so that no difference comes from rounding alone while something is left to take it."""
    of_debit, of_credit = share(debit, amount, home_digits), share(credit, amount, home_digits)
    if debit.exchange_rate != credit.exchange_rate:
        return of_debit, of_credit
    if amount < abs(debit.open):
        return min(of_credit, debit.company_open), of_credit
    if amount < abs(credit.open):
        return of_debit, min(of_debit, -credit.company_open)
    return of_debit, of_credit


@dataclass(slots=True)
class Settling:
    """Settlements made in one transaction: the rows, the items they change, and the vouchers of the differences.

    `on` is the ledger's day of all of them, `meant_on` the one that was asked for.
    """

    on: date
    meant_on: date
    by: User | None
    home_digits: int
    keys: list[int]
    rows: list[Settlement] = field(default_factory=list)
    vouchers: list[VoucherDraft] = field(default_factory=list)
    items: dict[int, CustomerItem] = field(default_factory=dict)

    def settle(self, one: CustomerItem, other: CustomerItem, amount: Decimal) -> Settlement:
        """Settle `amount` (positive) of two items of opposite sign; lowers what is open of both."""
        debit, credit = (one, other) if one.open > 0 else (other, one)
        of_debit, of_credit = shares(debit, credit, amount, self.home_digits)
        row = Settlement(
            debit=debit,
            credit=credit,
            on=self.on,
            amount=amount,
            debit_company=of_debit,
            credit_company=of_credit,
            difference=of_debit - of_credit,
            settled_by=self.by,
        )
        if row.difference:
            row.voucher_id = self.keys.pop()
            self.vouchers.append(difference_voucher(row, self.meant_on))
        self._take(row)
        return row

    def undo(self, settled: Settlement, reversal: VoucherDraft | None) -> Settlement:
        """The mirrored row of a settlement; opens both items again. `reversal` takes back its difference."""
        row = Settlement(
            debit=settled.debit,
            credit=settled.credit,
            on=self.on,
            amount=-settled.amount,
            debit_company=-settled.debit_company,
            credit_company=-settled.credit_company,
            difference=-settled.difference,
            voucher_id=reversal.key if reversal else None,
            undoes=settled,
            settled_by=self.by,
        )
        if reversal:
            self.vouchers.append(reversal)
        self._take(row)
        return row

    def _take(self, row: Settlement) -> None:
        row.debit.open -= row.amount
        row.debit.company_open -= row.debit_company
        row.credit.open += row.amount
        row.credit.company_open += row.credit_company
        self.rows.append(row)
        self.items |= {row.debit.pk: row.debit, row.credit.pk: row.credit}


def difference_voucher(row: Settlement, on: date) -> VoucherDraft:
    """What is left on the customer's account goes to the exchange differences; between equal rates to rounding."""
    same_rate = row.debit.exchange_rate == row.credit.exchange_rate
    names = {"debit": row.debit.label, "credit": row.credit.label}
    text = _("Rounding difference") if same_rate else _("Exchange difference")
    subject = document_of(row.credit)
    return VoucherDraft(
        on=on,
        text=f"{text} {_('%(debit)s with %(credit)s') % names}",
        source="payments",
        currency=row.debit.currency,
        lines=[
            VoucherLine(
                PostingPurpose.RECEIVABLE,
                ZERO,
                -row.difference,
                text=row.debit.label,
                customer_id=row.debit.customer_id,
                subject=document_of(row.debit),
            ),
            VoucherLine(
                PostingPurpose.ROUNDING if same_rate else PostingPurpose.EXCHANGE,
                ZERO,
                row.difference,
                text=row.credit.label,
                subject=subject,
            ),
        ],
        subject=subject,
        label=row.credit.label,
        key=row.voucher_id,
    )


def document_of(item: CustomerItem) -> str:
    """The subject of the invoice, credit note or payment behind an item; itself where there is none."""
    if item.invoice_id:
        return f"invoice:{item.invoice_id}"
    return f"payment:{item.payment_id}" if item.payment_id else f"customeritem:{item.pk}"


def oldest_first(items: list[CustomerItem], amount: Decimal) -> Mapping[int, Decimal]:
    """What a payment settles by itself: the items by due date, each as far as the money reaches; by the item's key."""
    found: dict[int, Decimal] = {}
    for item in sorted(items, key=lambda row: (row.due_on, row.pk)):
        part = min(abs(item.open), amount - sum(found.values(), ZERO))
        if part > 0:
            found[item.pk] = part
    return found
