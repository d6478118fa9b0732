"""SO-11: the progress of an order follows from its lines, here and nowhere else."""

from collections.abc import Collection, Iterable

from orders.models import LineStatus, OrderProgress, ServiceOrder, ServiceOrderLine


def progress_of(statuses: Collection[str]) -> OrderProgress:
    """Any Created line, or none at all: in process. All cancelled: cancelled. Else at least one is posted: posted."""
    if not statuses or LineStatus.CREATED in statuses:
        return OrderProgress.IN_PROCESS
    if LineStatus.POSTED in statuses:
        return OrderProgress.POSTED
    return OrderProgress.CANCELLED


def refresh_progress_of(orders: Collection[ServiceOrder]) -> None:
    """The same for many locked orders, in one query."""
    statuses: dict[int, set[str]] = {order.pk: set() for order in orders}
    lines = ServiceOrderLine.objects.filter(order__in=orders).order_by()
    for order_id, status in lines.values_list("order_id", "status").distinct():
        statuses[order_id].add(status)
    for order in orders:
        order.progress = progress_of(statuses[order.pk])


def refresh_progress(order: ServiceOrder, *, written: Iterable[ServiceOrderLine] = ()) -> None:
    """Set the locked order's progress from its lines; the caller saves the field `progress`.

    One Created line among those just written says all there is to say.
    """
    if any(line.status == LineStatus.CREATED for line in written):
        order.progress = OrderProgress.IN_PROCESS
    else:
        order.progress = progress_of(set(order.lines.order_by().values_list("status", flat=True)))
