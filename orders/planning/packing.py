"""SO-A11: as few visits as possible, each line inside its range and on an open day. Works inside one combine key.

Classic minimum points: the line whose range ends first fixes a point, the last open day of its range; everything that
can be done on that day joins; then the visit moves inside what all of them allow to where it disturbs least.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from agreements.models import ClosedDay
from servicemgmt.core.periods import Period

from .terms import Hours, Line, common

type IsOpenDay = Callable[[date], bool]


class Demand(NamedTuple):
    """One calculated date of a line, its range, and the first and last day of the range that is open.

    A range without an open day counts as the calculated day alone, closed though it is (SO-A14), unless the agreement
    has it moved to an open one. `since`: the visit it is counted from, where it is due from the last one done.
    """

    line: Line
    day: date
    range: Period
    first: date
    last: date
    is_closed: bool = False
    since: date | None = None

    @property
    def rank(self) -> tuple[date, date, int]:
        """Who fixes a point first: the range that ends first, then the earlier date, then the line's number."""
        return self.range.end, self.day, self.line.number


DAY, FIRST, LAST = attrgetter("day"), attrgetter("first"), attrgetter("last")

#: How far a visit is moved away from a closed day at most.
FARTHEST = timedelta(days=366)


def demand(
    line: Line,
    day: date,
    allowed: Period,
    is_open: IsOpenDay,
    *,
    closed_day: str = ClosedDay.WARN,
    valid: Period | None = None,
    since: date | None = None,
) -> Demand | None:
    """The demand with its range cut to open days.

    Where its range has none, `closed_day` says what happens: it stays and is a conflict, moves to the next or previous
    open day inside `valid` (within a year; else it stays), or None: it is skipped.
    """
    first = next_open(allowed.start, allowed.end, 1, is_open)
    if first is not None:
        last = next_open(allowed.end, first, -1, is_open) or first
        return Demand(line, day, allowed, first, last, since=since)
    if closed_day == ClosedDay.SKIP:
        return None
    moved = _moved(day, closed_day, valid or Period(day, day), is_open)
    if moved is None:
        return Demand(line, day, allowed, day, day, is_closed=True, since=since)
    wider = Period(min(allowed.start, moved), max(allowed.end, moved))
    return Demand(line, day, wider, moved, moved, since=since)


def _moved(day: date, closed_day: str, valid: Period, is_open: IsOpenDay) -> date | None:
    if closed_day == ClosedDay.NEXT and day <= valid.end:
        farthest = min(valid.end, day + FARTHEST)
        return next_open(day, farthest, 1, is_open)
    if closed_day == ClosedDay.PREVIOUS and day >= valid.start:
        farthest = max(valid.start, day - FARTHEST)
        return next_open(day, farthest, -1, is_open)
    return None


def next_open(start: date, stop: date, step: int, is_open: IsOpenDay) -> date | None:
    """The first open day from start to stop, both included, forwards (1) or backwards (-1)."""
    day, one = start, timedelta(days=step)
    while not is_open(day):
        if day == stop:
            return None
        day += one
    return day


class Visit(NamedTuple):
    """A day and the demands met on it."""

    day: date
    demands: tuple[Demand, ...]


def pack(demands: Iterable[Demand], is_open: IsOpenDay) -> list[Visit]:
    """Visits for all demands of one key, in the order in which they were fixed."""
    waiting = _Waiting(demands)
    return [Visit(best_day(group, is_open), group) for group in waiting.groups()]


def best_day(group: tuple[Demand, ...], is_open: IsOpenDay) -> date:
    """The open day that all ranges allow with the least total distance to the calculated days; the earlier on a tie."""
    start, stop = max([d.first for d in group]), min([d.last for d in group])
    median = sorted([d.day for d in group])[(len(group) - 1) // 2]
    nearest = min(max(median, start), stop)
    if is_open(nearest):
        return nearest
    return next(filter(is_open, _by_distance(group, start, stop)), start)


def _by_distance(group: tuple[Demand, ...], start: date, stop: date) -> Iterator[date]:
    """The days from start to stop by their total distance to the calculated days, the earlier first on a tie.

    The distance rises to both sides of the lower median, so only its next day on either side is ever in question.
    """
    days = sorted(d.day.toordinal() for d in group)
    low, high = start.toordinal(), stop.toordinal()
    below = min(max(days[(len(days) - 1) // 2], low), high)
    above = below + 1

    def distance(day: int) -> int:
        return sum(abs(day - own) for own in days)

    while below >= low or above <= high:
        if above > high or (below >= low and distance(below) <= distance(above)):
            yield date.fromordinal(below)
            below -= 1
        else:
            yield date.fromordinal(above)
            above += 1


class _Waiting:
    """The demands not yet placed: by line, in the order of their dates (so their ranges rise too)."""

    def __init__(self, demands: Iterable[Demand]) -> None:
        self.ranked = sorted(demands, key=attrgetter("rank"))
        self.by_line: dict[int, list[Demand]] = {}
        for item in sorted(self.ranked, key=DAY):
            self.by_line.setdefault(item.line.id, []).append(item)

    def groups(self) -> Iterator[tuple[Demand, ...]]:
        for first in self.ranked:
            if self._take(first):
                yield (first, *sorted(self._companions(first), key=lambda d: d.line.number))

    def _take(self, item: Demand) -> bool:
        """Remove the demand; False where it is placed already."""
        rows = self.by_line[item.line.id]
        place = bisect_left(rows, item.day, key=DAY)
        if place == len(rows) or rows[place].day != item.day:
            return False
        del rows[place]
        return True

    def _companions(self, first: Demand) -> Iterator[Demand]:
        """Of each other line the nearest date that can be done on the point `first` fixes, at hours that all allow."""
        hours: Hours | None = first.line.hours
        for found in sorted(self._candidates(first), key=attrgetter("rank")):
            if hours and (shared := common(hours, found.line.hours)):
                hours = shared
                self._take(found)
                yield found

    def _candidates(self, first: Demand) -> Iterator[Demand]:
        for line_id, rows in self.by_line.items():
            if line_id == first.line.id:
                continue
            fitting = [row for row in _allowing(rows, first.last) if row.is_closed == first.is_closed]
            found = _nearest(fitting, first.day) if fitting else None
            if found and not self._belongs_elsewhere(found, first):
                yield found

    def _belongs_elsewhere(self, found: Demand, first: Demand) -> bool:
        """Another date of the first line, still unplaced, is nearer to it and can be done on the same day."""
        rows = self.by_line[first.line.id]
        start = bisect_left(rows, found.first, key=LAST)
        rival = _nearest(rows[start : bisect_right(rows, found.last, key=FIRST)], found.day)
        return rival is not None and abs(rival.day - found.day) < abs(first.day - found.day)


def _allowing(rows: list[Demand], day: date) -> list[Demand]:
    """The rows whose range allows the day: they lie side by side."""
    start = bisect_left(rows, day, key=LAST)
    return rows[start : bisect_right(rows, day, key=FIRST)]


def _nearest(rows: list[Demand], day: date) -> Demand | None:
    """The row with the date nearest to the day, the earlier on a tie; None of none."""
    place = bisect_left(rows, day, key=DAY)
    if place in (0, len(rows)):
        return rows[min(place, len(rows) - 1)] if rows else None
    before, after = rows[place - 1], rows[place]
    return before if day - before.day <= after.day - day else after
