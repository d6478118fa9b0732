"""Reading deferred revenue: what is due, what a run would do, and the roll-forward."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import TruncMonth

from servicemgmt.core.money import ZERO
from servicemgmt.ledger.days import LedgerDays

from ..models import AccrualKind, AccrualPosting, AccrualSlice, SliceQuerySet, SliceStatus


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
    """The preview of a run, by month of the slices' last day. Refused where no month is open for one."""
    calendar = LedgerDays.read()
    found = (
        rows.annotate(month=TruncMonth("ends_on"))
        .values("month", "transaction__currency__code")
        .annotate(
            count=Count("pk"), total=Sum("amount"), company_total=Sum("company_amount"), first=Min("ends_on")
        )
        .order_by("month", "transaction__currency__code")
    )
    months = []
    for row in found:
        day = calendar.of(row["first"], moves=True)
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


#: What a roll-forward can be grouped by, and where a posting says it.
GROUPS = {
    "agreement": "transaction__agreement_number",
    "project": "transaction__project__number",
    "customer": "line__invoice__customer__name",
}


@dataclass(slots=True)
class Rolled:
    """A line of the roll-forward in company currency (billing-rules 50)."""

    key: str
    opening: Decimal = ZERO
    invoiced: Decimal = ZERO
    recognised: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.invoiced - self.recognised - self.credited

    def add(self, other: "Rolled") -> None:
        self.opening += other.opening
        self.invoiced += other.invoiced
        self.recognised += other.recognised
        self.credited += other.credited


@dataclass(slots=True)
class RollForward:
    """The deferred revenue of each group over a range of days, and all of it."""

    rows: list[Rolled]
    total: Rolled = field(default_factory=lambda: Rolled(""))


def roll_forward(first: date, last: date, group: str) -> RollForward:
    """What was deferred before `first`, what was added and taken until `last` (both inclusive, ledger dates).

    Taken from the postings alone, so that the closing balance is that of the accounts the revenue waits on.
    """
    within = Q(voucher__posted_on__gte=first)

    def total(condition: Q) -> Sum:
        return Sum("company_amount", filter=condition, default=ZERO)

    found = (
        AccrualPosting.objects.filter(voucher__posted_on__lte=last)
        .values(key=F(GROUPS[group]))
        .annotate(
            opening=total(~within),
            invoiced=total(within & Q(kind=AccrualKind.DEFERRED)),
            recognised=total(within & Q(kind__in=[AccrualKind.RECOGNISED, AccrualKind.REVERSED])),
            credited=total(within & Q(kind=AccrualKind.CREDITED)),
        )
        .order_by("key")
    )
    rows = [
        Rolled(row["key"], row["opening"], row["invoiced"], -row["recognised"], -row["credited"])
        for row in found
    ]
    rows = [row for row in rows if row.opening or row.invoiced or row.recognised or row.credited]
    answer = RollForward(rows)
    for row in rows:
        answer.total.add(row)
    return answer
