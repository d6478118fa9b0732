"""The four verbs of the board. Each locks the order, then the booking, then the worker; checks; writes; records."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F

from dispatch import pulse
from dispatch.models import Activity, Booking, BookingStatus
from dispatch.rules import STARTED, why_not_move, why_not_unbook
from dispatch.wording import stale_text
from orders.models import ServiceOrder
from orders.operations.lock import insist, lock_order
from orders.rules import why_not_plan
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Stale
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Employee
from servicemgmt.masterdata.queries import company_zone

from .activities import in_step
from .follow import follow
from .lock import lock_activity, lock_booking, lock_worker
from .placing import Place, check_length, place_of, put, snapped
from .told import tell


@transaction.atomic
def book(
    order_or_activity: ServiceOrder | Activity,
    worker: Employee,
    start: datetime,
    minutes: int | None = None,
    *,
    by: User | None,
    at: datetime,
    version: int | None = None,
    reason: str = "",
) -> Booking:
    """Plan work for a worker from `start` on, snapped to his team's grid.

    An order means its first activity that nobody has planned yet; an activity may get several bookings (crew, several
    days). `minutes` by default is what is planned and not booked yet. `version` is that of what was given. Assigns
    the worker in the same transaction. Raises Stale naming who was quicker, Refused by name where the worker is
    taken, Invalid at `reason` where his team books double only with a reason.
    """
    order = lock_order(_order_id(order_or_activity))
    if isinstance(order_or_activity, ServiceOrder):
        activity = _next_unplanned(order)
    else:
        activity = lock_activity(order_or_activity, version=version)
    activity.order = order
    insist(why_not_plan(order))
    length = check_length(remaining(activity) if minutes is None else minutes)
    worker = lock_worker(worker, on=start.date())
    zone = company_zone()
    place = Place(worker, snapped(start, worker, zone), length, reason)
    booking = Booking(activity=activity, made_by=by)
    put(booking, place)
    _touched(activity)
    follow(activity, by=by, at=at)
    tell("booked", booking, before=None, after=place_of(booking), by=by, zone=zone)
    return booking


@transaction.atomic
def move_booking(
    booking_id: int,
    *,
    worker: Employee,
    start: datetime,
    minutes: int,
    version: int | None,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Booking:
    """Give a booking another person, time or length; other bookings stay where they are (DB-06).

    A start that does not change is not snapped, so going to another row keeps the time. Of begun work only the end
    may change. Raises Stale naming who moved it, Refused and Invalid as `book` does.
    """
    booking = lock_booking(booking_id, version=version)
    before = place_of(booking)
    start = start.astimezone(UTC)
    is_end_alone = (worker.pk, start) == (before.worker.pk, before.start) and booking.status in STARTED
    if not is_end_alone:
        insist(why_not_move(booking))
        insist(why_not_plan(booking.activity.order))
    length = minutes if minutes == before.minutes else check_length(minutes)
    worker = lock_worker(worker, on=start.date())
    place = Place(
        worker, start if start == before.start else snapped(start, worker, company_zone()), length, reason
    )
    return booking if place == before else shift(booking, place, by=by, at=at)


def resize(
    booking_id: int, *, minutes: int, version: int | None, by: User | None, at: datetime, reason: str = ""
) -> Booking:
    """Give a booking another end; see `move_booking`."""
    booking = Booking.objects.select_related("worker").get(pk=booking_id)
    return move_booking(
        booking_id,
        worker=booking.worker,
        start=booking.during.lower,
        minutes=minutes,
        version=version,
        by=by,
        at=at,
        reason=reason,
    )


@transaction.atomic
def unbook(booking_id: int, *, version: int | None, by: User | None, at: datetime) -> Booking:
    """Take a booking off the board; its activity is unscheduled again. Refused once the work has begun."""
    booking = lock_booking(booking_id, version=version)
    insist(why_not_unbook(booking))
    return take_off(booking, by=by, at=at)


@transaction.atomic
def send(booking_id: int, *, version: int | None, by: User | None, at: datetime) -> Booking:
    """DB-10: say that the technician was told of the booking. Again changes nothing."""
    booking = lock_booking(booking_id, version=version)
    insist(why_not_move(booking))
    if booking.dispatched_at:
        return booking
    booking.dispatched_at = at
    booking.version += 1
    booking.save(update_fields=["dispatched_at", "version"])
    record(
        "dispatched", booking.activity.order, by=by, changes={"technician told": [None, booking.worker.name]}
    )
    pulse.touch(booking.worker_id)
    return booking


def shift(
    booking: Booking, place: Place, *, by: User | None, at: datetime, undoes: int | None = None
) -> Booking:
    """Put a locked booking elsewhere, the worker of the place locked too."""
    before = place_of(booking)
    booking.version += 1
    put(booking, place)
    _touched(booking.activity)
    follow(booking.activity, left=before.worker if before.worker != place.worker else None, by=by, at=at)
    tell("booking_moved", booking, before=before, after=place_of(booking), by=by, undoes=undoes)
    return booking


def take_off(booking: Booking, *, by: User | None, at: datetime, undoes: int | None = None) -> Booking:
    """Cancel a locked booking that has not begun."""
    before = place_of(booking)
    booking.status = BookingStatus.CANCELLED
    booking.version += 1
    booking.save(update_fields=["status", "version"])
    _touched(booking.activity)
    follow(booking.activity, left=booking.worker, by=by, at=at)
    tell("unbooked", booking, before=before, after=None, by=by, undoes=undoes)
    return booking


def put_back(booking: Booking, place: Place, *, by: User | None, at: datetime, undoes: int) -> Booking:
    """Give a locked cancelled booking its place again: only an undo does that."""
    booking.status = BookingStatus.PLANNED
    booking.version += 1
    put(booking, place)
    _touched(booking.activity)
    follow(booking.activity, by=by, at=at)
    tell("booked", booking, before=None, after=place_of(booking), by=by, undoes=undoes)
    return booking


def remaining(activity: Activity) -> int:
    """The planned minutes that no live booking holds yet; all of them where they are all booked."""
    spans = Booking.objects.live().filter(activity=activity).values_list("during", flat=True)
    booked = sum(int((span.upper - span.lower) / timedelta(minutes=1)) for span in spans)
    left = activity.planned_minutes - booked
    return left if left > 0 else activity.planned_minutes


def _order_id(thing: ServiceOrder | Activity) -> int:
    return thing.pk if isinstance(thing, ServiceOrder) else thing.order_id


def _next_unplanned(order: ServiceOrder) -> Activity:
    """The locked order's first activity without a live booking. Raises Stale where there is none (any more)."""
    for thing in in_step(order):
        if not thing.workers:
            return thing.activity
    planned = Booking.objects.live().filter(activity__order=order).select_related("worker", "activity__order")
    raise Stale(stale_text(planned.latest("pk"), company_zone()))


def _touched(activity: Activity) -> None:
    """Whoever holds the activity's old version learns that it was planned meanwhile."""
    Activity.objects.filter(pk=activity.pk).update(version=F("version") + 1)
