"""From plans to rows: orders, relations, lines and clocks, each kind of row in one statement (SO-A12, SO-A13)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from agreements.models import AgreementTask, ServiceAgreement, ServiceLevelAgreement
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
from servicemgmt.core.alike import without_waiting
from servicemgmt.core.audit import event_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.models import Event, Run
from servicemgmt.core.numbers import take_numbers

from .joins import joined, note_joins
from .lines import price_book, require, write_lines
from .load import Loaded
from .written import Rows, Values, Written, values_of, window

#: Of an order its SLA, deadline, status and compliance.
type Clock = tuple[int | None, datetime | None, str, Decimal | int | None]

NO_CLOCK: Clock = (None, None, SlaStatus.NONE.value, None)


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
    both = made + joined([pair for pair in found if pair[1].joins])
    book, relations = price_book([loaded for loaded, _plan in plans]), relate(both)
    with without_waiting():
        _insert_orders(made, stage=stage, run=run, at=at)
        for rows in relations:
            rows.insert()
        write_lines(both, book)
        _insert_events(made, run)
        _insert_clocks(made)
    require(both, run)
    note_joins([item for item in both if item.order], run=run)
    return both


def _insert_orders(made: Sequence[Written], *, stage: ServiceStage, run: Run | None, at: datetime) -> None:
    """The new orders; what those of an agreement have in common is put together once."""
    rows = Rows(ServiceOrder, *OWN)
    base, of, shared = values_of(_order(stage=stage, run=run, at=at)), 0, 0
    for written in made:
        agreement = written.loaded.agreement
        if agreement.id != of:
            of, shared = agreement.id, rows.share(base | _of_agreement(agreement))
        planned = written.planned
        clock = _start_clock(written) if agreement.sla_on_generated_orders else NO_CLOCK
        rows.add(
            shared, written.key, written.number, planned.site, planned.day, window(written), planned.conflict,
            *clock,
        )  # fmt: skip
    rows.insert()


#: What each order has for itself.
OWN = [
    "id", "number", "site_id", "service_on", "promised_window", "calendar_conflict",
    "sla_id", "deadline", "sla_status", "compliance",
]  # fmt: skip


def _insert_events(made: Sequence[Written], run: Run | None) -> None:
    """What begins the history of each new order: from which agreement it came, and by which run."""
    rows = Rows(Event, "subject", "subject_label")
    base = values_of(event_of("created", "", by=run.started_by if run else None, run=run))
    of = shared = 0
    for written in made:
        agreement = written.loaded.agreement
        if agreement.id != of:
            of, shared = agreement.id, rows.share(base | {"changes": {"agreement": [None, agreement.number]}})
        rows.add(shared, written.subject, f"{written.number} {agreement.description}"[:160])
    rows.insert()


def _insert_clocks(made: Sequence[Written]) -> None:
    rows = Rows(SlaTimeLog, "order_id", "started_at")
    shared = rows.share(values_of(SlaTimeLog()))
    for written in made:
        if written.clock_from:
            rows.add(shared, written.key, written.clock_from)
    rows.insert()


def _order(*, stage: ServiceStage, run: Run | None, at: datetime) -> ServiceOrder:
    """What all orders of a run have in common."""
    return ServiceOrder(
        stage=stage,
        stage_since=at,
        origin=OrderOrigin.SYSTEM,
        run=run,
        made_by=run.started_by if run else None,
    )


def _of_agreement(agreement: ServiceAgreement) -> Values:
    """What the orders of an agreement have in common."""
    names = [
        "project_id", "customer_id", "description", "preferred_technician_id", "responsible_id", "contact_id",
        "activity_type_id",
    ]  # fmt: skip
    return {"agreement_id": agreement.pk} | {name: getattr(agreement, name) for name in names}


def _start_clock(written: Written) -> Clock:
    """SO-A13: the SLA of the order and its clock."""
    sla = _sla(written)
    if sla is None:
        return NO_CLOCK
    clock = written.loaded.surroundings.clock(sla, written.site.time_zone, written.planned.day)
    if clock is None:
        return sla.pk, *NO_CLOCK[1:]
    written.clock_from, deadline = clock
    return sla.pk, deadline, SlaStatus.STARTED.value, 0


def _sla(written: Written) -> ServiceLevelAgreement | None:
    """AG-04: the SLA of its lines; they all have the same."""
    found = written.loaded.promises[written.planned.lines[0].line.id]
    return found[1] if found else None


def relate(made: Sequence[Written]) -> tuple[Rows, Rows]:
    """The objects and tasks that the lines use, once each, with the notes as they are now; those there already stay."""
    objects = Rows(OrderObject, "order_id", "service_object_id", "reference")
    tasks = Rows(OrderTask, "order_id", "service_task_id")
    new: tuple[list[tuple[Written, tuple[int, str]]], list[tuple[Written, int]]] = [], []
    shared, notes = objects.share(values_of(OrderObject())), dict[int, int]()
    base = values_of(OrderTask())
    for written in made:
        for item in written.planned.lines:
            thing, task = written.loaded.related[item.line.id]
            if thing and thing not in written.objects:
                written.objects[thing] = 0
                new[0].append((written, thing))
                objects.add(shared, written.key, *thing)
            if task and task not in written.tasks:
                written.tasks[task] = 0
                new[1].append((written, task))
                relation = written.loaded.lines[item.line.id].task_relation
                assert relation
                if relation.pk not in notes:
                    notes[relation.pk] = tasks.share(base | _notes(relation))
                tasks.add(notes[relation.pk], written.key, task)
    for (written, key), pk in zip(new[0], objects.give_keys(), strict=True):
        written.objects[key] = pk
    for (written, task_id), pk in zip(new[1], tasks.give_keys(), strict=True):
        written.tasks[task_id] = pk
    return objects, tasks


def _notes(task: AgreementTask) -> Values:
    return {"note_internal": task.note_internal, "note_external": task.note_external}
