"""Cancelling an order and taking it back: through its lines, for progress follows from them (SO-13)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import LineStatus, OrderProgress, ServiceOrder
from orders.rules import why_not_cancel, why_not_cancel_line
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User

from .lock import insist, lock_order, save_order
from .progress import refresh_progress
from .requirement import reserve_line
from .void import void_sign_off
from .worked import check_days


@transaction.atomic
def cancel_order(order_id: int, *, version: int | None, by: User | None, at: datetime) -> ServiceOrder:
    """SO-13: cancel all Created lines. Refused where the stage forbids it, all is posted, or none is left."""
    order = lock_order(order_id, version=version)
    insist(why_not_cancel(order))
    return _move_all(order, LineStatus.CREATED, LineStatus.CANCELLED, "cancelled", by=by, at=at)


@transaction.atomic
def revoke_order(order_id: int, *, version: int | None, by: User | None, at: datetime) -> ServiceOrder:
    """SO-13: set the lines of a cancelled order back to Created; what they need is reserved anew.

    Raises Refused, Stale; Invalid where a worker would have more hours on a day than it has.
    """
    order = lock_order(order_id, version=version)
    insist(why_not_cancel_line(order))
    if order.progress != OrderProgress.CANCELLED:
        raise Refused(_("The service order is not cancelled."))
    return _move_all(order, LineStatus.CANCELLED, LineStatus.CREATED, "revoked", by=by, at=at)


def _move_all(
    order: ServiceOrder, old: LineStatus, new: LineStatus, action: str, *, by: User | None, at: datetime
) -> ServiceOrder:
    lines = list(
        order.lines.filter(status=old).select_related("item", "category", "line_property", "warehouse")
    )
    if not lines:
        raise Refused(_("The order has no lines to cancel; delete it, or move it to another stage."))
    if new == LineStatus.CREATED:
        check_days(lines)
    for line in lines:
        line.status, line.signed_off_at = new, None
        line.version += 1
        if new == LineStatus.CREATED:
            reserve_line(order, line, by=by)
        line.save(update_fields=["status", "signed_off_at", "requirement", "version"])
    void_sign_off(order, by=by, at=at, reason=_("The lines were cancelled afterwards."))
    before = order.progress
    refresh_progress(order)
    save_order(order, "progress", "signed_off_at")
    record(action, order, by=by, changes={"progress": [before, order.progress]})
    return order
