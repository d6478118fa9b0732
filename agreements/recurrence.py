"""When something that recurs is due: pure arithmetic, used by planning and by the interval's own page.

Plain intervals count from the anchor and clamp to month ends (`core.periods`, SO-A05). Rules on weekdays are those of
RFC 5545, by python-dateutil: every nth week on a weekday, every nth month on its second Tuesday. Which weeks and months
count is told from the anchor's own. A season and days left out only take dates away.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from servicemgmt.core import periods
from servicemgmt.core.periods import Period, Unit, occurrences, step

from .models import Ordinal, ServiceInterval

ALL_YEAR = frozenset(range(1, 13))


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every `every` units; with a `weekday` on it (weeks), or on the `ordinal`th of the month (months and longer).

    Only in `months`, never on the days of `pauses`. Weekdays count from 0, Monday; ordinal -1 is the last.
    """

    unit: str
    every: int = 1
    ordinal: int | None = None
    weekday: int | None = None
    months: frozenset[int] = ALL_YEAR
    pauses: tuple[Period, ...] = ()

    def dates(self, anchor: date, within: Period) -> Iterator[date]:
        """The days in `within` on which it falls, in order, none before the anchor; the anchor itself counts."""
        start = max(anchor, within.start)
        if start <= within.end:
            yield from filter(self.allows, self._regular(anchor, Period(start, within.end)))

    def dates_after(self, done: date, within: Period) -> Iterator[date]:
        """The days in `within` one interval, two … after the day `done`, which itself does not count.

        A day that season or days left out forbid is made up for on the next that the rule permits, and what follows
        counts from there: else a yearly visit done once out of season would never come again.
        """
        counted: date | None = done
        while counted:
            moved = None
            start = self._start_of_unit(counted, 1) if self.weekday is not None else counted + DAY
            for day in self._regular(counted, Period(start, within.end)) if start <= within.end else ():
                if not self.allows(day):
                    moved = self.next_allowed(day, within.end)
                    break
                if day >= within.start:
                    yield day
            if moved and moved >= within.start:
                yield moved
            counted = moved

    def next_allowed(self, day: date, last: date) -> date | None:
        """The first day from `day` to `last` on a weekday of the rule that season and days left out permit."""
        days = (date.fromordinal(n) for n in range(day.toordinal(), last.toordinal() + 1))
        return next((found for found in days if self.allows(found) and self._is_weekday(found)), None)

    def _is_weekday(self, day: date) -> bool:
        if self.weekday is None or day.weekday() != self.weekday:
            return self.weekday is None
        if self.ordinal is None:
            return True
        if self.ordinal < 0:
            return (day + 7 * DAY).month != day.month
        return (day.day - 1) // 7 + 1 == self.ordinal

    def allows(self, day: date) -> bool:
        """Whether season and days left out permit the day."""
        if day.month not in self.months:
            return False
        return not self.pauses or not any(day in pause for pause in self.pauses)

    def _regular(self, anchor: date, within: Period) -> Iterator[date]:
        if self.weekday is None:
            yield from occurrences(anchor, self.unit, self.every, within)
            return
        first = self._start_of_unit(anchor, 0)
        skipped = max(0, periods.index_at(first, self.unit, self.every, within.start))
        weekly = self.unit == Unit.WEEK
        rule = rrule(
            WEEKLY if weekly else MONTHLY,
            dtstart=datetime.combine(step(first, self.unit, skipped * self.every), time()),
            interval=self.every if weekly else periods.MONTHS[self.unit] * self.every,
            byweekday=weekday(self.weekday, None if weekly else self.ordinal),
            until=datetime.combine(within.end, time()),
        )
        yield from (moment.date() for moment in rule if moment.date() >= within.start)

    def _start_of_unit(self, day: date, later: int) -> date:
        """The Monday of the day's week or the first of its month, or so many intervals later."""
        first = day - timedelta(days=day.weekday()) if self.unit == Unit.WEEK else day.replace(day=1)
        return step(first, self.unit, later * self.every)


DAY = timedelta(days=1)


def recurrence_of(interval: ServiceInterval, pauses: Iterable[Period] = ()) -> Recurrence:
    """What an interval says, with its days left out."""
    return Recurrence(
        interval.unit,
        interval.frequency,
        interval.ordinal,
        interval.weekday,
        season(interval.season_from, interval.season_until),
        tuple(pauses),
    )


def season(first: int | None, last: int | None) -> frozenset[int]:
    """The months from the first to the last, over the turn of the year where it has to be; without both all."""
    if first is None or last is None:
        return ALL_YEAR
    count = (last - first) % 12 + 1
    return frozenset((first - 1 + n) % 12 + 1 for n in range(count))


def words(interval: ServiceInterval) -> str:
    """The rule as a sentence begins: “every 3 months on the second Tuesday, April to October only”."""
    text = _every(interval.unit, interval.frequency)
    if interval.weekday is not None:
        name = WEEKDAYS[interval.weekday]
        text += " " + (
            _("on %(weekday)s") % {"weekday": name}
            if interval.ordinal is None
            else _("on the %(which)s %(weekday)s")
            % {"which": Ordinal(interval.ordinal).label.lower(), "weekday": name}
        )
    if interval.season_from and interval.season_until:
        months = {"first": MONTHS[interval.season_from], "last": MONTHS[interval.season_until]}
        text += ", " + (
            _("%(first)s only") % months
            if interval.season_from == interval.season_until
            else _("%(first)s to %(last)s only") % months
        )
    return text


def _every(unit: str, count: int) -> str:
    texts = {
        Unit.DAY: ngettext("every day", "every %(count)d days", count),
        Unit.WEEK: ngettext("every week", "every %(count)d weeks", count),
        Unit.MONTH: ngettext("every month", "every %(count)d months", count),
        Unit.QUARTER: ngettext("every quarter", "every %(count)d quarters", count),
        Unit.YEAR: ngettext("every year", "every %(count)d years", count),
    }
    return texts[Unit(unit)] % {"count": count}
