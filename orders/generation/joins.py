"""Orders that are there and that lines join: read with what they hold, and told of what came."""

from collections.abc import Sequence

from django.db.models import Max

from orders.models import OrderObject, OrderTask, ServiceOrderLine
from orders.operations.lock import lock_orders, save_orders
from orders.planning import PlannedOrder
from servicemgmt.core.audit import Changes, changed, event_of, record_all, snapshot
from servicemgmt.core.models import Run

from .load import Loaded
from .written import Written, window


def joined(pairs: Sequence[tuple[Loaded, PlannedOrder]]) -> list[Written]:
    """The orders, locked, with their relations and their last line's number; no statement where there are none."""
    if not pairs:
        return []
    ids = [planned.joins.id for _loaded, planned in pairs if planned.joins]
    orders = {order.pk: order for order in lock_orders(ids)}
    found: dict[int, Written] = {}
    for loaded, planned in pairs:
        assert planned.joins
        order = orders[planned.joins.id]
        order.agreement, order.project = loaded.agreement, loaded.agreement.project
        found[order.pk] = Written(loaded, planned, order.pk, order.number, order)
    last = ServiceOrderLine.objects.filter(order__in=ids).order_by().values("order_id")
    for row in last.annotate(last=Max("line_number")):
        found[row["order_id"]].last_line = row["last"]
    for relation in OrderObject.objects.filter(order__in=ids):
        found[relation.order_id].objects[relation.service_object_id, relation.reference] = relation.pk
    for task in OrderTask.objects.filter(order__in=ids):
        found[task.order_id].tasks[task.service_task_id] = task.pk
    return list(found.values())


def note_joins(made: Sequence[Written], *, run: Run | None) -> None:
    """The next version of the orders, promised no wider than the lines that came allow; told in their history."""
    if not made:
        return
    changes = {item.key: _changes(item) for item in made}
    save_orders([item.order for item in made if item.order], "promised_window")
    record_all(
        event_of(
            "line_added",
            item.order,
            by=run.started_by if run else None,
            changes=changes[item.key],
            run=run,
        )
        for item in made
        if item.order
    )


def _changes(item: Written) -> Changes:
    """What came to the order, its promise narrowed where a line asks for that."""
    changes: Changes = {"lines": [None, [source.description for _line, source in item.sources]]}
    order, joins = item.order, item.planned.joins
    assert order and joins
    if item.planned.hours != joins.hours:
        before = snapshot(order, ["promised_window"])
        order.promised_window = window(item)
        changes |= changed(before, snapshot(order, ["promised_window"]))
    return changes
