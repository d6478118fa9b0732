"""Period arithmetic: always from the anchor, never from the previous date (billing-rules 4.2)."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    DAY = "DAY", _("Day")
    WEEK = "WEEK", _("Week")
    MONTH = "MONTH", _("Month")
    QUARTER = "QUARTER", _("Quarter")
    YEAR = "YEAR", _("Year")


DAYS: dict[str, int] = {Unit.DAY: 1, Unit.WEEK: 7}
MONTHS: dict[str, int] = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
SHORTEST_MONTH = 28


def step(anchor: date, unit: str, count: int, *, month_end: bool = False) -> date:
    """The anchor moved by `count` units (may be negative).

    Months clamp to the last day of the month (31 Jan + 1 → 28 Feb); with `month_end` the result is always the last
    day of its month (billing-rules 13).
    """
    if unit in DAYS:
        return anchor + timedelta(days=DAYS[unit] * count)
    months = anchor.year * 12 + anchor.month - 1 + MONTHS[unit] * count
    year, month = divmod(months, 12)
    if anchor.day <= SHORTEST_MONTH and not month_end:
        return date(year, month + 1, anchor.day)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, last if month_end else min(anchor.day, last))


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends inclusive."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def clip(self, other: "Period") -> "Period | None":
        """What the two have in common, or None."""
        start = self.start if self.start >= other.start else other.start
        end = self.end if self.end <= other.end else other.end
        if start is self.start and end is self.end:
            return self
        return Period(start, end) if start <= end else None


def index_at(anchor: date, unit: str, count: int, day: date, *, month_end: bool = False) -> int:
    """The number n of the period `anchor + n × count × unit` that the day lies in (negative before the anchor)."""
    if unit in DAYS:
        return (day - anchor).days // (DAYS[unit] * count)
    width = MONTHS[unit] * count
    n = ((day.year - anchor.year) * 12 + day.month - anchor.month) // width
    while step(anchor, unit, n * count, month_end=month_end) > day:
        n -= 1
    while step(anchor, unit, (n + 1) * count, month_end=month_end) <= day:
        n += 1
    return n


def period(anchor: date, unit: str, count: int, n: int, *, month_end: bool = False) -> Period:
    """Period n of the series: it ends one day before the next starts, so the periods tile."""
    start = step(anchor, unit, n * count, month_end=month_end)
    return Period(start, step(anchor, unit, (n + 1) * count, month_end=month_end) - timedelta(days=1))


def periods(
    anchor: date, unit: str, count: int, within: Period, *, month_end: bool = False
) -> Iterator[Period]:
    """Every period of the series that touches `within`, whole, in order."""
    n = index_at(anchor, unit, count, within.start, month_end=month_end)
    while (found := period(anchor, unit, count, n, month_end=month_end)).start <= within.end:
        yield found
        n += 1


def occurrences(anchor: date, unit: str, count: int, within: Period) -> Iterator[date]:
    """The dates anchor + k × count × unit, k = 0, 1, 2 …, that lie in `within` (SO-A05: k = 0 counts)."""
    n = max(0, index_at(anchor, unit, count, within.start))
    while (day := step(anchor, unit, n * count)) <= within.end:
        if day >= within.start:
            yield day
        n += 1
