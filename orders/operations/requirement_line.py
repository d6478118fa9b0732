"""A line set up as item requirement goes with its requirement (SO-18): used up it is posted, and not before."""

from datetime import datetime

from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from servicemgmt.core.audit import Changes, changed, record, snapshot
from servicemgmt.core.models import User
from servicemgmt.projects.models import ItemRequirement, RequirementStatus
from servicemgmt.projects.requirements.followers import Follower, Place, register

from .line import PARTS, written
from .line_values import is_planning
from .lock import lock_order, save_order
from .progress import refresh_progress

#: What becomes of the line where nothing of its requirement is reserved or in hand any more.
ENDED: dict[str, LineStatus] = {
    RequirementStatus.CONSUMED: LineStatus.POSTED,
    RequirementStatus.RETURNED: LineStatus.CANCELLED,
}


def place_of(row: ItemRequirement) -> Place | None:
    """Site and agreement of the order that needs the goods, as its own lines are posted with them."""
    name, _colon, pk = row.subject.partition(":")
    if name != ServiceOrder._meta.model_name:
        return None
    found = ServiceOrder.objects.filter(pk=pk).values_list("site_id", "agreement__number").first()
    return Place(found[0], found[1] or "") if found else None


def lock_line_of(requirement: int) -> None:
    """Hold the order of the line that needs it, for the order's lock comes before the requirement's."""
    order = (
        ServiceOrderLine.objects.filter(requirement=requirement).values_list("order_id", flat=True).first()
    )
    if order:
        lock_order(order)


def follow_step(row: ItemRequirement, by: User | None) -> None:
    """SO-11, SO-18: the line is Posted once all is consumed, Cancelled once all came back unused, else Created.

    A sign-off stands: what was signed for was used, or less.
    """
    line = _line_of(row)
    to = ENDED.get(row.status, LineStatus.CREATED)
    if line is None or line.status == to:
        return
    order = lock_order(line.order_id)
    line.status = to
    line.version += 1
    if to == LineStatus.CANCELLED:
        line.requirement, line.signed_off_at = None, None
    line.save(update_fields=["status", "requirement", "signed_off_at", "version"])
    refresh_progress(order)
    save_order(order, "progress")
    told: dict[str, tuple[str, Changes]] = {
        LineStatus.POSTED: ("posted", {"lines": [None, [str(line)]]}),
        LineStatus.CREATED: ("posting_undone", {"lines": [[str(line)], None]}),
        LineStatus.CANCELLED: ("line_cancelled", {"line": [None, str(line)]}),
    }
    action, changes = told[to]
    record(action, order, by=by, changes=changes)


def follow_change(row: ItemRequirement, by: User | None, at: datetime) -> None:
    """As many as the requirement needs, the line needs. Voids a sign-off, which was for another quantity."""
    line = _line_of(row)
    if line is not None and line.quantity != row.quantity:
        _need(line, row, by=by, at=at)
    follow_step(row, by)


def _need(line: ServiceOrderLine, row: ItemRequirement, *, by: User | None, at: datetime) -> None:
    """A line that is used up needs more only once it is open again: a posted one is frozen."""
    if line.status == LineStatus.POSTED:
        follow_step(row, by)
        line.refresh_from_db(fields=["status", "version"])
    order, before = lock_order(line.order_id), snapshot(line, ["quantity"])
    line.quantity = row.quantity
    if is_planning(order) and line.planned_quantity is not None:
        line.planned_quantity = row.quantity
    line.version += 1
    line.save(update_fields=["quantity", "planned_quantity", "version"])
    told = changed(before, snapshot(line, ["quantity"]))
    written(order, {line: told}, "line_changed", by=by, at=at)


def _line_of(row: ItemRequirement) -> ServiceOrderLine | None:
    return ServiceOrderLine.objects.filter(requirement=row).select_related(*PARTS).first()


register(Follower(place=place_of, lock=lock_line_of, step=follow_step, change=follow_change))
