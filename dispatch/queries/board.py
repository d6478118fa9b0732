"""The board of a day or several: teams, their workers with load and hours, their bars. A handful of queries in all."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from dispatch.filters import View
from dispatch.models import Booking
from dispatch.parts import STEP
from dispatch.shifts import Shifts, Span, cut, less, midnights
from servicemgmt.core.display import duration
from servicemgmt.masterdata.models import Employee, WorkCalendar
from servicemgmt.masterdata.worktime import Openings, is_open_day

from .bars import Bar, bars_between, dress

#: The hours a board shows at least.
USUAL_FROM, USUAL_TO = 7, 18
#: How many days ahead the board looks for one with work.
LOOK_AHEAD = 30


@dataclass(slots=True)
class Shade:
    """A stretch in which a worker does not work: a class for its start, one for its length, and why."""

    step: int
    length: int
    reason: str = ""


@dataclass(slots=True)
class Cell:
    """A day of a worker where several days are shown."""

    day: date
    bars: list[Bar]
    load: str
    tone: str
    away: str
    is_open: bool


@dataclass(slots=True)
class Row:
    """A worker on the board."""

    pk: int
    name: str
    snap: int
    bars: list[Bar] = field(default_factory=list)
    shades: list[Shade] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    load: str = ""
    tone: str = ""
    away: str = ""


@dataclass(slots=True)
class TeamRows:
    pk: int
    name: str
    rows: list[Row]


@dataclass(slots=True)
class Board:
    """What is shown: whose rows, from which hour to which, in whose zone."""

    view: View
    zone: str
    teams: list[TeamRows]
    from_hour: int
    to_hour: int
    days: list[date]
    overflows: bool = False

    @property
    def hours(self) -> range:
        return range(self.from_hour, self.to_hour)

    @property
    def hour_count(self) -> int:
        return self.to_hour - self.from_hour

    @property
    def minutes(self) -> int:
        return self.hour_count * 60

    @property
    def rows(self) -> list[Row]:
        return [row for team in self.teams for row in team.rows]


def read_board(
    view: View, zone: str, *, only: Collection[int] | None = None, hours: tuple[int, int] | None = None
) -> Board:
    """The board of the view's day or days on the clocks of `zone`.

    `only` leaves out other workers' rows; `hours` are those that a board on somebody's screen shows: where something
    falls outside them, it `overflows`.
    """
    first = view.first_day
    assert first is not None
    start, end = midnights(first, zone, view.days)
    teams = read_teams(view, first, only)
    rows = {row.pk: row for team in teams for row in team.rows}
    shifts = Shifts(rows, start, end)
    bars = bars_between(start, end, workers=rows, hide_done=view.hide_done)
    dress(bars, shifts, zone=ZoneInfo(zone), colour=view.colour, dim=lambda bar: is_dim(view, bar))
    by_worker: dict[int, list[Bar]] = defaultdict(list)
    for bar in bars:
        by_worker[bar.worker_id].append(bar)
    days = [first + timedelta(days=n) for n in range(view.days)]
    from_hour, to_hour = hours_shown(shifts, rows, bars, start, zone)
    for row in rows.values():
        row.bars = by_worker[row.pk]
        if view.scale == "days":
            row.cells = [cell(row, day, shifts, zone) for day in days]
        fill_load(row, shifts)
    if hours:
        overflows = view.scale == "day" and (from_hour < hours[0] or to_hour > hours[1])
        from_hour, to_hour = hours
    board = Board(view, zone, teams, from_hour, to_hour, days, bool(hours) and overflows)
    if view.scale == "day":
        place_in(board, shifts, from_hour, to_hour)
    return board


def read_teams(view: View, on: date, only: Collection[int] | None) -> list[TeamRows]:
    """The teams with the workers who belong to them on that day."""
    workers = Employee.objects.filter(team__isnull=False).filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on)
    )
    if view.team:
        workers = workers.filter(team=view.team)
    if only is not None:
        workers = workers.filter(pk__in=only)
    teams: dict[int, TeamRows] = {}
    rows = workers.order_by("team__code", "name", "pk").values_list(
        "pk", "name", "team_id", "team__description", "team__snap_minutes"
    )
    for pk, name, team_id, team, snap in rows:
        teams.setdefault(team_id, TeamRows(team_id, team, [])).rows.append(Row(pk, name, snap))
    return list(teams.values())


def is_dim(view: View, bar: Bar) -> bool:
    """Whether a filter lets the bar step back; it stays visible, for its time is taken all the same."""
    if view.priority and bar.priority != view.priority:
        return True
    if view.phase and bar.phase != view.phase:
        return True
    if not view.q:
        return False
    words = f"{bar.number} {bar.customer} {bar.place} {bar.description}".casefold()
    return view.q.casefold() not in words


def hours_shown(
    shifts: Shifts, workers: Collection[int], bars: list[Bar], start: datetime, zone: str
) -> tuple[int, int]:
    """From which hour to which: the usual ones, everybody's working time and every bar of the day."""
    earliest, latest = USUAL_FROM * 60, USUAL_TO * 60
    spans: list[Span] = [(bar.start, bar.end) for bar in bars]
    for worker_id in workers:
        spans += shifts.open(worker_id) if shifts.has_hours(worker_id) else []
    for begin, finish in set(cut(spans, start, start + timedelta(days=1))):
        earliest = min(earliest, minute_of(begin, start, zone))
        latest = max(latest, minute_of(finish, start, zone))
    return earliest // 60, -(-latest // 60)


