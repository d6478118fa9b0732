"""What follows from a booking, in its transaction: who is assigned, whose the lines are, the order's day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from dispatch.models import Activity, Booking
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from orders.operations import change_order
from orders.operations.assignment import let_go, present_on, put_on
from orders.operations.line import give_lines
from orders.rules import why_not_change
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Employee


def follow(activity: Activity, *, left: Employee | None = None, by: User | None, at: datetime) -> None:
    """Bring assignments, line workers and the day of service in step with the order's live bookings.

    `left` is the worker who has just lost a booking. Where the stage allows no changes or the order is signed, lines
    and day stay as they are: the board may still plan.
    """
    order = activity.order
    live = list(
        Booking.objects.live().filter(activity__order=order).select_related("worker").order_by("during", "pk")
    )
    follow_assignments(order, live, left, by=by)
    if order.signed_off_at is None:
        workers = [booking.worker for booking in live if booking.activity_id == activity.pk]
        follow_lines(activity, workers, by=by, at=at)
        follow_day(order, live, by=by, at=at)


def follow_assignments(
    order: ServiceOrder, live: list[Booking], left: Employee | None, *, by: User | None
) -> None:
    """Who is booked is assigned; who lost his last booking is not; the first one booked leads where nobody does."""
    if left and all(booking.worker_id != left.pk for booking in live):
        let_go(order, left, by=by)
    present = present_on(order)
    for booking in live:
        has_lead = any(row.is_lead for row in present.values())
        if booking.worker_id not in present or not has_lead:
            put_on(order, booking.worker, present, lead=not has_lead, by=by)


def follow_lines(activity: Activity, workers: list[Employee], *, by: User | None, at: datetime) -> None:
    """DB-08: the lines of the activity are costed on whom it is booked for; of a crew, on the first."""
    if not workers:
        return
    lines = ServiceOrderLine.objects.filter(activity_line__activity=activity, status=LineStatus.CREATED)
    try:
        give_lines(activity.order, lines.exclude(worker__in=workers), worker=workers[0], by=by, at=at)
    except Refused:
        return


def follow_day(order: ServiceOrder, live: list[Booking], *, by: User | None, at: datetime) -> None:
    """The order's day is the site's date of its first booking."""
    if not live:
        return
    day = live[0].during.lower.astimezone(ZoneInfo(order.site.time_zone)).date()
    if day == order.service_on or why_not_change(order):
        return
    try:
        with transaction.atomic():
            change_order(order.pk, version=None, by=by, at=at, service_on=day)
    except Refused:
        return
