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
    found = Assignment.objects.filter(order=order, worker=worker).first()
    if found and (found.is_lead or not lead):
        return found
    if lead:
        Assignment.objects.filter(order=order, is_lead=True).update(is_lead=False)
    row, _created = Assignment.objects.update_or_create(
        order=order, worker=worker, defaults={"is_lead": lead}
    )
    record("assigned", order, by=by, changes={"lead" if lead else "technician": [None, worker.name]})
    return row


@transaction.atomic
def unassign(order: ServiceOrder, worker: Employee, *, by: User | None) -> None:
    """Take a worker off an order; nothing happens where he is not on it."""
    lock_order(order.pk)
    deleted, _by_model = Assignment.objects.filter(order=order, worker=worker).delete()
    if deleted:
        record("unassigned", order, by=by, changes={"technician": [worker.name, None]})