def minute_of(moment: datetime, midnight: datetime, zone: str) -> int:
    """The wall-clock minute of the day that began at `midnight`; 0 before it, 1440 after it."""
    here = ZoneInfo(zone)
    local, day = moment.astimezone(here), midnight.astimezone(here).date()
    days = (local.date() - day).days
    return min(max(days * 1440 + local.hour * 60 + local.minute, 0), 1440)


def place_in(board: Board, shifts: Shifts, from_hour: int, to_hour: int) -> None:
    """Say where in the hours shown each bar and each shade stands, in steps of five minutes."""
    start, end = shifts.start, shifts.end
    low, high = from_hour * 60, to_hour * 60
    for row in board.rows:
        for bar in row.bars:
            first, last = (minute_of(edge, start, board.zone) for edge in (bar.start, bar.end))
            bar.start_minute, bar.minutes = first, last - first
            bar.step, bar.length = steps(first, last, low, high)
        closed = less([(start, end)], shifts.open(row.pk)) if shifts.has_hours(row.pk) else []
        away = [(a.start, a.end, a.reason or _("away")) for a in shifts.away.get(row.pk, [])]
        for a, b, reason in [*((a, b, "") for a, b in closed), *away]:
            step, length = steps(minute_of(a, start, board.zone), minute_of(b, start, board.zone), low, high)
            if length:
                row.shades.append(Shade(step, length, reason))


def steps(first: int, last: int, low: int, high: int) -> tuple[int, int]:
    """Start and length in steps, cut to the hours shown; a bar has at least one step."""
    first, last = min(max(first, low), high), min(max(last, low), high)
    begin = (first - low) // STEP
    return begin, max(-(-(last - low) // STEP) - begin, 1) if last > first else 0


def fill_load(row: Row, shifts: Shifts) -> None:
    row.load, row.tone = load_text(row.bars, shifts.minutes(row.pk), shifts.start, shifts.end)
    away = shifts.away.get(row.pk, [])
    row.away = away[0].reason or _("away") if away and not shifts.minutes(row.pk) else ""


def load_text(bars: list[Bar], capacity: int, start: datetime, end: datetime) -> tuple[str, str]:
    """“6 h 30 / 8 h”, and how full that is: low, near, full or over."""
    booked = sum(
        int((b - a) / timedelta(minutes=1)) for a, b in cut(((x.start, x.end) for x in bars), start, end)
    )
    text = f"{duration(booked) if booked else 0} / {duration(capacity)}"
    if booked > capacity:
        return text, "over"
    if not capacity or booked >= 0.95 * capacity:
        return text, "full" if booked else "none"
    return text, "near" if booked >= 0.75 * capacity else "low"


def cell(row: Row, day: date, shifts: Shifts, zone: str) -> Cell:
    """One day of a worker: the bars that begin then, and his load."""
    start, end = midnights(day, zone)
    here = ZoneInfo(zone)
    bars = [bar for bar in row.bars if bar.start.astimezone(here).date() == day]
    free = cut(shifts.free(row.pk), start, end)
    minutes = int(sum((b - a for a, b in free), timedelta()) / timedelta(minutes=1))
    if not shifts.has_hours(row.pk):
        minutes = minutes * 480 // 1440
    away = [a for a in shifts.away.get(row.pk, []) if a.start < end and a.end > start]
    load, tone = load_text(row.bars, minutes, start, end)
    return Cell(day, bars, load, tone, (away[0].reason or _("away")) if away else "", bool(minutes))


def first_day_with_work(today: date, zone: str, calendar: WorkCalendar | None) -> date:
    """Where the board opens: today when it is a working day with bookings, else the next such day, else today.

    `zone` and `calendar` are the company's.
    """
    openings = Openings.of(calendar) if calendar else None
    return next((day for day in days_with_work(today, zone) if is_open_day(openings, day)), today)


def days_with_work(first: date, zone: str) -> list[date]:
    """The days from `first` on, as far as the board looks ahead, on which something booked begins."""
    rows = Booking.objects.live().filter(during__overlap=midnights(first, zone, LOOK_AHEAD))
    begins = rows.annotate(day=TruncDate("during__startswith", tzinfo=ZoneInfo(zone)))
    days = begins.filter(day__gte=first).order_by("day").values_list("day", flat=True)
    return list(days.distinct())
