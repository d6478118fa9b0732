"""Working-time arithmetic: calendars give local openings; all sums are made in UTC, so both clock changes are right.

A calendar of None is always open. Instants are aware; a zone is an IANA name. Minutes are whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import DateField, SmallIntegerField, Value

from .models import WorkCalendar

#: How far a search for open time goes before a calendar counts as closed for good.
HORIZON_DAYS = 1100


class NeverOpen(ValueError):
    """The calendar has no opening within three years."""


@dataclass(frozen=True)
class Openings:
    """A calendar's openings read once: by weekday, and by day where a day differs. Minutes from local midnight."""

    week: dict[int, list[tuple[int, int]]]
    special: dict[date, list[tuple[int, int]]]

    @classmethod
    def of(cls, calendar: WorkCalendar) -> "Openings":
        """Read a saved calendar in one query."""
        week: dict[int, list[tuple[int, int]]] = {}
        special: dict[date, list[tuple[int, int]]] = {}
        no_day, no_weekday = Value(None, DateField()), Value(None, SmallIntegerField())
        hours = calendar.hours.order_by().values_list("weekday", no_day, "opens", "closes")
        days = calendar.days.order_by().values_list(no_weekday, "day", "opens", "closes")
        for weekday, day, opens, closes in hours.union(days, all=True).order_by("opens"):
            spans = week.setdefault(weekday, []) if day is None else special.setdefault(day, [])
            if opens is not None and closes is not None:
                spans.append((opens, closes))
        return cls(week, special)

    def on(self, day: date) -> list[tuple[int, int]]:
        """The openings of a local day, in order."""
        if day in self.special:
            return self.special[day]
        return self.week.get(day.weekday(), [])

    @cached_property
    def ever_open(self) -> bool:
        return any(self.week.values()) or any(self.special.values())


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local wall-clock minute.

    A time that the spring gap skips is the first instant after the gap; of a time that autumn repeats, the first.
    """
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    found = local.replace(tzinfo=zone).astimezone(UTC)
    while found.astimezone(zone).replace(tzinfo=None) > local:  # only inside a gap: at most its length
        earlier = found - timedelta(minutes=1)
        if earlier.astimezone(zone).replace(tzinfo=None) < local:
            break
        found = earlier
    return found


def spans(openings: Openings, zone: ZoneInfo, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The openings from `start` on as UTC instants, the first one cut at `start`; ends after the horizon."""
    day = start.astimezone(zone).date()
    for offset in range(HORIZON_DAYS):
        current = day + timedelta(days=offset)
        for opens, closes in openings.on(current):
            begin, end = instant(current, opens, zone), instant(current, closes, zone)
            if end > start and end > begin:
                yield max(begin, start), end


def add_minutes(
    calendar: WorkCalendar | Openings | None, zone: str, start: datetime, minutes: int
) -> datetime:
    """The instant at which `minutes` of working time have passed since `start` (0: the next opening).

    Raises NeverOpen where the calendar does not open that long within three years.
    """
    start = start.astimezone(UTC)
    if calendar is None:
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    for begin, end in spans(_openings(calendar), ZoneInfo(zone), start):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise NeverOpen(str(calendar))


def minutes_between(
    calendar: WorkCalendar | Openings | None, zone: str, start: datetime, end: datetime
) -> int:
    """Whole minutes of working time in [start, end), rounded down; 0 where end is not after start."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return 0
    if calendar is None:
        return int((end - start) / timedelta(minutes=1))
    total = timedelta()
    for begin, finish in spans(_openings(calendar), ZoneInfo(zone), start):
        if begin >= end:
            break
        total += min(finish, end) - begin
    return int(total / timedelta(minutes=1))


def next_opening(calendar: WorkCalendar | Openings | None, zone: str, moment: datetime) -> datetime:
    """`moment` itself when open, else the next opening after it (SLA-02)."""
    return add_minutes(calendar, zone, moment, 0)


def is_open_day(calendar: WorkCalendar | Openings | None, day: date) -> bool:
    """Whether the calendar opens at all on that local day."""
    return calendar is None or bool(_openings(calendar).on(day))


def _openings(calendar: WorkCalendar | Openings) -> Openings:
    return calendar if isinstance(calendar, Openings) else Openings.of(calendar)
