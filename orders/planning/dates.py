"""Which dates a line asks for, and how far each may be moved (SO-A03 … SO-A09)."""

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from agreements.models import WindowMethod
from agreements.recurrence import Recurrence
from servicemgmt.core.periods import Period

from .terms import Line, Options, Standing, Terms, Window


def validity(terms: Terms, line: Line) -> Period | None:
    """The days on which both the agreement and the line are valid, or None."""
    return Period(terms.start, terms.end or date.max).clip(Period(line.start, line.end or date.max))


def effective(terms: Terms, line: Line, period: Period) -> Period | None:
    """SO-A03: what period, agreement and line have in common, or None."""
    valid = validity(terms, line)
    return valid.clip(period) if valid else None


def calculated_dates(terms: Terms, line: Line, period: Period) -> list[date]:
    """SO-A03 … SO-A06: what the interval gives inside period, agreement and line; without an interval the start."""
    within = effective(terms, line, period)
    if within is None:
        return []
    if line.recurrence is None:
        return [line.start] if line.start in within else []
    return list(line.recurrence.dates(line.start, within))


#: From when to when a date may be met, or might have been; None where a closed day takes it away.
type Reach = Callable[[date], Period | None]

#: So far back a night looks for what nobody planned.
LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Asked:
    """The calculated dates to create, and those `over`: nothing can be done about them any more by today."""

    dates: list[date]
    over: list[date]


def asked(terms: Terms, line: Line, options: Options, there: frozenset[date], reach: Reach) -> Asked:
    """The dates of the period; planned from today also those before it that may still be met.

    So a window period that has begun is planned whole. What comes before the last date that is there is left out on
    purpose or done (SO-A08), farther back than a year nobody looks, and what a closed day took away is gone.
    """
    dates = calculated_dates(terms, line, options.period)
    if not options.from_today:
        return Asked(dates, [])
    today = options.period.start
    since = max(today - LOOK_BACK, max(there, default=date.min) + timedelta(days=1))
    still: list[date] = []
    over: list[date] = []
    for day in (
        calculated_dates(terms, line, Period(since, today - timedelta(days=1))) if since < today else ()
    ):
        found, last = reach(day), allowed_range(terms, line, day).end
        if (max(last, found.end) if found else last) >= today:
            still.append(day)
        elif found:
            over.append(day)
    return Asked(still + dates, over)


def not_yet(terms: Terms, line: Line, options: Options, there: frozenset[date], reach: Reach) -> list[date]:
    """The dates from today on that come before the period and have no order: later ones there are would pass over them
    (SO-A08). What a closed day takes away comes in no period."""
    if options.today is None:
        return []
    since = max(options.today, max(there, default=date.min) + timedelta(days=1))
    if since >= options.period.start:
        return []
    before = Period(since, options.period.start - timedelta(days=1))
    return [day for day in calculated_dates(terms, line, before) if reach(day)]


@dataclass(frozen=True, slots=True)
class Due:
    """Of a line due from the last visit done: the one date to create, if any, else those expected after what is open.

    `since` is the visit it counts from, `overdue` a date that lies before the period and is therefore not created,
    `owed_before` the date that the term before creates, so that this one does not, `closed` what closed days took away,
    `waiting` how many visits are to be done first.
    """

    day: date | None = None
    expected: tuple[date, ...] = ()
    since: date | None = None
    overdue: date | None = None
    owed_before: date | None = None
    closed: tuple[date, ...] = ()
    waiting: int = 0


