"""What recognising slices comes to: entries and postings. Nothing here writes."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format

from servicemgmt.core.money import ZERO
from servicemgmt.ledger.models import Account
from servicemgmt.ledger.operations import VoucherLine

from ..models import AccrualKind, AccrualPosting, AccrualSlice, SliceStatus


def recognition_lines(slices: Iterable[AccrualSlice], *, sign: int = 1) -> list[VoucherLine]:
    """Dr deferred revenue / Cr accrued revenue for the slices, summed by transaction (SB-20); `sign` -1 takes back."""
    sums: dict[tuple[int, Account, Account], tuple[Decimal, Decimal]] = {}
    days: dict[int, tuple[date, date]] = {}
    for row in slices:
        key = row.transaction_id, row.deferred_account, row.revenue_account
        amount, company_amount = sums.get(key, (ZERO, ZERO))
        sums[key] = amount + row.amount, company_amount + row.company_amount
        start, end = days.get(row.transaction_id, (row.starts_on, row.ends_on))
        days[row.transaction_id] = min(start, row.starts_on), max(end, row.ends_on)
    return [
        VoucherLine(
            account,
            side * sign * amount,
            side * sign * company_amount,
            text=" – ".join(date_format(day) for day in days[transaction]),
            subject=f"transaction:{transaction}",
        )
        for (transaction, deferred, revenue), (amount, company_amount) in sums.items()
        for account, side in ((deferred, 1), (revenue, -1))
    ]


def recognised(slices: Iterable[AccrualSlice], voucher: int) -> None:
    """Mark the slices as recognised by the voucher of that key; not saved."""
    for row in slices:
        row.status, row.voucher_id = SliceStatus.POSTED, voucher


def postings_of(slices: Sequence[AccrualSlice], kind: AccrualKind, *, sign: int = -1) -> list[AccrualPosting]:
    """What the vouchers of the slices do to the deferred balance: recognising takes from it (`sign` -1)."""
    return [
        AccrualPosting(
            transaction_id=row.transaction_id,
            line_id=row.line_id,
            kind=kind,
            meant_on=row.ends_on,
            amount=sign * row.amount,
            company_amount=sign * row.company_amount,
            voucher_id=row.voucher_id,
        )
        for row in slices
        if row.voucher_id
    ]
