"""The planned hours of orders: what activities are made of."""

from collections.abc import Collection

from dispatch.parts import PlannedLine
from orders.models import LineStatus, ServiceOrderLine
from servicemgmt.projects.models import LineKind


def planned_lines(order_ids: Collection[int]) -> dict[int, list[PlannedLine]]:
    """The planned hour lines of each order, cancelled ones left out.

    Hours that a technician entered while working have no plan and are none of these.
    """
    rows = (
        ServiceOrderLine.objects.filter(order__in=order_ids, kind=LineKind.HOUR, planned_quantity__gt=0)
        .exclude(status=LineStatus.CANCELLED)
        .order_by("order", "line_number")
        .values_list("order_id", "pk", "worker_id", "task_relation_id", "planned_quantity")
    )
    found: dict[int, list[PlannedLine]] = {}
    for order_id, pk, worker_id, task_id, quantity in rows:
        assert quantity is not None
        found.setdefault(order_id, []).append(PlannedLine(pk, worker_id, task_id, quantity))
    return found
