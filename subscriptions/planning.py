"""Which fees a subscription gets and what each costs: one pure function, used by preview and run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.money import round_money
from servicemgmt.core.periods import Period, index_at, period, periods
from servicemgmt.projects.models import PeriodAlignment, PeriodType

from .models import FeeKind

ONE_DAY = timedelta(days=1)
#: Billing-rules 17: a runaway stops here, and the plan says so.
MOST_PERIODS = 400


class PriceSource(models.TextChoices):
    INDEXED_BASE_PRICE = "INDEXED", gettext_lazy("Base price × index")
    BASE_PRICE = "BASE", gettext_lazy("Base price")
    SALES_PRICE_TABLE = "TABLE", gettext_lazy("Price table")


@dataclass(frozen=True)
class Series:
    """The invoicing periods of a subscription: a rule and an anchor (architecture 12)."""

    anchor: date
    unit: str
    count: int
    month_end: bool

    @classmethod
    def of(cls, period_type: PeriodType, starts_on: date) -> "Series":
        """CALENDAR counts from the type's own anchor, ANNIVERSARY from the subscription's start."""
        own = period_type.alignment == PeriodAlignment.ANNIVERSARY
        return cls(
            starts_on if own else period_type.anchor,
            period_type.unit,
            period_type.count,
            period_type.month_end,
        )

    def around(self, day: date) -> Period:
        """The whole period that the day lies in."""
        n = index_at(self.anchor, self.unit, self.count, day, month_end=self.month_end)
        return period(self.anchor, self.unit, self.count, n, month_end=self.month_end)

    def within(self, span: Period) -> Iterator[Period]:
        """Every whole period that touches the span."""
        return periods(self.anchor, self.unit, self.count, span, month_end=self.month_end)


@dataclass(frozen=True)
class Asked:
    """What was asked for: dates inclusive; `continuous` appends only (SB-10)."""

    span: Period
    kind: str = FeeKind.REGULAR
    continuous: bool = False


@dataclass(frozen=True)
class PlannedFee:
    """A fee to be made: its days, the whole period they belong to, and what it is."""

    days: Period
    whole: Period
    kind: str

    def amount(self, price: Decimal, digits: int) -> Decimal:
        """SB-08, billing-rules 28 and 30: the price of its days, rounded cumulatively from the whole period's start."""
        return upto(price, self.whole, self.days.end, digits) - upto(
            price, self.whole, self.days.start - ONE_DAY, digits
        )


def upto(price: Decimal, whole: Period, day: date, digits: int) -> Decimal:
    """What the whole period's price comes to from its start until the day, half up."""
    days = (day - whole.start).days + 1
    return round_money(price * days / whole.days, digits)


@dataclass(frozen=True)
class PlannedFees:
    """The fees to make, how many asked-for periods exist already, and what is left out with the reason."""

    fees: list[PlannedFee]
    already: int = 0
    left_out: tuple[str, ...] = ()


def plan_fees(series: Series, validity: Period, existing: Sequence[Period], asked: Asked) -> PlannedFees:
    """The fees of one subscription for the asked span, given the days that fees cover already.

    REGULAR wants whole periods (`border_refusal` tells beforehand) and makes one fee for each (SB-06); NON_REGULAR
    fills every uncovered stretch, whole periods as regular ones and stubs as non-regular (SB-07, SB-09). CONTINUOUS
    makes nothing where the span does not start after the last fee (SB-10).
    """
    if asked.continuous and existing and asked.span.start <= max(p.end for p in existing):
        return PlannedFees([], left_out=(_("The dates start before the last fee ends."),))
    span = asked.span.clip(validity)
    if span is None:
        return PlannedFees([], left_out=(_("The subscription is not valid in that time."),))
    fees: list[PlannedFee] = []
    already, left_out = 0, []
    for count, whole in enumerate(series.within(span)):
        if count >= MOST_PERIODS:
            left_out.append(_("Stopped after %(n)s periods; run again for the rest.") % {"n": MOST_PERIODS})
            break
        wanted = whole.clip(span)
        assert wanted is not None
        free = list(uncovered(wanted, existing))
        already += free != [wanted]
        if asked.kind == FeeKind.REGULAR and free and free != [whole]:
            left_out.append(
                _("%(start)s – %(end)s is only partly open; use non-regular fees for it.")
                % {"start": free[0].start, "end": free[-1].end}
            )
            continue
        fees += [
            PlannedFee(days, whole, FeeKind.REGULAR if days == whole else FeeKind.NON_REGULAR)
            for days in free
        ]
    return PlannedFees(fees, already, tuple(left_out))


def uncovered(span: Period, existing: Sequence[Period]) -> Iterator[Period]:
    """The stretches of the span that no fee covers, in order."""
    start = span.start
    for taken in sorted(existing, key=lambda p: p.start):
        if taken.end < start or taken.start > span.end:
            continue
        if taken.start > start:
            yield Period(start, taken.start - ONE_DAY)
        start = max(start, taken.end + ONE_DAY)
    if start <= span.end:
        yield Period(start, span.end)


def border_refusal(series: Series, span: Period) -> str:
    """SB-06: '' where the span begins and ends on borders of periods, else a sentence that names the nearest ones."""
    first, last = series.around(span.start), series.around(span.end)
    if span.start == first.start and span.end == last.end:
        return ""
    return _("Dates must match periods of the period code: %(start)s to %(end)s would.") % {
        "start": first.start,
        "end": last.end,
    }


def next_start(series: Series, starts_on: date, existing: Sequence[Period]) -> date:
    """SB-05: the suggested from date: the day after the last fee, else the start of the first period.

    Where the subscription starts inside a period, that is the subscription's own start.
    """
    if existing:
        return max(p.end for p in existing) + ONE_DAY
    return max(series.around(starts_on).start, starts_on)
