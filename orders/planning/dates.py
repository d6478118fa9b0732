"""Which dates a line asks for, and how far each may be moved (SO-A03 … SO-A09)."""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

from agreements.models import WindowMethod
from servicemgmt.core.periods import Period, occurrences

from .terms import Line, Terms, Window


def validity(terms: Terms, line: Line) -> Period | None:
    """The days on which both the agreement and the line are valid, or None."""
    return Period(terms.start, terms.end or date.max).clip(Period(line.start, line.end or date.max))


def calculated_dates(terms: Terms, line: Line, period: Period) -> list[date]:
    """SO-A03 … SO-A06: what the interval gives inside period, agreement and line; without an interval the start."""
    valid = validity(terms, line)
    within = valid.clip(period) if valid else None
    if within is None:
        return []
    if line.unit is None:
        return [line.start] if line.start in within else []
    return list(occurrences(line.start, line.unit, line.every, within))


def missing(dates: Iterable[date], there: frozenset[date], *, continuous: bool) -> list[date]:
    """SO-A07, SO-A08: the dates without an order line; unless gaps are filled, only those after the latest there."""
    latest = max(there, default=None)
    if continuous or latest is None:
        return [day for day in dates if day not in there]
    return [day for day in dates if day > latest]


def allowed_range(terms: Terms, line: Line, day: date) -> Period:
    """SO-A09: from when to when the date may be moved, inside the validity of line and agreement."""
    moved = _window(line.window, day) if line.window else Period(day, day)
    valid = validity(terms, line)
    return (valid.clip(moved) if valid else None) or Period(day, day)


def _window(window: Window, day: date) -> Period:
    if window.method == WindowMethod.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if window.method == WindowMethod.MONTH:
        return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))
    return Period(day - timedelta(days=window.days_before), day + timedelta(days=window.days_after))
