"""When workers are there: openings of their calendars on their own clocks, less absences (architecture 14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from servicemgmt.masterdata.models import Absence, Company, Employee, WorkCalendar
from servicemgmt.masterdata.worktime import Openings, instant

type Span = tuple[datetime, datetime]

#: What a day counts for somebody without any calendar, in minutes.
STANDARD_DAY = 480


@dataclass(frozen=True, slots=True)
class Away:
    """An absence: who, from when to when, why."""

    worker_id: int
    start: datetime
    end: datetime
    reason: str


class Shifts:
    """The working time of some workers in [start, end), read in a handful of queries."""

    def __init__(self, worker_ids: Iterable[int], start: datetime, end: datetime) -> None:
        self.start, self.end = start.astimezone(UTC), end.astimezone(UTC)
        ids = list(worker_ids)
        usual = Company.objects.values_list("calendar_id", flat=True).first()
        rows = Employee.objects.filter(pk__in=ids).values_list(
            "pk", "time_zone", "calendar_id", "team__calendar_id"
        )
        self.clocks = {pk: (zone, own or team or usual) for pk, zone, own, team in rows}
        self.away: dict[int, list[Away]] = {}
        absences = Absence.objects.filter(employee__in=ids, during__overlap=(self.start, self.end))
        for pk, during, reason in absences.order_by("during").values_list("employee_id", "during", "reason"):
            self.away.setdefault(pk, []).append(Away(pk, during.lower, during.upper, reason))
        self._openings: dict[int, Openings] = {}
        self._spans: dict[tuple[str, int], list[Span]] = {}

    def has_hours(self, worker_id: int) -> bool:
        """Whether any calendar says when this worker works."""
        return self.clocks[worker_id][1] is not None

    def open(self, worker_id: int) -> list[Span]:
        """The openings of the worker's calendar as UTC instants, cut to the span; the whole span without calendar."""
        zone, calendar_id = self.clocks[worker_id]
        if calendar_id is None:
            return [(self.start, self.end)]
        known = self._spans.get((zone, calendar_id))
        if known is None:
            known = self._spans[zone, calendar_id] = self._read(zone, calendar_id)
        return known

    def free(self, worker_id: int) -> list[Span]:
        """The openings less the absences."""
        away = [(absence.start, absence.end) for absence in self.away.get(worker_id, [])]
        return less(self.open(worker_id), away)

    def minutes(self, worker_id: int) -> int:
        """Working minutes in the span; without a calendar a standard day for each day, absences taken off."""
        spans = self.free(worker_id)
        total = sum((end - start for start, end in spans), timedelta())
        if not self.has_hours(worker_id):
            total *= STANDARD_DAY / 1440
        return int(total / timedelta(minutes=1))

    def _read(self, zone: str, calendar_id: int) -> list[Span]:
        openings = self._openings.setdefault(calendar_id, Openings.of(WorkCalendar(pk=calendar_id)))
        here = ZoneInfo(zone)
        day, last = self.start.astimezone(here).date(), self.end.astimezone(here).date()
        found: list[Span] = []
        while day <= last:
            found += [(instant(day, a, here), instant(day, b, here)) for a, b in openings.on(day)]
            day += timedelta(days=1)
        return cut(found, self.start, self.end)


def cut(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """The parts of the spans that lie in [start, end)."""
    return [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]


def less(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The spans without what the others cover; all half-open, in order."""
    left = list(spans)
    for start, end in others:
        rest: list[Span] = []
        for a, b in left:
            rest += [piece for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
        left = rest
    return left


def midnights(day: date, zone: str, days: int = 1) -> Span:
    """The instants at which `day` begins and at which it and the days after it end, on the clocks of that zone."""
    here = ZoneInfo(zone)
    return instant(day, 0, here), instant(day + timedelta(days=days), 0, here)
