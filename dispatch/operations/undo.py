"""Taking back what somebody just did on the board, one action after the other, if nothing else changed since."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from dispatch.models import Booking
from dispatch.rules import why_not_move, why_not_unbook
from dispatch.wording import stale_text
from orders.operations.lock import insist
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.core.models import Event, User
from servicemgmt.masterdata.models import Employee
from servicemgmt.masterdata.queries import company_zone

from .booking import put_back, shift, take_off
from .lock import lock_booking, lock_worker
from .placing import Place, place_of

#: How long an action on the board can be taken back.
WITHIN = timedelta(minutes=5)
ACTIONS = {"booked", "booking_moved", "unbooked"}


def undo_last(*, by: User, at: datetime) -> Booking:
    """Take back the user's last action on the board that he has not taken back yet.

    Raises Refused where there is none within five minutes, Stale where somebody changed the booking since.
    """
    recent = Event.objects.filter(
        actor=by, at__gte=at - WITHIN, subject__startswith="booking:", action__in=ACTIONS
    )
    undone = set()
    for event in recent.order_by("-pk"):
        if "undoes" in event.changes:
            undone.add(event.changes["undoes"][1])
        elif event.pk not in undone:
            return _undo(event, by=by, at=at)
    raise Refused(_("There is nothing of yours to undo in the last five minutes."))


def undo(booking_id: int, *, version: int, by: User, at: datetime) -> Booking:
    """Take back the user's own last change of a booking, which made it `version`.

    What was booked is taken off, what was moved goes back, what was taken off is booked again. Raises Stale, saying
    who changed it since; Refused where it is more than five minutes old.
    """
    event = Event.objects.filter(
        subject=f"booking:{booking_id}", action__in=ACTIONS, actor=by, changes__version__1=version
    ).first()
    if event is None:
        booking = Booking.objects.select_related("worker", "activity__order").get(pk=booking_id)
        raise Stale(stale_text(booking, company_zone()))
    return _undo(event, by=by, at=at)


@transaction.atomic
def _undo(event: Event, *, by: User, at: datetime) -> Booking:
    booking = lock_booking(int(event.subject.partition(":")[2]), version=None)
    _check(event, booking, by=by)
    if event.at < at - WITHIN:
        raise Refused(
            _("This was done more than five minutes ago and can no longer be undone; move it by hand.")
        )
    if event.action == "booked":
        insist(why_not_unbook(booking))
        return take_off(booking, by=by, at=at, undoes=event.pk)
    place = _place_before(booking, event)
    lock_worker(place.worker, on=place.start.date())
    if event.action == "unbooked":
        return put_back(booking, place, by=by, at=at, undoes=event.pk)
    insist(why_not_move(booking))
    return shift(booking, place, by=by, at=at, undoes=event.pk)


def _check(event: Event, booking: Booking, *, by: User) -> None:
    """Since the event nothing may have happened to the booking but its doer's own undoing."""
    later = list(
        Event.objects.filter(subject=event.subject, action__in=ACTIONS, pk__gte=event.pk).order_by("pk")
    )
    undone = {row.changes["undoes"][1] for row in later if "undoes" in row.changes}
    is_mine = all(
        row.actor_id == by.pk and ("undoes" in row.changes or row.pk in undone) for row in later[1:]
    )
    if event.pk in undone or not is_mine or booking.version != later[-1].changes["version"][1]:
        raise Stale(stale_text(booking, company_zone()))


def _place_before(booking: Booking, event: Event) -> Place:
    """Where the booking was before the event; what the event does not name did not change."""
    now, changes = place_of(booking), event.changes
    return Place(
        Employee.objects.select_related("team").get(pk=changes["worker_id"][0])
        if "worker_id" in changes
        else now.worker,
        datetime.fromisoformat(changes["start"][0]) if "start" in changes else now.start,
        changes["minutes"][0] if "minutes" in changes else now.minutes,
        changes["reason"][0] if "reason" in changes else now.reason,
    )
