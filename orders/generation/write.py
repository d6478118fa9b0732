"""From plans to rows: orders, relations, lines and clocks, each kind of row in one statement (SO-A12, SO-A13)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

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
from orders.planning import Plan, PlannedOrder
from orders.sla import Terms
from servicemgmt.core.models import Run
from servicemgmt.core.numbers import take_numbers
from servicemgmt.masterdata.worktime import NeverOpen, instant
from servicemgmt.projects.operations import require_items

from .joins import joined, note_joins
from .lines import price_book, requirements, write_lines
from .load import Loaded, sla_of
from .written import Written


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
    numbers = iter(take_numbers("order", len(new)) if new else ())
    made = [
        _order(loaded, planned, number=next(numbers), stage=stage, run=run, at=at) for loaded, planned in new
    ]
    ServiceOrder.objects.bulk_create(item.order for item in made)
    made += joined([pair for pair in found if pair[1].joins])
    relate(made)
    write_lines(made, price_book([loaded for loaded, _plan in plans]))
    SlaTimeLog.objects.bulk_create(
        SlaTimeLog(order=item.order, started_at=item.clock_from) for item in made if item.clock_from
    )
    require_items(requirements(made, run))
    note_joins([item for item in made if item.planned.joins], run=run)
    return made


def _order(
    loaded: Loaded, planned: PlannedOrder, *, number: str, stage: ServiceStage, run: Run | None, at: datetime
) -> Written:
    agreement = loaded.agreement
    order = ServiceOrder(
        number=number,
        agreement=agreement,
        project=agreement.project,
        customer=agreement.customer,
        site=loaded.surroundings.sites[planned.site],
        description=agreement.description,
        service_on=planned.day,
        stage=stage,
        stage_since=at,
        origin=OrderOrigin.SYSTEM,
        calendar_conflict=planned.conflict,
        preferred_technician_id=agreement.preferred_technician_id,
        responsible_id=agreement.responsible_id,
        contact_id=agreement.contact_id,
        activity_type_id=agreement.activity_type_id,
        run=run,
        made_by=run.started_by if run else None,
    )
    written = Written(loaded, planned, order)
    order.promised_window = _window(written)
    if agreement.sla_on_generated_orders:
        _start_clock(written)
    return written


def _window(written: Written) -> DateTimeTZRange | None:
    """The hours that all lines allow, on the site's clock; nothing where a line says none or they contradict."""
    starts = [line.visit_from for _item, line in written.sources if line.visit_from]
    ends = [line.visit_until for _item, line in written.sources if line.visit_until]
    if not starts and not ends:
        return None
    zone, day = ZoneInfo(written.order.site.time_zone), written.planned.day
    lower = max((t.hour * 60 + t.minute for t in starts), default=0)
    upper = min((t.hour * 60 + t.minute for t in ends), default=1440)
    return DateTimeTZRange(instant(day, lower, zone), instant(day, upper, zone)) if lower < upper else None


def _start_clock(written: Written) -> None:
    """SO-A13: from the first opening on or after 00:00 of the visit's day at the site. A calendar that never opens
    again starts no clock."""
    order, sla = written.order, _sla(written)
    if sla is None:
        return
    around = written.loaded.surroundings
    openings = around.openings[sla.calendar_id] if sla.calendar_id else None
    terms = Terms(sla.limit_minutes, openings, order.site.time_zone)
    order.sla = sla
    try:
        start = terms.start(instant(written.planned.day, 0, ZoneInfo(order.site.time_zone)).astimezone(UTC))
        order.deadline = terms.after(start, terms.limit)
    except NeverOpen:
        return
    order.sla_status, order.compliance, written.clock_from = SlaStatus.STARTED, 0, start


def _sla(written: Written) -> ServiceLevelAgreement | None:
    """AG-04 over all lines of the order: the most particular SLA, of several such the shortest."""
    found = [sla_of(written.loaded.agreement, line) for _item, line in written.sources]
    known = [pair for pair in found if pair]
    return min(known, key=lambda pair: (pair[0], pair[1].limit_minutes, pair[1].pk))[1] if known else None


def relate(made: Sequence[Written]) -> None:
    """The relations that the lines use, once each, with the notes as they are now; those there already stay."""
    objects: list[OrderObject] = []
    tasks: list[OrderTask] = []
    for written in made:
        for _item, line in written.sources:
            if relation := line.object_relation:
                key = relation.service_object_id, relation.reference
                if key not in written.objects:
                    objects.append(
                        OrderObject(order=written.order, service_object_id=key[0], reference=key[1])
                    )
                    written.objects[key] = objects[-1]
            if (task := line.task_relation) and task.service_task_id not in written.tasks:
                tasks.append(
                    OrderTask(
                        order=written.order,
                        service_task_id=task.service_task_id,
                        note_internal=task.note_internal,
                        note_external=task.note_external,
                    )
                )
                written.tasks[task.service_task_id] = tasks[-1]
    OrderObject.objects.bulk_create(objects)
    OrderTask.objects.bulk_create(tasks)
