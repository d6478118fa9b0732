"""What a technician in front of a service object wants to know."""

from datetime import date

from django.db.models import QuerySet

from agreements.boms.queries import boms_for, present_lines
from agreements.boms.trees import Shown, flat
from agreements.models import ServiceBomLine, ServiceObject
from dispatch.models import Booking
from orders.models import OrderProgress, ServiceOrder
from servicemgmt.core.models import User

from .day import bookings

#: How many visits of the past are shown.
LATEST = 10


def visits_of(found: ServiceObject, user: User) -> QuerySet[ServiceOrder]:
    """The orders for the object that the user may see."""
    keys = found.order_relations.values("order")
    rows: QuerySet[ServiceOrder] = ServiceOrder.objects.visible_to(user).filter(pk__in=keys)
    return rows.select_related("stage", "site", "customer")


def open_visits(found: ServiceObject, user: User) -> list[ServiceOrder]:
    """Those still to be done, the next first, each with the user's own booking as `job` (None: he has none)."""
    rows = list(visits_of(found, user).filter(progress=OrderProgress.IN_PROCESS).order_by("service_on", "pk"))
    jobs: dict[int, Booking] = {}
    own = bookings().filter(worker__user=user, activity__order__in=rows)
    for booking in own.order_by("-during"):
        jobs[booking.activity.order_id] = booking
    for row in rows:
        row.job = jobs.get(row.pk)  # type: ignore[attr-defined]
    return rows


def past_visits(found: ServiceObject, user: User, on: date) -> list[ServiceOrder]:
    """The latest that were posted or cancelled, up to that day."""
    rows = visits_of(found, user).filter(service_on__lte=on).exclude(progress=OrderProgress.IN_PROCESS)
    return list(rows.order_by("-service_on", "-pk")[:LATEST])


def parts_in(found: ServiceObject, user: User) -> list[tuple[int, list[Shown[ServiceBomLine]]]]:
    """The parts of each service BOM of the object, with the BOM's key."""
    return [(bom.pk, flat(present_lines(bom))) for bom in boms_for(user).filter(service_object=found)]
