"""What a technician in front of a service object wants to know."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from agreements.boms.queries import boms_for, present_lines
from agreements.boms.trees import Shown, flat
from agreements.models import SerialSwap, ServiceBomLine, ServiceObject
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


@dataclass(frozen=True, slots=True)
class Done:
    """One thing of the past: a visit that was posted or cancelled, or a serial number that was swapped."""

    on: date
    order: ServiceOrder | None = None
    swap: SerialSwap | None = None


def done_on(found: ServiceObject, user: User, until: date) -> list[Done]:
    """The latest visits that the user may see, up to that day, and every swap; the latest first."""
    rows = visits_of(found, user).filter(service_on__lte=until).exclude(progress=OrderProgress.IN_PROCESS)
    visits = [Done(row.service_on, order=row) for row in rows.order_by("-service_on", "-pk")[:LATEST]]
    swaps = [Done(row.swapped_on, swap=row) for row in found.swaps.all()]
    return sorted([*visits, *swaps], key=lambda done: done.on, reverse=True)


def parts_in(found: ServiceObject, user: User) -> list[tuple[int, list[Shown[ServiceBomLine]]]]:
    """The parts of each service BOM of the object, with the BOM's key."""
    return [(bom.pk, flat(present_lines(bom))) for bom in boms_for(user).filter(service_object=found)]
