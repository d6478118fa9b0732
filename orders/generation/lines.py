"""The lines of orders made from agreements, and the goods that they need."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from agreements.models import ItemSetup, ServiceAgreementLine
from agreements.pricing.queries import line_property_of, sales_price_on
from orders.models import OrderOrigin, ServiceOrder, ServiceOrderLine
from orders.operations.line_values import price
from orders.planning import PlannedLine
from servicemgmt.core.bulk import update_values
from servicemgmt.core.models import Run
from servicemgmt.projects.models import ItemRequirement
from servicemgmt.projects.operations import require_items
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.search import Lookup

from .load import Loaded
from .written import Values, Written, insert, values_of

CONTENT = [
    "kind", "item_setup", "description", "details", "worker", "category", "quantity", "unit_id", "item",
]  # fmt: skip


def write_lines(made: Sequence[Written], book: PriceBook) -> None:
    """Insert the lines of all these orders, priced."""
    rows: list[Values] = []
    common: dict[tuple[int, int, Decimal | None], Values] = {}
    for written in made:
        for number, (item, source) in enumerate(written.sources, written.last_line + 1):
            price = sales_price_on(source, written.planned.day)
            # What the price search finds changes only with these; so does nothing else that dates of a line share.
            priced = source.pk, book.epoch(written.planned.day), price
            if priced not in common:
                common[priced] = values_of(_line(written, source, price, book))
                del common[priced]["id"]
            rows.append(common[priced] | _own(written, number, item, source))
    insert(ServiceOrderLine, rows)


def _own(written: Written, number: int, item: PlannedLine, source: ServiceAgreementLine) -> Values:
    """What a line has for itself."""
    relation, task = source.object_relation, source.task_relation
    return {
        "order_id": written.key,
        "line_number": number,
        "date_calculated": item.calculated,
        "date_range_from": item.range.start,
        "date_range_to": item.range.end,
        "object_relation_id": written.objects[relation.service_object_id, relation.reference]
        if relation
        else None,
        "task_relation_id": written.tasks[task.service_task_id] if task else None,
    }


def _line(
    written: Written, source: ServiceAgreementLine, sales_price: Decimal | None, lookup: Lookup
) -> ServiceOrderLine:
    """What all lines made from the agreement's line have in common while its price stays."""
    agreement = written.loaded.agreement
    project = agreement.project
    line = ServiceOrderLine(
        origin=OrderOrigin.SYSTEM,
        agreement_line=source,
        line_property=line_property_of(agreement, source),
        planned_quantity=source.quantity,
        **{name: getattr(source, name) for name in CONTENT},
    )
    order = ServiceOrder(agreement=agreement, project=project, service_on=written.planned.day)
    price(order, line, cost_price=source.cost_price, sales_price=sales_price, lookup=lookup)
    return line


def price_book(agreements: Sequence[Loaded]) -> PriceBook:
    """The price rows of all these agreements' projects and price lists."""
    found = [loaded.agreement for loaded in agreements]
    lists = {agreement.price_list_id for agreement in found}
    lists |= {agreement.project.price_list_id for agreement in found if agreement.project}
    projects = [agreement.project_id for agreement in found if agreement.project_id]
    return PriceBook(projects, [pk for pk in lists if pk])


def require(made: Iterable[Written], run: Run | None) -> None:
    """SO-A18: reserve what the lines set up as item requirements need, and tie each to its line."""
    needs = dict(pair for written in made for pair in _requirements(written, run))
    if not needs:
        return
    rows = list(needs.values())
    require_items(rows)
    waiting = ServiceOrderLine.objects.filter(order__in={order for order, _number in needs})
    lines = waiting.filter(item_setup=ItemSetup.REQUIREMENT, requirement__isnull=True)
    found = {(order, number): pk for pk, order, number in lines.values_list("pk", "order", "line_number")}
    update_values(ServiceOrderLine, ["requirement"], [(found[at], row.pk) for at, row in needs.items()])


def _requirements(written: Written, run: Run | None) -> Iterator[tuple[tuple[int, int], ItemRequirement]]:
    """What lines of the order need from the main store on the day of the visit, by order and line number."""
    agreement, store = written.loaded.agreement, written.loaded.surroundings.store
    for number, (_item, source) in enumerate(written.sources, written.last_line + 1):
        if source.item_setup != ItemSetup.REQUIREMENT or store is None or agreement.project is None:
            continue
        yield (
            (written.key, number),
            ItemRequirement(
                project=agreement.project,
                subject=written.subject,
                label=written.number,
                item=source.item,
                category=source.category,
                line_property=line_property_of(agreement, source),
                price_list=agreement.price_list,
                warehouse=store,
                needed_on=written.planned.day,
                text=source.description,
                quantity=source.quantity,
                sales_price=sales_price_on(source, written.planned.day),
                made_by=run.started_by if run else None,
            ),
        )
