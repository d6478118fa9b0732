"""Lines of an order. Every write to a line ends in `written`: sign-off void, progress, version, trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Unpack, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from orders.client import is_skewed, once
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from orders.rules import why_not_cancel_line, why_not_change, why_not_change_line
from servicemgmt.core.audit import Changes, changed, event_of, record_all, snapshot, subject_of
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.core.models import ClientWrite, User
from servicemgmt.masterdata.models import Employee
from servicemgmt.projects.operations import release_requirement

from .line_property import forget_if_elsewhere
from .line_values import (
    PRICED,
    PRICED_BY,
    LineFields,
    check_amounts,
    check_combination,
    check_reason,
    complete,
    is_planning,
    kept_prices,
    price,
    take_fields,
)
from .lock import check_order, insist, lock_order, save_order
from .progress import refresh_progress
from .requirement import reserve_line
from .void import void_sign_off
from .worked import check_days

#: What the trail tells of a line. Never what it costs: the trail is read by people who may not see that.
TOLD = [
    "description", "quantity", "unit", "item", "worker", "category", "line_property", "executed_on", "task_relation",
    "object_relation", "sales_price", "discount", "warranty", "lot_number", "coverage_reason",
]  # fmt: skip
#: A change of one of these asks again how much the worker has on that day.
DAY_OF_WORK = {"quantity", "worker", "executed_on"}
#: What it tells of a new one.
TOLD_FIRST = ["quantity", "worker", "task_relation", "object_relation"]
TOLD_WHERE_GIVEN = ["lot_number", "coverage_reason", "discount", "warranty"]


@transaction.atomic
def add_line(
    order_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    key: UUID | None = None,
    device_at: datetime | None = None,
    **fields: Unpack[LineFields],
) -> ServiceOrderLine:
    """A new line on an order whose stage allows changes; prices, category, unit and line property by themselves.

    `key` and `device_at` come from a technician's device: sent again, the first line is the answer. Entered while
    the order is planned, the quantity is the plan too. Voids a sign-off. Raises Refused, Stale; Invalid at its field.
    """
    order = lock_order(order_id)
    write, earlier = _sent(order, "line_added", by=by, at=at, key=key, device_at=device_at)
    if earlier:
        return ServiceOrderLine.objects.get(client_write=write)
    check_order(order, version)
    insist(why_not_change(order))
    check_agreement_line(order, fields)
    line = ServiceOrderLine(order=order, client_write=write)
    line.quantity = None  # type: ignore[assignment]  # unknown until given, or made from start and end
    take_fields(order, line, fields)
    complete(line)
    check_combination(order, line)
    price(order, line, cost_price=fields.get("cost_price"), sales_price=fields.get("sales_price"))
    check_reason(line, fields)
    check_amounts(line)
    check_days([line])
    line.planned_quantity = line.quantity if is_planning(order) else None
    line.line_number = (order.lines.aggregate(last=Max("line_number"))["last"] or 0) + 1
    line.save()
    first = [*TOLD_FIRST, *(name for name in TOLD_WHERE_GIVEN if getattr(line, name))]
    told = {line: changed({}, snapshot(line, first))}
    written(order, told, "line_added", by=by, at=at, write=write)
    return line


@transaction.atomic
def change_line(
    line_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    key: UUID | None = None,
    device_at: datetime | None = None,
    **fields: Unpack[LineFields],
) -> ServiceOrderLine:
    """Change what is given of a Created line read at its own `version`.

    The planned quantity follows only while the order is planned. A sales price entered stays until it is emptied
    (None); otherwise a change of what the price depends on asks the price search again. Who bears it stays where
    somebody said it; else another object, category or day of work asks that again too. Voids a sign-off.
    """
    order, line = lock_line(line_id)
    write, earlier = _sent(order, "line_changed", by=by, at=at, key=key, device_at=device_at, line=line)
    if earlier:
        return line
    check_version(line, version)
    insist(why_not_change_line(order, line))
    changes = _revised(order, line, fields)
    if DAY_OF_WORK & set(changes):
        check_days([line])
    line.save()
    written(order, {line: changes}, "line_changed", by=by, at=at, write=write)
    return line


def give_lines(
    order: ServiceOrder, lines: QuerySet[ServiceOrderLine], *, worker: Employee, by: User | None, at: datetime
) -> None:
    """DB-08: cost these Created lines of the locked order on another worker, as `change_line` would one by one.

    Raises Refused before anything is written.
    """
    insist(why_not_change(order))
    rows = lines.select_related(*PARTS).order_by("line_number")
    changes = {line: _revised(order, line, {"worker": worker}) for line in rows}
    if changes:
        check_days(changes)
        ServiceOrderLine.objects.bulk_update(changes, [*PRICED, "worker", "planned_quantity", "version"])
        written(order, changes, "line_changed", by=by, at=at)


def _revised(order: ServiceOrder, line: ServiceOrderLine, fields: LineFields) -> Changes:
    """Give the line what was said of it, and what follows from that, unsaved; what to tell of it."""
    before, kept, old_cost = snapshot(line, TOLD), kept_prices(line, fields), line.cost_price
    fields = cast(LineFields, forget_if_elsewhere(order, line, fields))
    take_fields(order, line, fields)
    complete(line)
    if {"worker", "category"} & set(fields):
        check_combination(order, line)
    if PRICED_BY & set(fields) or {"cost_price", "sales_price"} & set(fields):
        price(order, line, **kept)
    check_reason(line, fields)
    check_amounts(line)
    if is_planning(order) and line.planned_quantity is not None:
        line.planned_quantity = line.quantity
    changes = changed(before, snapshot(line, TOLD))
    if line.cost_price != old_cost:
        changes["cost price"] = [None, _("changed")]
    line.version += 1
    return changes


@transaction.atomic
def cancel_line(line_id: int, *, version: int | None, by: User | None, at: datetime) -> ServiceOrderLine:
    """SO-13: Created → Cancelled, where the stage allows cancelling. Voids a sign-off.

    What is reserved for it is available again; Refused where some of that is picked or used.
    """
    order, line = lock_line(line_id)
    check_version(line, version)
    insist(why_not_cancel_line(order))
    if line.status != LineStatus.CREATED:
        raise Refused(_("Only a line that is neither posted nor cancelled can be cancelled."))
    kept, line.requirement = line.requirement, None
    if kept:
        line.save(update_fields=["requirement"])
        release_requirement(kept.pk, by=by, at=at)
    return _move(order, line, LineStatus.CANCELLED, "line_cancelled", by=by, at=at)


@transaction.atomic
def revoke_line(line_id: int, *, version: int | None, by: User | None, at: datetime) -> ServiceOrderLine:
    """SO-13, scenario 40: Cancelled → Created, what it needs reserved anew. Voids a sign-off."""
    order, line = lock_line(line_id)
    check_version(line, version)
    insist(why_not_cancel_line(order))
    if line.status != LineStatus.CANCELLED:
        raise Refused(_("This line is not cancelled."))
    check_days([line])
    reserve_line(order, line, by=by)
    return _move(order, line, LineStatus.CREATED, "line_revoked", by=by, at=at)


def lock_line(line_id: int) -> tuple[ServiceOrder, ServiceOrderLine]:
    """A line with its order locked first."""
    order_id = ServiceOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order = lock_order(order_id)
    return order, ServiceOrderLine.objects.select_related(*PARTS).get(pk=line_id)


#: What most writers ask of a line.
PARTS = [
    "category", "item__unit", "unit", "worker", "line_property", "task_relation__service_task",
    "object_relation__service_object", "warehouse", "requirement",
]  # fmt: skip


def check_version(line: ServiceOrderLine, version: int | None) -> None:
    """Raises Stale where the line is no longer at `version`; None does not ask."""
    if version is not None and line.version != version:
        raise Stale(
            _("Somebody else changed line %(line)s meanwhile. This is how it stands now.")
            % {"line": line.line_number}
        )


def check_agreement_line(order: ServiceOrder, fields: LineFields) -> None:
    """SO-01, AG-06: a line made from an agreement line needs that line running on the order's day."""
    source = fields.get("agreement_line")
    if source is None:
        return
    if source.stopped:
        raise Refused(_("The agreement line is stopped."))
    if order.service_on < source.start_date or (source.end_date and order.service_on > source.end_date):
        raise Refused(_("The service date is outside the period of the agreement line."))


