"""The lines of orders made from agreements, and the goods that they need."""

from collections.abc import Iterable, Iterator, Sequence

from agreements.models import ItemSetup
from agreements.pricing.queries import sales_price_on
from orders.models import OrderOrigin, ServiceOrderLine
from orders.operations.line_values import price
from servicemgmt.core.audit import subject_of
from servicemgmt.core.bulk import insert_rows
from servicemgmt.core.models import Run
from servicemgmt.projects.models import ItemRequirement
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.search import Lookup

from .load import Loaded
from .written import Written

CONTENT = [
    "kind", "item_setup", "description", "details", "worker", "category", "quantity", "unit_id", "item",
]  # fmt: skip


def write_lines(made: Sequence[Written], lookup: Lookup) -> None:
    """Insert the lines of all these orders, priced."""
    insert_rows([line for written in made for line in _lines(written, lookup)])


def _lines(written: Written, lookup: Lookup) -> Iterable[ServiceOrderLine]:
    project = written.loaded.agreement.project
    for number, (item, source) in enumerate(written.sources, written.last_line + 1):
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


def price_book(agreements: Sequence[Loaded]) -> PriceBook:
    """The price rows of all these agreements' projects and price lists."""
    found = [loaded.agreement for loaded in agreements]
    lists = {agreement.price_list_id for agreement in found}
    lists |= {agreement.project.price_list_id for agreement in found if agreement.project}
    projects = [agreement.project_id for agreement in found if agreement.project_id]
    return PriceBook(projects, [pk for pk in lists if pk])


def requirements(made: Iterable[Written], run: Run | None) -> list[ItemRequirement]:
    """SO-A18: what the lines set up as item requirements need on the day of the visit, from the main store."""
    return [row for written in made for row in _requirements(written, run)]


def _requirements(written: Written, run: Run | None) -> Iterator[ItemRequirement]:
    agreement, store = written.loaded.agreement, written.loaded.surroundings.store
    for _item, source in written.sources:
        if source.item_setup != ItemSetup.REQUIREMENT or store is None or agreement.project is None:
            continue
        yield ItemRequirement(
            project=agreement.project,
            subject=subject_of(written.order),
            label=written.order.number,
            item=source.item,
            category=source.category,
            line_property=source.line_property or agreement.project.line_property,
            price_list=agreement.price_list,
            warehouse=store,
            needed_on=written.planned.day,
            text=source.description,
            quantity=source.quantity,
            sales_price=sales_price_on(source, written.planned.day),
            made_by=run.started_by if run else None,
        )