def due(
    terms: Terms, line: Line, options: Options, there: frozenset[date], standing: Standing, reach: Reach
) -> Due:
    """What is due of a line that counts from the last visit done: at most one visit is open at a time.

    While one is open nothing is created. Without any visit yet the line begins with its first calculated date. What
    came due before agreement or line were valid, between two terms, is due when they are; what the term before still
    creates itself in the period is left to it. A date that a closed day takes away is passed over for the next.
    """
    within = effective(terms, line, options.period)
    if within is None or line.recurrence is None:
        return Due()
    if standing.open_on:
        expected = _expected(line, standing.open_on, within, reach)
        return Due(None, expected, standing.open_on, waiting=standing.open_count)
    if owed := _owed_before(line, options, there, standing, reach):
        return Due(None, _expected(line, owed, within, reach), standing.done_on, owed_before=owed)
    if standing.done_on is None:
        first, closed = _first_met(asked(terms, line, options, there, reach).dates, reach)
        return Due(first, closed=closed)
    overdue = None
    dates = line.recurrence.dates_after(standing.done_on, Period(standing.done_on, within.end))
    day, closed = _first_met(dates, reach)
    closed = tuple(found for found in closed if found in within)
    valid = validity(terms, line)
    if day and valid and day < valid.start:
        day = _next_met(line.recurrence, Period(valid.start, within.end), reach)
    if day and day < within.start:
        overdue, day = day, None
        if options.from_today:
            day, _closed = _first_met(filter(line.recurrence.allows, _days(within)), reach)
    if day and day in there:
        day = _next_met(line.recurrence, Period(day, within.end), reach, there)
    return Due(day, (), standing.done_on, overdue, closed=closed)


def _owed_before(
    line: Line, options: Options, there: frozenset[date], standing: Standing, reach: Reach
) -> date | None:
    """The date of the period that the term before creates, or would if the period began early enough."""
    last = line.before_until
    if last is None or last < options.period.start:
        return None
    rest = Period(options.period.start, min(last, options.period.end))
    before = replace(line, end=None, before_until=None)
    found = due(Terms(date.min, (), last), before, replace(options, period=rest), there, standing, reach)
    return found.day or (None if options.from_today else found.overdue)


def expected_after(terms: Terms, line: Line, options: Options, day: date, reach: Reach) -> tuple[date, ...]:
    """What follows in the period on a visit of this day, without what closed days take away."""
    within = effective(terms, line, options.period)
    return _expected(line, day, within, reach) if within else ()


def _expected(line: Line, day: date, within: Period, reach: Reach) -> tuple[date, ...]:
    if line.recurrence is None:
        return ()
    return tuple(filter(reach, line.recurrence.dates_after(day, within)))


def _first_met(dates: Iterable[date], reach: Reach) -> tuple[date | None, tuple[date, ...]]:
    """The first of the dates that no closed day takes away, and those before it that one does."""
    closed: list[date] = []
    for day in dates:
        if reach(day):
            return day, tuple(closed)
        closed.append(day)
    return None, tuple(closed)


def _next_met(
    recurrence: Recurrence, days: Period, reach: Reach, there: frozenset[date] = frozenset()
) -> date | None:
    """The first of the days that the rule permits, no closed day takes away and no visit was calculated for."""
    day = recurrence.next_allowed(days.start, days.end)
    while day and (day in there or not reach(day)):
        day = recurrence.next_allowed(day + timedelta(days=1), days.end)
    return day


def _days(within: Period) -> Iterator[date]:
    return (within.start + timedelta(days=offset) for offset in range(within.days))


def missing(dates: Iterable[date], there: frozenset[date], *, continuous: bool) -> list[date]:
    """SO-A07, SO-A08: the dates without an order line; unless gaps are filled, only those after the latest there."""
    latest = max(there, default=None)
    if continuous or latest is None:
        return [day for day in dates if day not in there]
    return [day for day in dates if day > latest]


def allowed_range(terms: Terms, line: Line, day: date) -> Period:
    """SO-A09: from when to when the date may be moved, inside the validity of line and agreement."""
    return range_within(line.window, validity(terms, line), day)


def range_within(window: Window | None, valid: Period | None, day: date) -> Period:
    """As `allowed_range`, for who knows the validity."""
    moved = _window(window.method, window.days_before, window.days_after, day) if window else Period(day, day)
    return (moved.clip(valid) if valid else None) or Period(day, day)


def not_past(days: Period | None, options: Options) -> Period | None:
    """What of the days is not over yet, where the period begins today; nobody can visit last week."""
    if days is None or not options.from_today or days.start >= options.period.start:
        return days
    return days.clip(Period(options.period.start, date.max))


@lru_cache(maxsize=4096)
def _window(method: str, days_before: int, days_after: int, day: date) -> Period:
    if method == WindowMethod.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if method == WindowMethod.MONTH:
        return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))
    return Period(day - timedelta(days=days_before), day + timedelta(days=days_after))
