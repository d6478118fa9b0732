"""Every write to a booking begins here: order first, then the booking, then the worker who shall have it."""

from datetime import date

from django.utils.translation import gettext as _

from dispatch.models import Activity, Booking
from dispatch.wording import stale_text
from orders.models import ServiceOrder
from orders.operations.lock import lock_found
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.masterdata.models import Employee
from servicemgmt.masterdata.queries import company_zone


def lock_booking(booking_id: int, *, version: int | None) -> Booking:
    """The booking, its order locked before it. Raises Stale, naming who moved it, where it is not at `version`."""
    of_booking = Booking.objects.filter(pk=booking_id).values("activity__order")
    order = lock_found(ServiceOrder.objects.filter(pk__in=of_booking))
    booking: Booking = (
        Booking.objects.select_for_update(of=["self"], no_key=True)
        .select_related("worker__team", "activity")
        .get(pk=booking_id)
    )
    booking.activity.order = order
    if version is not None and booking.version != version:
        raise Stale(stale_text(booking, company_zone()))
    return booking


def lock_activity(activity: Activity, *, version: int | None) -> Activity:
    """The activity, after its order is locked. Raises Stale where somebody planned it meanwhile."""
    row: Activity = Activity.objects.select_for_update(of=["self"], no_key=True).get(pk=activity.pk)
    if version is not None and row.version != version:
        planned = row.bookings.live().select_related("worker", "activity__order").order_by("-pk").first()
        raise Stale(
            stale_text(planned, company_zone()) if planned else _("Somebody else changed this job meanwhile.")
        )
    return row


def lock_worker(worker: Employee, *, on: date) -> Employee:
    """The worker's row, so that two dispatchers who plan him at once stand in line instead of in a deadlock.

    The database's exclusion constraint has the last word all the same. Raises Refused where he has left by that day.
    """
    row: Employee = (
        Employee.objects.select_for_update(of=["self"], no_key=True).select_related("team").get(pk=worker.pk)
    )
    if row.ended_on and row.ended_on <= on:
        raise Refused(_("%(worker)s is not with the company any more.") % {"worker": row.name})
    return row
