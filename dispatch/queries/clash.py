"""Which bookings are in the way of a time."""

from datetime import datetime

from dispatch.models import Booking


def clashes(worker_id: int, start: datetime, end: datetime, but: int | None = None) -> list[Booking]:
    """The live bookings of the worker that overlap [start, end), without booking `but`, earliest first."""
    return list(
        Booking.objects.live()
        .filter(worker=worker_id, during__overlap=(start, end))
        .exclude(pk=but)
        .select_related("worker", "activity__order__customer")
        .order_by("during", "pk")
    )
