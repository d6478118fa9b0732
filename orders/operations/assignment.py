"""Who may see an order and work on it (architecture 13). Bookings call these in their own transaction."""

from django.db import transaction

from orders.models import Assignment, ServiceOrder
from servicemgmt.core.audit import record
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Employee

from .lock import lock_order


@transaction.atomic
def assign(order: ServiceOrder, worker: Employee, *, lead: bool = False, by: User | None) -> Assignment:
    """Put a worker on an order; as lead he takes the place of the present one. Again changes nothing.

    Not gated by the stage: the board may plan whatever it shows. Leaves the order's version alone.
    """
    lock_order(order.pk)
    return put_on(order, worker, present_on(order), lead=lead, by=by)


def present_on(order: ServiceOrder) -> dict[int, Assignment]:
    """Who is on the order, by the worker's key."""
    return {row.worker_id: row for row in Assignment.objects.filter(order=order)}


def put_on(
    order: ServiceOrder, worker: Employee, present: dict[int, Assignment], *, lead: bool, by: User | None
) -> Assignment:
    """The same on the locked order, where those are present; he is then one of them."""
    row = present.get(worker.pk)
    if row and (row.is_lead or not lead):
        return row
    if lead:
        for other in (other for other in present.values() if other.is_lead):
            other.is_lead = False
            other.save(update_fields=["is_lead"])
    if row is None:
        row = present[worker.pk] = Assignment.objects.create(order=order, worker=worker, is_lead=lead)
    else:
        row.is_lead = lead
        row.save(update_fields=["is_lead"])
    record("assigned", order, by=by, changes={"lead" if lead else "technician": [None, worker.name]})
    return row


@transaction.atomic
def unassign(order: ServiceOrder, worker: Employee, *, by: User | None) -> None:
    """Take a worker off an order; nothing happens where he is not on it."""
    lock_order(order.pk)
    let_go(order, worker, by=by)


def let_go(order: ServiceOrder, worker: Employee, *, by: User | None) -> None:
    """The same on the locked order."""
    deleted, _by_model = Assignment.objects.filter(order=order, worker=worker).delete()
    if deleted:
        record("unassigned", order, by=by, changes={"technician": [worker.name, None]})
