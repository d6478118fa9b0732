"""Repair lines: symptom → diagnosis → resolution of one object on one order (C.8)."""

from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ServiceObject
from orders.client import once
from orders.models import (
    Condition,
    DiagnosisCode,
    OrderObject,
    RepairLine,
    RepairStage,
    Resolution,
    ServiceOrder,
    SymptomCode,
)
from orders.rules import why_not_change
from servicemgmt.core.audit import Changes, changed, record, snapshot, subject_of
from servicemgmt.core.errors import Invalid, Stale
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Employee

from .lock import check_order, insist, lock_order, save_order
from .relation import object_of


class RepairFields(TypedDict, total=False):
    """What may be said about a repair line. The object as itself, or as its relation to the order."""

    service_object: ServiceObject
    object_relation: OrderObject
    name: str
    note: str
    condition: Condition | None
    symptom: SymptomCode | None
    diagnosis: DiagnosisCode | None
    resolution: Resolution | None
    worker: Employee | None
    stage: RepairStage | None


TOLD = [
    "object_relation",
    "name",
    "note",
    "condition",
    "symptom",
    "diagnosis",
    "resolution",
    "worker",
    "stage",
]


@transaction.atomic
def add_repair_line(
    order_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    key: UUID | None = None,
    device_at: datetime | None = None,
    **fields: Unpack[RepairFields],
) -> RepairLine:
    """RP-02, RP-03: a new step for an object of the order (or of its agreement, RP-01).

    `key` and `device_at` come from a technician's device: sent again, the first line is the answer.
    """
    order = lock_order(order_id)
    write = None
    if key is not None:
        assert by and device_at
        write, is_new = once(
            key, user=by, action="repair_added", subject=subject_of(order), device_at=device_at, at=at
        )
        if not is_new:
            return RepairLine.objects.get(client_write=write)
    check_order(order, version)
    insist(why_not_change(order))
    line = RepairLine(order=order, client_write=write)
    _take(order, line, fields, at=at)
    line.save()
    _recorded(order, "repair_added", line, changed({}, snapshot(line, TOLD)), by=by)
    return line


@transaction.atomic
def change_repair_line(
    line_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    **fields: Unpack[RepairFields],
) -> RepairLine:
    """Change a repair line read at its own `version`. A finishing stage stamps the end, another clears it (RP-04)."""
    order_id = RepairLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order = lock_order(order_id)
    line = RepairLine.objects.select_related("object_relation").get(pk=line_id)
    if version is not None and line.version != version:
        raise Stale(_("Somebody else changed this repair line meanwhile. This is how it stands now."))
    insist(why_not_change(order))
    before = snapshot(line, TOLD)
    _take(order, line, fields, at=at)
    line.version += 1
    line.save()
    _recorded(order, "repair_changed", line, changed(before, snapshot(line, TOLD)), by=by)
    return line


@transaction.atomic
def remove_repair_line(line_id: int, *, by: User | None) -> None:
    """Take a repair line away again; the trail keeps what it said."""
    line = RepairLine.objects.select_related("order").get(pk=line_id)
    order = lock_order(line.order_id)
    insist(why_not_change(order))
    changes = {name: [value, None] for name, value in snapshot(line, TOLD).items() if value}
    line.delete()
    _recorded(order, "repair_removed", line, changes, by=by)


def _take(order: ServiceOrder, line: RepairLine, fields: RepairFields, *, at: datetime) -> None:
    given: dict[str, Any] = {name: value for name, value in fields.items() if name != "service_object"}
    if "service_object" in fields:
        given["object_relation"] = object_of(order, fields["service_object"])
    for name, value in given.items():
        setattr(line, name, value)
    if line.object_relation_id is None or line.object_relation.order_id != order.pk:
        raise Invalid(_("This service object is not related to the order."), field="service_object")
    if not line.name:
        line.name = str(line.symptom or line.diagnosis or "")
    if not line.name:
        raise Invalid(_("Say in a few words what this is about."), field="name")
    is_finished = line.stage is not None and line.stage.finished
    line.finished_at = (line.finished_at or at) if is_finished else None


def _recorded(
    order: ServiceOrder, action: str, line: RepairLine, changes: Changes, *, by: User | None
) -> None:
    save_order(order)
    record(action, order, by=by, changes={"repair line": [None, line.name]} | changes)
