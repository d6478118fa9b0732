"""Putting a booking somewhere: snapped to the team's grid, free or knowingly double."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from dispatch.models import Booking
from dispatch.parts import STEP
from dispatch.queries.clash import clashes
from dispatch.wording import taken_text
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.masterdata.models import Employee
from servicemgmt.masterdata.models.people import BookingRule
from servicemgmt.masterdata.queries import company_zone

#: The longest a single booking may last, in minutes.
LONGEST = 24 * 60


@dataclass(frozen=True, slots=True)
class Place:
    """Who, from when, how long: what an undo needs to know. Instants are UTC."""

    worker: Employee
    start: datetime
    minutes: int
    reason: str = ""

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)


def place_of(booking: Booking) -> Place:
    """Where a booking is now."""
    start = booking.during.lower.astimezone(UTC)
    minutes = int((booking.during.upper - booking.during.lower) / timedelta(minutes=1))
    return Place(booking.worker, start, minutes, booking.soft_reason)


def snapped(start: datetime, worker: Employee, zone: str) -> datetime:
    """The start on the nearest line of the team's grid, counted from midnight in the company's zone."""
    step = worker.team.snap_minutes if worker.team else 15
    local = start.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    minute = local.hour * 60 + local.minute
    shift = (minute + step / 2) // step * step - minute
    return start.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=shift)


def check_length(minutes: int) -> int:
    """Minutes rounded up to the grid's step. Raises Invalid for nothing and for more than a day."""
    if not 0 < minutes <= LONGEST:
        raise Invalid(_("A booking lasts from 5 minutes to 24 hours."), field="minutes")
    return -(-minutes // STEP) * STEP


def put(booking: Booking, place: Place) -> None:
    """Save the booking at the place, whose worker is locked.

    Where he is booked already: Refused, naming by what; in a team whose rule is to warn, Invalid at `reason` until
    one is given, then the booking is soft. The constraint `booking_no_double_booking` has the last word.
    """
    others = clashes(place.worker.pk, place.start, place.end, booking.pk)
    if others and not _may_double(place.worker):
        raise Refused(taken_text(others[0], company_zone()))
    if others and not place.reason.strip():
        sentence = taken_text(others[0], company_zone())
        raise Invalid(_("%(taken)s Give a reason to book anyway.") % {"taken": sentence}, field="reason")
    booking.worker = place.worker
    booking.during = DateTimeTZRange(place.start, place.end)
    booking.is_hard = not others
    booking.soft_reason = place.reason.strip()[:160] if others else ""
    with refusing(booking_no_double_booking=_("%(worker)s is booked then.") % {"worker": place.worker.name}):
        booking.save()


def _may_double(worker: Employee) -> bool:
    return worker.team is not None and worker.team.booking_rule == BookingRule.WARN
