"""The bookings of a span as bars: plain values, no model instances."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Q
from django.db.models.functions import Least
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dispatch.models import Booking, BookingStatus
from dispatch.shifts import Shifts, less
from orders.models import Phase, Priority

FIELDS = [
    "pk", "version", "worker_id", "during", "status", "is_hard", "soft_reason", "dispatched_at",
    "activity__order_id", "activity__order__number", "activity__order__description",
    "activity__order__customer__name", "activity__order__site__name", "activity__order__site__city",
    "activity__order__stage_id", "activity__order__stage__description", "activity__order__stage__phase",
    "activity__order__priority", "activity__order__deadline", "activity__order__promised_window",
    "activity__order__progress",
]  # fmt: skip

#: The phase that the clock of a booking shows, ahead of the order's stage.
CLOCK_PHASES = {
    BookingStatus.TRAVELLING: Phase.WORKING,
    BookingStatus.WORKING: Phase.WORKING,
    BookingStatus.PAUSED: Phase.PAUSED,
    BookingStatus.DONE: Phase.DONE,
}
PRIORITY_TONES = {Priority.HIGH: "red", Priority.NORMAL: "yellow", Priority.LOW: "green"}


@dataclass(slots=True)
class Bar:
    """A booking as the board draws it. Moments are instants; `warnings` are sentences."""

    pk: int
    version: int
    worker_id: int
    start: datetime
    end: datetime
    status: str
    is_hard: bool
    soft_reason: str
    sent: bool
    order_id: int
    number: str
    description: str
    customer: str
    site: str
    city: str
    stage: str
    phase: str
    priority: str
    deadline: datetime | None
    warnings: list[str]
    is_dim: bool = False
    start_minute: int = 0
    minutes: int = 0
    step: int = 0
    length: int = 0
    time: str = ""
    label: str = ""
    tone: str = ""
    url: str = ""

    @property
    def is_fixed(self) -> bool:
        """Whether the bar stays where it is: the work has begun or is over."""
        return self.status != BookingStatus.PLANNED

    @property
    def is_late(self) -> bool:
        return self.deadline is not None and self.end > self.deadline and self.status != BookingStatus.DONE

    @property
    def attributes(self) -> SafeString:
        """What the script and the stylesheet read of a bar: numbers and words of ours only, so nothing to escape."""
        flags = {
            "fixed": self.is_fixed,
            "dim": self.is_dim,
            "late": self.is_late,
            "soft": not self.is_hard,
            "sent": self.sent,
        }
        return mark_safe(
            f'id="bar-{self.pk}" data-id="{self.pk}" data-v="{self.version}" data-start="{self.start_minute}" '
            f'data-minutes="{self.minutes}" data-tone="{self.tone}" data-status="{self.status}"'
            + "".join(f" data-{name}" for name, is_on in flags.items() if is_on)
        )

    @property
    def place(self) -> str:
        return self.city or self.site


def bars_between(
    start: datetime, end: datetime, *, workers: Collection[int] | None = None, hide_done: bool = False
) -> list[Bar]:
    """The live bookings that touch [start, end), of those workers, in order of time. One query."""
    rows: Any = Booking.objects.live().filter(during__overlap=(start, end))
    if workers is not None:
        rows = rows.filter(worker__in=workers)
    if hide_done:
        rows = rows.exclude(status=BookingStatus.DONE)
    return [bar_of(row) for row in rows.order_by("during", "pk").values_list(*FIELDS)]


def bar_of(row: tuple[Any, ...]) -> Bar:
    (
        pk, version, worker_id, during, status, is_hard, soft_reason, sent, order_id, number, description, customer,
        site, city, _stage_id, stage, phase, priority, deadline, promised, _progress,
    ) = row  # fmt: skip
    warnings = []
    if promised and (during.lower < promised.lower or during.upper > promised.upper):
        warnings.append(_("outside the time promised"))
    if soft_reason:
        warnings.append(_("booked double: %(reason)s") % {"reason": soft_reason})
    if phase in (Phase.NEW, Phase.PLANNED):
        phase = Phase.PLANNED
    return Bar(
        pk, version, worker_id, during.lower, during.upper, status, is_hard, soft_reason, sent is not None, order_id,
        number, description, customer, site, city, stage, CLOCK_PHASES.get(status, phase), priority, deadline, warnings,
    )  # fmt: skip


def dress(bars: list[Bar], shifts: Shifts, *, zone: ZoneInfo, colour: str, dim: Any) -> None:
    """Give the bars what they show: times, tone, warnings (DB-13), and whether a filter dims them."""
    days = days_allowed({bar.pk for bar in bars})
    free = {worker_id: shifts.free(worker_id) for worker_id in {bar.worker_id for bar in bars}}
    for bar in bars:
        start, end = bar.start.astimezone(zone), bar.end.astimezone(zone)
        bar.start_minute, bar.minutes = (
            start.hour * 60 + start.minute,
            int((bar.end - bar.start).total_seconds() // 60),
        )
        bar.time = f"{start:%H:%M}–{end:%H:%M}"
        bar.tone = PRIORITY_TONES[Priority(bar.priority)] if colour == "priority" else bar.phase
        bar.is_dim = dim(bar)
        if bar.status != BookingStatus.DONE:
            bar.warnings += warnings_of(bar, free[bar.worker_id], days.get(bar.pk), start.date())
        bar.label = label_of(bar)


def warnings_of(
    bar: Bar, free: list[Any], days: tuple[date | None, date | None] | None, on: date
) -> list[str]:
    found = []
    if bar.is_late:
        found.append(_("ends after the SLA deadline"))
    if less([(bar.start, bar.end)], free):
        found.append(_("outside the working time"))
    if days and ((days[0] and on < days[0]) or (days[1] and on > days[1])):
        found.append(_("outside the days of the agreement"))
    return found


def label_of(bar: Bar) -> str:
    """The whole bar in words, for those who hear it."""
    words = [bar.number, bar.customer, bar.place, bar.description, bar.time, bar.stage]
    if bar.status in CLOCK_PHASES:
        words.append(str(BookingStatus(bar.status).label))
    if bar.priority == Priority.HIGH:
        words.append(_("high priority"))
    return ", ".join(word for word in [*words, *bar.warnings] if word)


def days_allowed(booking_ids: Collection[int]) -> dict[int, tuple[date | None, date | None]]:
    """The days the agreement allows for each booking's lines, none after its own last one, where it says so."""
    agreed, line = "activity__order__agreement__end_date", "activity__activity_lines__line"
    rows = (
        Booking.objects.filter(pk__in=booking_ids)
        .filter(Q(**{f"{line}__date_range_from__isnull": False}) | Q(**{f"{agreed}__isnull": False}))
        .values_list("pk")
        .annotate(first=Max(f"{line}__date_range_from"), last=Least(Min(f"{line}__date_range_to"), agreed))
        .order_by()
    )
    return {pk: (first, last) for pk, first, last in rows}