def _move(
    order: ServiceOrder, line: ServiceOrderLine, to: LineStatus, action: str, *, by: User | None, at: datetime
) -> ServiceOrderLine:
    line.status, line.signed_off_at = to, None
    line.version += 1
    line.save(update_fields=["status", "signed_off_at", "requirement", "version"])
    written(order, {line: {}}, action, by=by, at=at)
    return line


def _sent(
    order: ServiceOrder,
    action: str,
    *,
    by: User | None,
    at: datetime,
    key: UUID | None,
    device_at: datetime | None,
    line: ServiceOrderLine | None = None,
) -> tuple[ClientWrite | None, bool]:
    """The client write of a device's key (None without one), and whether it was here before."""
    if key is None:
        return None, False
    assert by and device_at
    write, is_new = once(
        key, user=by, action=action, subject=subject_of(line or order), device_at=device_at, at=at
    )
    return write, not is_new


def written(
    order: ServiceOrder,
    changes: Mapping[ServiceOrderLine, Changes],
    action: str,
    *,
    by: User | None,
    at: datetime,
    write: ClientWrite | None = None,
) -> None:
    """The one place that all writes to lines pass."""
    first = next(iter(changes))
    reason = _("Line %(line)s was changed afterwards.") % {"line": first.line_number}
    if void_sign_off(order, by=by, at=at, reason=reason):
        for line in changes:
            line.signed_off_at = None
    refresh_progress(order, written=changes)
    save_order(order, "progress", "signed_off_at")
    clock: Changes = {}
    if write and is_skewed(write):
        clock["device clock"] = [write.device_at.isoformat(), write.received_at.isoformat()]
    record_all(
        event_of(action, order, by=by, changes={"line": [None, str(line)]} | told | clock)
        for line, told in changes.items()
    )
