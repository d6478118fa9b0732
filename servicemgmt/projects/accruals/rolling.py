"""The roll-forward of deferred revenue: opening + invoiced − recognised − credited = closing (billing-rules 50)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from servicemgmt.core.money import ZERO
from servicemgmt.core.periods import Unit, step
from servicemgmt.ledger.models import Account, Entry, PostingProfile, PostingPurpose

from ..models import AccrualKind, AccrualPosting, AccrualSlice, SliceStatus

#: What lines can be grouped by: where a posting says its key, and what people call that.
GROUPS = {
    "agreement": ("transaction__agreement_number", "transaction__agreement_number"),
    "project": ("transaction__project", "transaction__project__number"),
    "customer": ("line__invoice__customer", "line__invoice__customer__name"),
}
SUMS = ("invoiced", "recognised", "credited")


@dataclass(slots=True)
class Rolled:
    """A line in company currency; `key` is a group's or the first day of a month."""

    key: Any
    label: str | date
    opening: Decimal = ZERO
    invoiced: Decimal = ZERO
    recognised: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.invoiced - self.recognised - self.credited

    @property
    def is_nothing(self) -> bool:
        return not (self.opening or self.invoiced or self.recognised or self.credited)


@dataclass(slots=True)
class RollForward:
    """The lines, and all of it together."""

    rows: list[Rolled]
    total: Rolled = field(default_factory=lambda: Rolled(None, ""))


def roll_forward(first: date, last: date, by: str) -> RollForward:
    """What was deferred before `first`, what was added and taken until `last` (both inclusive, ledger dates).

    By `month` each line opens with what the one before closes with; else each line is a group's whole range. Taken
    from the postings alone, so the closing balance is that of the accounts the revenue waits on.
    """
    return by_month(first, last) if by == "month" else by_group(first, last, by)


def by_group(first: date, last: date, by: str) -> RollForward:
    """A line for each agreement, project or customer that had deferred revenue in the range."""
    key, label = GROUPS[by]
    postings = AccrualPosting.objects.filter(voucher__posted_on__lte=last)
    found = with_sums(postings.values(group=F(key), called=F(label)), first).order_by("called", "group")
    rows = [line_of(row, row["group"], row["called"], row["opening"]) for row in found]
    answer = RollForward([row for row in rows if not row.is_nothing])
    answer.total.opening = sum((row.opening for row in answer.rows), ZERO)
    _add_up(answer)
    return answer


def by_month(first: date, last: date) -> RollForward:
    """A line for each calendar month that the range touches, quiet ones too."""
    postings = AccrualPosting.objects.filter(voucher__posted_on__lte=last)
    opening: Decimal = postings.filter(voucher__posted_on__lt=first).aggregate(
        sum=Sum("company_amount", default=ZERO)
    )["sum"]
    within = postings.filter(voucher__posted_on__gte=first)
    sums = with_sums(within.values(month=TruncMonth("voucher__posted_on")), first)
    found = {row["month"]: row for row in sums.order_by("month")}
    answer = RollForward([])
    answer.total.opening = opening
    month = first.replace(day=1)
    while month <= last:
        row = line_of(found.get(month, {}), month, month, opening)
        answer.rows.append(row)
        opening, month = row.closing, step(month, Unit.MONTH, 1)
    _add_up(answer)
    return answer


def with_sums(rows: QuerySet[Any, Any], first: date) -> QuerySet[Any, Any]:
    """Each group with its sums before `first` and from it on."""
    within = Q(voucher__posted_on__gte=first)

    def total(condition: Q) -> Sum:
        return Sum("company_amount", filter=condition, default=ZERO)

    return rows.annotate(
        opening=total(~within),
        invoiced=total(within & Q(kind=AccrualKind.DEFERRED)),
        recognised=total(within & Q(kind__in=[AccrualKind.RECOGNISED, AccrualKind.REVERSED])),
        credited=total(within & Q(kind=AccrualKind.CREDITED)),
    )


def line_of(sums: dict[str, Any], key: Any, label: str | date, opening: Decimal) -> Rolled:
    """A line from its sums; what is taken from the balance is shown as positive."""
    added, recognised, credited = (sums.get(name, ZERO) for name in SUMS)
    return Rolled(key, label, opening, added, -recognised, -credited)


def _add_up(answer: RollForward) -> None:
    for name in SUMS:
        setattr(answer.total, name, sum((getattr(row, name) for row in answer.rows), ZERO))


def deferred_accounts() -> QuerySet[Account]:
    """The accounts that revenue waits on: that of the posting profile, and those that slices were deferred on before it
    named another."""
    profile = PostingProfile.objects.filter(purpose=PostingPurpose.WIP_SUBSCRIPTION).values("account")
    slices = AccrualSlice.objects.filter(deferred_account=OuterRef("pk"))
    return Account.objects.filter(Q(pk__in=profile) | Exists(slices))


def held(last: date) -> Decimal:
    """What the accounts that revenue waits on hold at the end of the day, credit positive."""
    entries = Entry.objects.filter(account__in=deferred_accounts(), voucher__posted_on__lte=last)
    total: Decimal = entries.aggregate(sum=Sum("company_amount", default=ZERO))["sum"]
    return -total


@dataclass(frozen=True, slots=True)
class Release:
    """What will be recognised of a month, and what then still waits, in company currency."""

    month: date
    amount: Decimal
    left: Decimal


def schedule() -> list[Release]:
    """RE-ACC: everything that waits by the month it ends in, overdue months too; the last one leaves nothing."""
    waiting = AccrualSlice.objects.filter(status=SliceStatus.OPEN)
    sums = waiting.annotate(month=TruncMonth("ends_on")).values("month").annotate(sum=Sum("company_amount"))
    rows = list(sums.order_by("month").values_list("month", "sum"))
    left = sum((amount for _month, amount in rows), ZERO)
    found = []
    for month, amount in rows:
        left -= amount
        found.append(Release(month, amount, left))
    return found


def month_end(first: date) -> date:
    """The last day of the month that starts then."""
    return step(first, Unit.MONTH, 1) - timedelta(days=1)
