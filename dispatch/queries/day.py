"""The technician's day: his jobs in order, each on the clock of its site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dispatch.models import BOOKING_MOVES, Booking, BookingStatus, ClockPress
from dispatch.rules import PRESSES
from dispatch.shifts import midnights
from servicemgmt.core.models import Event, User
from servicemgmt.masterdata.models import Employee

#: How many days before and after today a technician sees (C.12).
AROUND = 14

TRAVEL, WORK, PAUSE, DONE = (
    BookingStatus.TRAVELLING,
    BookingStatus.WORKING,
    BookingStatus.PAUSED,
    BookingStatus.DONE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """A button of the clock: where it goes, what it says, and whether it is the one that comes next."""

    to: str
    label: str
    icon: str
    is_next: bool


def worker_of(user: User) -> Employee | None:
    """The employee this user signs in as."""
    row: Employee | None = Employee.objects.filter(user=user).select_related("team", "van").first()
    return row


def jobs_of(worker: Employee, day: date) -> list[Booking]:
    """The worker's live bookings of a day on his clocks, in order of time."""
    rows = bookings().filter(worker=worker, during__overlap=midnights(day, worker.time_zone))
    return list(rows.order_by("during", "pk"))


def next_day_with_jobs(worker: Employee, after: date, last: date) -> date | None:
    """The first day after `after`, up to `last`, with a live booking of the worker on his clocks."""
    start, end = midnights(after, worker.time_zone)[1], midnights(last, worker.time_zone)[1]
    found = (
        Booking.objects.live()
        .filter(worker=worker, during__startswith__gte=start, during__startswith__lt=end)
        .order_by("during")
    )
    first = found.values_list("during", flat=True).first()
    return first.lower.astimezone(ZoneInfo(worker.time_zone)).date() if first else None


def bookings() -> "QuerySet[Booking]":
    """Live bookings with everything a job card shows."""
    rows: QuerySet[Booking] = Booking.objects.live().select_related(
        "worker__team",
        "activity__order__customer",
        "activity__order__site",
        "activity__order__stage",
        "activity__order__contact",
        "activity__task_relation__service_task",
    )
    return rows


def next_job(jobs: Sequence[Booking]) -> Booking | None:
    """The job in hand, else the first that is not done."""
    open_jobs = [job for job in jobs if job.status != DONE]
    begun = [job for job in open_jobs if job.status != BookingStatus.PLANNED]
    return next(iter(begun or open_jobs), None)


def steps_from(status: str) -> list[Step]:
    """The buttons of the clock at that status, what usually comes next first."""
    words = {
        TRAVEL: (_("Start travelling"), "navigation"),
        WORK: (_("Start work"), "play"),
        PAUSE: (_("Pause"), "pause"),
        DONE: (_("Finish"), "circle-check"),
    }
    if status == TRAVEL:
        words[WORK] = (_("I have arrived"), "map-pin")
    if status in (PAUSE, DONE):
        words[WORK] = (_("Go on working"), "play")
    usual = {
        BookingStatus.PLANNED: [TRAVEL, WORK],
        TRAVEL: [WORK, PAUSE],
        WORK: [DONE, PAUSE],
        PAUSE: [WORK, DONE],
        DONE: [WORK],
    }.get(BookingStatus(status), [])
    possible = PRESSES & BOOKING_MOVES[status]
    return [
        Step(to.value, words[to][0], words[to][1], place == 0 and status != DONE)
        for place, to in enumerate(usual)
        if to in possible
    ]


def worked_minutes(booking: Booking, at: datetime) -> int:
    """Minutes the clock stood at “working”, by the device's times, up to `at` while it still does."""
    presses = ClockPress.objects.filter(booking=booking).order_by("pk").values_list("status", "device_at")
    total, since = timedelta(), None
    for status, moment in presses:
        if since is not None:
            total += max(moment - since, timedelta())
        since = moment if status == WORK else None
    if since is not None:
        total += max(at - since, timedelta())
    return int(total / timedelta(minutes=1))


def was_his(booking: Booking, worker: Employee) -> bool:
    """Whether the booking was the worker's once: then he may learn who has it now."""
    events = Event.objects.filter(subject=f"booking:{booking.pk}")
    return any(worker.pk in event.changes.get("worker_id", []) for event in events)


def span_of(today: date) -> tuple[date, date]:
    """The first and the last day a technician may open."""
    return today - timedelta(days=AROUND), today + timedelta(days=AROUND)


def today_of(worker: Employee, at: datetime) -> date:
    """The date on the worker's own clock."""
    return at.astimezone(ZoneInfo(worker.time_zone)).date()
