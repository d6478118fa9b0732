"""What planning is given and what it gives: plain values, no database, so that preview and run cannot differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from agreements.models import CombineBy, WindowMethod
from servicemgmt.core.errors import Sentence
from servicemgmt.core.periods import Period


@dataclass(frozen=True, slots=True)
class Window:
    """How far a date may be moved (SO-A09)."""

    method: str = WindowMethod.MANUAL
    days_before: int = 0
    days_after: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement line as planning sees it. Dates are inclusive; `unit` None: once only; `site` None: nowhere."""

    id: int
    number: int
    kind: str
    start: date
    end: date | None = None
    unit: str | None = None
    every: int = 1
    window: Window | None = None
    task: int | None = None
    object: int | None = None
    worker: int | None = None
    site: int | None = 0
    stopped: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """An agreement as planning sees it."""

    start: date
    lines: tuple[Line, ...]
    end: date | None = None
    combine_by: str = CombineBy.AGREEMENT
    suspended: bool = False
    is_template: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What the planner asks for (SO-A02). `kinds` empty: all types. `continuous`: fill gaps too (SO-A08)."""

    period: Period
    kinds: frozenset[str] = frozenset()
    continuous: bool = False


#: The calculated dates that already have an order line, by agreement line (SO-A07).
type Existing = Mapping[int, frozenset[date]]

#: Whether people may come to the site on the day.
type IsOpen = Callable[[int, date], bool]

#: What separates lines into different orders (SO-A10).
type Key = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of a planned order: its calculated date, where it might have been moved, and why it is where it is."""

    line: Line
    calculated: date
    range: Period
    reason: Sentence


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """A visit that would be created. `conflict`: it falls on a closed day (SO-A14)."""

    day: date
    key: Key
    site: int
    lines: tuple[PlannedLine, ...]
    conflict: bool


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

    @property
    def line_count(self) -> int:
        return sum(len(order.lines) for order in self.orders)
