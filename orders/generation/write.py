"""From plans to rows: orders, relations, lines and clocks, each kind of row in one statement (SO-A12, SO-A13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agreements.models import ServiceLevelAgreement
from orders.models import (
    OrderObject,
    OrderOrigin,
    OrderTask,
    ServiceOrder,
    ServiceStage,
    SlaStatus,
    SlaTimeLog,
)
from orders.planning import Plan
from servicemgmt.core.audit import event_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.models import Event, Run
from servicemgmt.core.numbers import take_numbers

from .joins import joined, note_joins
from .lines import price_book, require, write_lines
from .load import Loaded
from .written import Values, Written, insert, values_of, window


def write(
    plans: Sequence[tuple[Loaded, Plan]], *, stage: ServiceStage, run: Run | None, at: datetime
) -> list[Written]:
    """Insert everything the plans hold, in the order of agreements and days. The caller holds the agreements' locks.

    The unique (agreement line, calculated date) is the last word: a line that somebody created meanwhile raises.
    """
    found = [(loaded, planned) for loaded, plan in plans for planned in plan.orders]
    if not found:
        return []
    new = [(loaded, planned) for loaded, planned in found if planned.joins is None]
    numbers = take_numbers("order", len(new)) if new else []
    made = [
        Written(loaded, planned, key, number)
        for (loaded, planned), key, number in zip(
            new, take_keys(ServiceOrder, len(new)), numbers, strict=True
        )
    ]
    insert(ServiceOrder, _orders(made, stage=stage, run=run, at=at))
    insert(Event, _events(made, run))
    made += joined([pair for pair in found if pair[1].joins])
    relate(made)
    write_lines(made, price_book([loaded for loaded, _plan in plans]))
    clocks = [item for item in made if item.clock_from]
    common = {k: v for k, v in values_of(SlaTimeLog()).items() if k != "id"}
    insert(SlaTimeLog, [common | {"order_id": item.key, "started_at": item.clock_from} for item in clocks])
    require(made, run)
    note_joins([item for item in made if item.order], run=run)
    return made


def _orders(made: Sequence[Written], *, stage: ServiceStage, run: Run | None, at: datetime) -> list[Values]:
    """The new orders; what those of an agreement have in common is read once."""
    rows, common, of = [], dict[str, Any](), 0
    for written in made:
        if written.loaded.agreement.pk != of:
            of = written.loaded.agreement.pk
            common = values_of(_order(written.loaded, stage=stage, run=run, at=at))
        own: Values = {
            "id": written.key,
            "number": written.number,
            "site_id": written.planned.site,
            "service_on": written.planned.day,
            "promised_window": window(written),
            "calendar_conflict": written.planned.conflict,
        }
        if written.loaded.agreement.sla_on_generated_orders:
            own |= _start_clock(written)
        rows.append(common | own)
    return rows


def _events(made: Sequence[Written], run: Run | None) -> list[Values]:
    """What begins the history of each new order: from which agreement it came, and by which run."""
    common = values_of(event_of("created", "", by=run.started_by if run else None, run=run))
    del common["id"]
    return [
        common
        | {
            "subject": written.subject,
            "subject_label": f"{written.number} {written.loaded.agreement.description}"[:160],
            "changes": {"agreement": [None, written.loaded.agreement.number]},
        }
        for written in made
    ]


def _order(loaded: Loaded, *, stage: ServiceStage, run: Run | None, at: datetime) -> ServiceOrder:
    """An order of the agreement without its day, number and site."""
    agreement = loaded.agreement
    return ServiceOrder(
        agreement=agreement,
        project=agreement.project,
        customer=agreement.customer,
        description=agreement.description,
        stage=stage,
        stage_since=at,
        origin=OrderOrigin.SYSTEM,
        preferred_technician_id=agreement.preferred_technician_id,
        responsible_id=agreement.responsible_id,
        contact_id=agreement.contact_id,
        activity_type_id=agreement.activity_type_id,
        run=run,
        made_by=run.started_by if run else None,
    )


def _start_clock(written: Written) -> Values:
    """SO-A13: the SLA of the order and its clock."""
    sla = _sla(written)
    if sla is None:
        return {}
    clock = written.loaded.surroundings.clock(sla, written.site.time_zone, written.planned.day)
    if clock is None:
        return {"sla_id": sla.pk}
    written.clock_from, deadline = clock
    return {
        "sla_id": sla.pk,
        "deadline": deadline,
        "sla_status": SlaStatus.STARTED.value,
        "compliance": 0,
    }


def _sla(written: Written) -> ServiceLevelAgreement | None:
    """AG-04: the SLA of its lines; they all have the same."""
    found = written.loaded.promises[written.planned.lines[0].line.id]
    return found[1] if found else None


def relate(made: Sequence[Written]) -> None:
    """The relations that the lines use, once each, with the notes as they are now; those there already stay."""
    objects: list[tuple[Written, tuple[int, str]]] = []
    tasks: list[tuple[Written, Values]] = []
    for written in made:
        for _item, line in written.sources:
            if relation := line.object_relation:
                key = relation.service_object_id, relation.reference
                if key not in written.objects:
                    written.objects[key] = 0
                    objects.append((written, key))
            if (task := line.task_relation) and task.service_task_id not in written.tasks:
                written.tasks[task.service_task_id] = 0
                notes = {"note_internal": task.note_internal, "note_external": task.note_external}
                tasks.append((written, {"service_task_id": task.service_task_id, **notes}))
    rows, common = [], values_of(OrderObject())
    for pk, (written, key) in zip(take_keys(OrderObject, len(objects)), objects, strict=True):
        written.objects[key] = pk
        own = {"id": pk, "order_id": written.key, "service_object_id": key[0], "reference": key[1]}
        rows.append(common | own)
    insert(OrderObject, rows)
    rows, common = [], values_of(OrderTask())
    for pk, (written, values) in zip(take_keys(OrderTask, len(tasks)), tasks, strict=True):
        written.tasks[values["service_task_id"]] = pk
        rows.append(common | {"id": pk, "order_id": written.key} | values)
    insert(OrderTask, rows)
