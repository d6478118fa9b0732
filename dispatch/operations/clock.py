"""The technician's clock: one door, `press`. It belongs to the booking and is never refused by the order's stage."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dispatch import pulse
from dispatch.models import Booking, BookingStatus, ClockPress
from dispatch.rules import why_not_press
from dispatch.wording import place_text
from orders.client import is_skewed, once
from orders.models import Phase, StageReasonCode
from orders.operations import follow_clock
from orders.operations.lock import insist
from servicemgmt.core.audit import Changes, record, subject_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.masterdata.queries import company_zone

from .follow import follow
from .lock import lock_booking

#: The phase an order goes to with the clock; travelling and being planned leave it where it is.
PHASES = {
    BookingStatus.WORKING: Phase.WORKING,
    BookingStatus.PAUSED: Phase.PAUSED,
    BookingStatus.DONE: Phase.DONE,
}


@transaction.atomic
def press(
    booking_id: int,
    *,
    to: str,
    key: UUID,
    device_at: datetime,
    by: User,
    at: datetime,
    reason: StageReasonCode | None = None,
    text: str = "",
) -> Booking:
    """One press on the clock of one's own booking (architecture 13).

    The device's time counts, never later than `at`; both are kept. Sent again with the same key nothing happens; the
    status it has already is no press. The order follows to the single neighbouring stage of that phase, for “done”
    only when no other booking of it is left. Raises Refused where the job is somebody else's now or the clock
    cannot go there.
    """
    booking = lock_booking(booking_id, version=None)
    write, is_new = once(
        key, user=by, action="clock_pressed", subject=subject_of(booking), device_at=device_at, at=at
    )
    if not is_new or booking.status == to:
        return booking
    if booking.worker.user_id != by.pk:
        raise Refused(
            _("This job was given to %(place)s. Your times are kept on this device; tell the office.")
            % {"place": place_text(booking, company_zone())}
        )
    insist(why_not_press(booking, to))
    old = BookingStatus(booking.status)
    _turn(booking, to, min(device_at, at))
    ClockPress.objects.create(booking=booking, status=to, client_write=write, device_at=device_at)
    _follow(booking, by=by, at=at, reason=reason, text=text)
    changes: Changes = {"clock": [str(old.label), str(BookingStatus(to).label)]}
    if is_skewed(write):
        changes["device clock"] = [device_at.isoformat(), write.received_at.isoformat()]
    record("clock_pressed", booking.activity.order, by=by, changes=changes)
    pulse.touch(booking.worker_id)
    return booking


def _turn(booking: Booking, to: str, moment: datetime) -> None:
    """The real start is the first time of working, the real end the last time of done."""
    booking.status = to
    if to == BookingStatus.WORKING:
        booking.started_at = booking.started_at or moment
        booking.ended_at = None
    if to == BookingStatus.DONE:
        booking.ended_at = moment
    booking.version += 1
    booking.save(update_fields=["status", "started_at", "ended_at", "version"])


def _follow(booking: Booking, *, by: User, at: datetime, reason: StageReasonCode | None, text: str) -> None:
    phase = PHASES.get(BookingStatus(booking.status))
    if phase is None:
        return
    order = booking.activity.order
    others = Booking.objects.live().filter(activity__order=order).exclude(status=BookingStatus.DONE)
    if phase == Phase.DONE and others.exists():
        return
    booking.activity.order = follow_clock(order, phase=phase, by=by, at=at, reason=reason, text=text)
    if phase == Phase.WORKING:  # an order that was on hold takes its day and its worker only now
        follow(booking.activity, by=by, at=at)
