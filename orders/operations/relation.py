"""Objects and tasks of an order. What is related to its agreement may be used too, and is copied on first use."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ServiceObject, ServiceTask
from orders.models import OrderObject, OrderTask, ServiceOrder
from orders.rules import why_not_change
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User

from .lock import insist, lock_order, save_order
from .void import void_sign_off


@transaction.atomic
def relate_object(
    order_id: int,
    service_object: ServiceObject,
    *,
    version: int | None = None,
    by: User | None,
    reference: str = "",
) -> OrderObject:
    """AG-12: attach an object to one order. Refused where it is attached already under that reference."""
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    if service_object.customer_id not in (None, order.customer_id):
        raise Invalid(_("This service object belongs to another customer."), field="service_object")
    with refusing(orderobject_once_per_reference=_("This service object is related already.")):
        relation = OrderObject.objects.create(order=order, service_object=service_object, reference=reference)
    return _related(order, relation, by=by)


@transaction.atomic
def relate_task(
    order_id: int,
    service_task: ServiceTask,
    *,
    version: int | None = None,
    by: User | None,
    note_internal: str | None = None,
    note_external: str | None = None,
) -> OrderTask:
    """AG-11: attach a task to one order; notes not given start as the task's own."""
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    with refusing(ordertask_once=_("This task is related already.")):
        relation = OrderTask.objects.create(
            order=order,
            service_task=service_task,
            note_internal=service_task.note_internal if note_internal is None else note_internal,
            note_external=service_task.note_external if note_external is None else note_external,
        )
    return _related(order, relation, by=by)


@transaction.atomic
def change_task_notes(
    order_id: int,
    task_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    note_internal: str,
    note_external: str,
) -> OrderTask:
    """Rewrite the notes of a related task. A changed note for the customer voids a sign-off that covers it."""
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    task = order.task_relations.get(pk=task_id)
    changes: dict[str, list[Any]] = {
        "note for the technician": [task.note_internal, note_internal],
        "note for the customer": [task.note_external, note_external],
    }
    task.note_internal, task.note_external = note_internal, note_external
    task.save(update_fields=["note_internal", "note_external"])
    if changes["note for the customer"][0] != note_external and task.lines.exists():
        void_sign_off(order, by=by, at=at, reason=_("The note for the customer was changed afterwards."))
    save_order(order, "signed_off_at")
    record(
        "task_changed", order, by=by, changes={n: pair for n, pair in changes.items() if pair[0] != pair[1]}
    )
    return task


@transaction.atomic
def unrelate(
    order_id: int, relation: OrderObject | OrderTask, *, version: int | None, by: User | None
) -> None:
    """Detach an object or task. Refused while lines or repair lines use it."""
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    if relation.lines.exists() or (isinstance(relation, OrderObject) and relation.repair_lines.exists()):
        raise Refused(_("%(relation)s is used in lines of the order.") % {"relation": relation})
    if isinstance(relation, OrderObject) and relation.service_bom_id:
        raise Refused(
            _("%(relation)s has a service BOM here; delete or move it first.") % {"relation": relation}
        )
    record("unrelated", order, by=by, changes={_kind(relation): [str(relation), None]})
    relation.delete()
    save_order(order)


def object_of(order: ServiceOrder, service_object: ServiceObject) -> OrderObject:
    """The relation of an object to the locked order, copied from its agreement on first use.

    Raises Invalid where it is related to neither (AG-10, AG-11, RP-01).
    """
    found = order.object_relations.filter(service_object=service_object).first()
    if found:
        found.service_object = service_object
        return found
    source = None
    if order.agreement:
        source = order.agreement.object_relations.filter(service_object=service_object).first()
    if source is None:
        raise Invalid(_("This service object is not related to the order."), field="service_object")
    return OrderObject.objects.create(order=order, service_object=service_object, reference=source.reference)


def task_of(order: ServiceOrder, service_task: ServiceTask) -> OrderTask:
    """The relation of a task to the locked order, copied with its notes from its agreement on first use.

    Raises Invalid where it is related to neither (scenario 11).
    """
    found = order.task_relations.filter(service_task=service_task).first()
    if found:
        found.service_task = service_task
        return found
    source = None
    if order.agreement:
        source = order.agreement.task_relations.filter(service_task=service_task).first()
    if source is None:
        raise Invalid(_("This task is not related to the order."), field="service_task")
    return OrderTask.objects.create(
        order=order,
        service_task=service_task,
        note_internal=source.note_internal,
        note_external=source.note_external,
    )


def _related[Relation: (OrderObject, OrderTask)](
    order: ServiceOrder, relation: Relation, *, by: User | None
) -> Relation:
    save_order(order)
    record("related", order, by=by, changes={_kind(relation): [None, str(relation)]})
    return relation


def _kind(relation: OrderObject | OrderTask) -> str:
    return "service object" if isinstance(relation, OrderObject) else "task"
