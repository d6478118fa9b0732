"""Which planned lines are worked together: one part per worker and task (DB-02). Pure; no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

#: Whom a part is planned for and what is done in it; either may be open.
type Key = tuple[int | None, int | None]

#: The board's grid, and the least an activity or a booking may last.
STEP = 5


class PlannedLine(NamedTuple):
    """A planned hour line: its key, its worker, the relation to its task, its planned hours."""

    pk: int
    worker_id: int | None
    task_id: int | None
    hours: Decimal

    @property
    def key(self) -> Key:
        return self.worker_id, self.task_id


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that are worked in one go, and how many minutes they need."""

    key: Key
    line_ids: tuple[int, ...]
    minutes: int


def parts_of(lines: Iterable[PlannedLine]) -> list[Part]:
    """The parts of an order's planned lines, in the order in which their first lines come."""
    groups: dict[Key, list[PlannedLine]] = {}
    for line in lines:
        groups.setdefault(line.key, []).append(line)
    return [Part(key, tuple(line.pk for line in group), minutes_of(group)) for key, group in groups.items()]


def minutes_of(lines: Iterable[PlannedLine]) -> int:
    """Σ planned hours × 60 in whole minutes, rounded half up, at least one step of the board."""
    hours = sum((line.hours for line in lines), Decimal(0))
    return max(STEP, int((hours * 60).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
