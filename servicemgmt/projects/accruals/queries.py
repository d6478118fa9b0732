"""Reading deferred revenue: what is due, and what a run would do."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, DateField, F, Min, Sum, When
from django.db.models.functions import TruncMonth

from servicemgmt.ledger.days import LedgerDays

from ..models import AccrualSlice, SliceQuerySet, SliceStatus


def slices_due(
    until: date, *, rule: int | None = None, customer: int | None = None, transaction: int | None = None
) -> SliceQuerySet:
    """The slices to recognise up to a posting date: open, and over by then (SB-20). The preview and the run ask this.

    Only invoiced work has slices, so nothing is recognised before its invoice (billing-rules 45).
    """
    rows = AccrualSlice.objects.filter(status=SliceStatus.OPEN, ends_on__lte=until)
    if rule:
        rows = rows.filter(rule=rule)
    if customer:
        rows = rows.filter(line__invoice__customer=customer)
    if transaction:
        rows = rows.filter(transaction=transaction)
    return rows


@dataclass(frozen=True, slots=True)
class DueMonth:
    """What a run would recognise of one month in one currency; `posted_on` None: in the month itself."""

    month: date
    currency: str
    count: int
    amount: Decimal
    company_amount: Decimal
    posted_on: date | None


def due_months(rows: SliceQuerySet) -> list[DueMonth]:
    """The preview of a run, by month of the slices' last day. Refused where no month is open for one.

    What is over before its invoice, and what ends in a closed month, is apart: `posted_on` says when it is posted.
    """
    calendar = LedgerDays.read()
    invoiced_on = F("line__invoice__voucher__posted_on")
    found = (
        rows.annotate(
            month=TruncMonth("ends_on"),
            late_on=Case(When(ends_on__lt=invoiced_on, then=invoiced_on), output_field=DateField()),
        )
        .values("month", "late_on", "transaction__currency__code")
        .annotate(
            count=Count("pk"), total=Sum("amount"), company_total=Sum("company_amount"), first=Min("ends_on")
        )
        .order_by("month", "late_on", "transaction__currency__code")
    )
    months = []
    for row in found:
        day = calendar.of(row["late_on"] or row["first"], moves=True)
        months.append(
            DueMonth(
                row["month"],
                row["transaction__currency__code"],
                row["count"],
                row["total"],
                row["company_total"],
                None if day == row["first"] else day,
            )
        )
    return months
