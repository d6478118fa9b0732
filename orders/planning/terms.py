"""What planning is given and what it gives: plain values, no database, so that preview and run cannot differ."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from agreements.models import ClosedDay, CombineBy, DueFrom, WindowMethod
from agreements.recurrence import Recurrence
from servicemgmt.core.errors import Sentence
from servicemgmt.core.periods import Period


@dataclass(frozen=True, slots=True)
class Window:
    """How far a date may be moved (SO-A09)."""

    method: str = WindowMethod.MANUAL
    days_before: int = 0
    days_after: int = 0


#: From when to when of a day, in minutes since its midnight.
type Hours = tuple[int, int]

WHOLE_DAY: Hours = (0, 1440)


def common(one: Hours, other: Hours) -> Hours | None:
    """The hours that both allow, None where they contradict. The whole day asks for nothing, so it allows all."""
    if WHOLE_DAY in (one, other):
        return other if one == WHOLE_DAY else one
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


ALWAYS = Period(date.min, date.max)


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement line as planning sees it. Dates are inclusive; `recurrence` None: once only; `site` None: nowhere.

    `refusal`: why nothing can be created from it, whatever its dates. `sla`: the promise that its order would need.
    `hours`: not before and not after, in minutes of the site's day. `moves`: from which days on it is worked at which
    other sites, in their order. `out_from`: from when on its object is out of service, if it is. `before_until`: the
    last day of the line that it continues from the term before, where that one still brings visits until then.
    """

    id: int
    number: int
    kind: str
    start: date
    end: date | None = None
    recurrence: Recurrence | None = None
    due_from: str = DueFrom.PLAN
    window: Window | None = None
    task: int | None = None
    object: int | None = None
    worker: int | None = None
    site: int | None = 0
    stopped: bool = False
    label: str = ""
    sla: int | None = None
    refusal: Sentence = ""
    hours: Hours = WHOLE_DAY
    moves: tuple[tuple[date, int], ...] = ()
    out_from: date | None = None
    before_until: date | None = None

    def stay(self, day: date) -> tuple[int | None, Period]:
        """Where it is worked on the day, and from when to when it is there."""
        if not self.moves:
            return self.site, ALWAYS
        site, start, end = self.site, date.min, date.max
        for moved, to in self.moves:
            if day < moved:
                end = moved - timedelta(days=1)
                break
            site, start = to, moved
        return site, Period(start, end)

    def stays(self, within: Period) -> Iterator[tuple[int | None, Period]]:
        """Where it is worked on the days of the period, one stay after the other."""
        found = self.stay(within.start)
        yield found
        while found[1].end < within.end:
            found = self.stay(found[1].end + timedelta(days=1))
            yield found


@dataclass(frozen=True, slots=True)
class Terms:
    """An agreement as planning sees it."""

    start: date
    lines: tuple[Line, ...]
    end: date | None = None
    combine_by: str = CombineBy.AGREEMENT
    closed_day: str = ClosedDay.WARN
    suspended: bool = False
    suspended_on: date | None = None
    suspend_reason: str = ""
    is_template: bool = False
    is_agreed: bool = True
    #: From when on its project is closed, where it would last longer.
    closed_from: date | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the planner asks for (SO-A02). `kinds`, `lines` empty: all. `continuous`: fill gaps too (SO-A08).

    `from_today`: the period begins today, so what is overdue from an actual completion is due on its first day, and
    window periods that have begun are planned whole. `today`: what is calculated from then on and before the period,
    and would be left out once it is planned, is said.
    """

    period: Period
    kinds: frozenset[str] = frozenset()
    continuous: bool = False
    lines: frozenset[int] = frozenset()
    from_today: bool = False
    today: date | None = None


#: The calculated dates that already have an order line, by agreement line (SO-A07).
type Existing = Mapping[int, frozenset[date]]

#: Whether people may come to the site on the day.
type IsOpen = Callable[[int, date], bool]

#: What separates lines into different orders (SO-A10).
type Key = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a line stands whose next date counts from the last visit: the day of the one still open, or of the last
    one done (dropped ones count with their calculated date)."""

    open_on: date | None = None
    done_on: date | None = None
    #: How many are open: several where they were made before the line counted from the last visit done.
    open_count: int = 1


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """A visit made by the system that nobody has touched or booked yet, so that lines may still join it.

    `hours`: when it is promised, in minutes of the site's day.
    """

    id: int
    number: str
    day: date
    site: int
    lines: frozenset[int]
    sla: int | None = None
    hours: Hours = WHOLE_DAY


class PlannedLine(NamedTuple):
    """A line of a planned order: its calculated date, where it might have been moved, and why it is where it is."""

    line: Line
    calculated: date
    range: Period
    reason: Sentence


class PlannedOrder(NamedTuple):
    """A visit that would be created, or that lines would join. `conflict`: a new one on a closed day (SO-A14).

    `hours`: what all its lines allow, and the order that they join.
    """

    day: date
    key: Key
    site: int
    lines: tuple[PlannedLine, ...]
    conflict: bool = False
    joins: OpenOrder | None = None
    hours: Hours = WHOLE_DAY


@dataclass(frozen=True, slots=True)
class Forecast:
    """A date that is expected but not created yet, because it counts from a visit still to be done."""

    line: Line
    day: date
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that produces nothing, or less than its interval says, and why."""

    line: Line | None
    code: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Plan:
    """Every order that a run would create now, in the order of their days, and what it would pass over."""

    orders: tuple[PlannedOrder, ...] = ()
    skipped: tuple[Skipped, ...] = field(default=())
    forecast: tuple[Forecast, ...] = ()

    @property
    def created(self) -> tuple[PlannedOrder, ...]:
        """The orders that would be new."""
        return tuple(order for order in self.orders if order.joins is None)

    @property
    def joined(self) -> tuple[PlannedOrder, ...]:
        """What would be added to orders that are there."""
        return tuple(order for order in self.orders if order.joins)

    @property
    def line_count(self) -> int:
        return sum(len(order.lines) for order in self.orders)
