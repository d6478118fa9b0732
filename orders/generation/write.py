"""From plans to rows: orders, relations, lines and clocks, each kind of row in one statement (SO-A12, SO-A13)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from agreements.models import ServiceAgreementLine, ServiceLevelAgreement
from agreements.pricing.queries import sales_price_on
from agreements.queries import sla_with_rank
from orders.models import (
    OrderObject,
    OrderOrigin,
    OrderTask,
    ServiceOrder,
    ServiceOrderLine,
    ServiceStage,
    SlaStatus,
    SlaTimeLog,
)
from orders.operations.line_values import price
from orders.planning import Plan, PlannedLine, PlannedOrder
from orders.sla import Terms
from servicemgmt.core.models import Run
from servicemgmt.core.numbers import take_numbers
from servicemgmt.masterdata.worktime import NeverOpen, instant
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.search import Lookup

from .load import Loaded

CONTENT = [
    "kind", "item_setup", "description", "details", "worker", "category", "quantity", "unit_id", "item",
]  # fmt: skip


@dataclass
class Written:
    """An order on its way into the database, with what it was made from."""

    loaded: Loaded
    planned: PlannedOrder
    order: ServiceOrder
    objects: dict[tuple[int, str], OrderObject] = field(default_factory=dict)
    tasks: dict[int, OrderTask] = field(default_factory=dict)
    clock_from: datetime | None = None

    @property
    def sources(self) -> Iterator[tuple[PlannedLine, ServiceAgreementLine]]:
        for item in self.planned.lines:
            yield item, self.loaded.lines[item.line.id]


def write(
    plans: Sequence[tuple[Loaded, Plan]], *, stage: ServiceStage, run: Run | None, at: datetime
) -> list[Written]:
    """Insert everything the plans hold, in the order of agreements and days. The caller holds the agreements' locks.

    The unique (agreement line, calculated date) is the last word: a line that somebody created meanwhile raises.
    """
    count = sum(len(plan.orders) for _loaded, plan in plans)
    if not count:
        return []
    numbers = iter(take_numbers("order", count))
    made = [
        _order(loaded, planned, number=next(numbers), stage=stage, run=run, at=at)
        for loaded, plan in plans
        for planned in plan.orders
    ]
    ServiceOrder.objects.bulk_create(item.order for item in made)
    for item in made:
        _relate(item)
    OrderObject.objects.bulk_create(relation for item in made for relation in item.objects.values())
    OrderTask.objects.bulk_create(relation for item in made for relation in item.tasks.values())
    book = _price_book(plans)
    ServiceOrderLine.objects.bulk_create(line for item in made for line in _lines(item, book))
    SlaTimeLog.objects.bulk_create(
        SlaTimeLog(order=item.order, started_at=item.clock_from) for item in made if item.clock_from
    )
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
    found = [
        sla_with_rank(
            written.loaded.agreement,
            line.object_relation.service_object if line.object_relation else None,
            line,
        )
        for _item, line in written.sources
    ]
    known = [pair for pair in found if pair]
    return min(known, key=lambda pair: (pair[0], pair[1].limit_minutes, pair[1].pk))[1] if known else None


def _relate(written: Written) -> None:
    """The relations that the lines use, once each, with the notes as they are now."""
    for _item, line in written.sources:
        if relation := line.object_relation:
            key = relation.service_object_id, relation.reference
            written.objects.setdefault(
                key,
                OrderObject(order=written.order, service_object_id=key[0], reference=key[1]),
            )
        if task := line.task_relation:
            written.tasks.setdefault(
                task.service_task_id,
                OrderTask(
                    order=written.order,
                    service_task_id=task.service_task_id,
                    note_internal=task.note_internal,
                    note_external=task.note_external,
                ),
            )


def _lines(written: Written, lookup: Lookup) -> Iterable[ServiceOrderLine]:
    project = written.loaded.agreement.project
    for number, (item, source) in enumerate(written.sources, 1):
        relation, task = source.object_relation, source.task_relation
        line = ServiceOrderLine(
            order=written.order,
            line_number=number,
            origin=OrderOrigin.SYSTEM,
            agreement_line=source,
            date_calculated=item.calculated,
            date_range_from=item.range.start,
            date_range_to=item.range.end,
            object_relation=written.objects[relation.service_object_id, relation.reference]
            if relation
            else None,
            task_relation=written.tasks[task.service_task_id] if task else None,
            line_property=source.line_property or (project.line_property if project else None),
            planned_quantity=source.quantity,
            **{name: getattr(source, name) for name in CONTENT},
        )
        price(
            written.order,
            line,
            cost_price=source.cost_price,
            sales_price=sales_price_on(source, written.planned.day),
            lookup=lookup,
        )
        yield line


def _price_book(plans: Sequence[tuple[Loaded, Plan]]) -> PriceBook:
    """The price rows of all these agreements' projects and price lists."""
    agreements = [loaded.agreement for loaded, _plan in plans]
    lists = {agreement.price_list_id for agreement in agreements}
    lists |= {agreement.project.price_list_id for agreement in agreements if agreement.project}
    projects = [agreement.project_id for agreement in agreements if agreement.project_id]
    return PriceBook(projects, [pk for pk in lists if pk])
