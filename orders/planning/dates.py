"""Which dates a line asks for, and how far each may be moved (SO-A03 … SO-A09)."""

import calendar
from collections.abc import Iterable
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


#: So far back a night looks for what nobody planned.
LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Asked:
    """The calculated dates to create, and those `over`: nothing can be done about them any more by today."""

    dates: list[date]
    over: list[date]


def asked(terms: Terms, line: Line, options: Options, there: frozenset[date]) -> Asked:
    """The dates of the period; planned from today also those before it whose range still lasts.

    So a window period that has begun is planned whole. What comes before the last date that is there is left out on
    purpose or done (SO-A08), and farther back than a year nobody looks.
    """
    dates = calculated_dates(terms, line, options.period)
    if not options.from_today:
        return Asked(dates, [])
    today = options.period.start
    since = max(today - LOOK_BACK, max(there, default=date.min) + timedelta(days=1))
    earlier = calculated_dates(terms, line, Period(since, today - timedelta(days=1))) if since < today else []
    over = [day for day in earlier if allowed_range(terms, line, day).end < today]
    return Asked(earlier[len(over) :] + dates, over)


def not_yet(terms: Terms, line: Line, options: Options, there: frozenset[date]) -> list[date]:
    """The dates from today on that come before the period and have no order: later ones there are would pass over them
    (SO-A08)."""
    if options.today is None:
        return []
    since = max(options.today, max(there, default=date.min) + timedelta(days=1))
    if since >= options.period.start:
        return []
    return calculated_dates(terms, line, Period(since, options.period.start - timedelta(days=1)))


@dataclass(frozen=True, slots=True)
class Due:
    """Of a line due from the last visit done: the one date to create, if any, and those expected after it.

    `since` is the visit it counts from, `overdue` a date that lies before the period and is therefore not created,
    `owed_before` the date that the term before creates, so that this one does not.
    """

    day: date | None = None
    expected: tuple[date, ...] = ()
    since: date | None = None
    overdue: date | None = None
    owed_before: date | None = None


def due(terms: Terms, line: Line, options: Options, there: frozenset[date], standing: Standing) -> Due:
    """What is due of a line that counts from the last visit done: at most one visit is open at a time.

    While one is open nothing is created. Without any visit yet the line begins with its first calculated date. What
    came due before agreement or line were valid, between two terms, is due when they are; what the term before still
    creates itself in the period is left to it.
    """
    within = effective(terms, line, options.period)
    if within is None or line.recurrence is None:
        return Due()
    if standing.open_on:
        return Due(None, _expected(line, standing.open_on, within), standing.open_on)
    if owed := _owed_before(line, options, there, standing):
        return Due(None, _expected(line, owed, within), standing.done_on, owed_before=owed)
    if standing.done_on is None:
        first = next(iter(asked(terms, line, options, there).dates), None)
        return Due(first, _expected(line, first, within) if first else ())
    overdue = None
    day = next(line.recurrence.dates_after(standing.done_on, Period(standing.done_on, within.end)), None)
    valid = validity(terms, line)
    if day and valid and day < valid.start:
        day = line.recurrence.next_allowed(valid.start, within.end)
    if day and day < within.start:
        overdue, day = day, _first_allowed(line.recurrence, within) if options.from_today else None
    while day and day in there:
        day = line.recurrence.next_allowed(day + timedelta(days=1), within.end)
    if day is None or day > within.end:
        return Due(None, (), standing.done_on, overdue)
    return Due(day, _expected(line, day, within), standing.done_on, overdue)


def _owed_before(line: Line, options: Options, there: frozenset[date], standing: Standing) -> date | None:
    """The date of the period that the term before creates, or would if the period began early enough."""
    last = line.before_until
    if last is None or last < options.period.start:
        return None
    rest = Period(options.period.start, min(last, options.period.end))
    before = replace(line, end=None, before_until=None)
    found = due(Terms(date.min, (), last), before, replace(options, period=rest), there, standing)
    return found.day or (None if options.from_today else found.overdue)


def _expected(line: Line, day: date, within: Period) -> tuple[date, ...]:
    return tuple(line.recurrence.dates_after(day, within)) if line.recurrence else ()


def _first_allowed(recurrence: Recurrence, within: Period) -> date | None:
    days = (within.start + timedelta(days=offset) for offset in range(within.days))
    return next(filter(recurrence.allows, days), None)


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
