"""The lines of orders made from agreements, and the goods that they need."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from agreements.models import ItemSetup, ServiceAgreement, ServiceAgreementLine
from agreements.pricing.queries import line_property_of
from orders.models import OrderOrigin, ServiceOrder, ServiceOrderLine
from orders.operations.line_values import price
from servicemgmt.core.bulk import update_values
from servicemgmt.core.models import Run
from servicemgmt.projects.models import ItemRequirement
from servicemgmt.projects.operations import require_items
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.search import Lookup

from .load import Loaded
from .written import Rows, Values, Written, values_of

#: What a line of an order takes over from the agreement's.
CONTENT = [
    "kind",
    "item_setup",
    "description",
    "details",
    "worker_id",
    "category_id",
    "quantity",
    "unit_id",
    "item_id",
]

#: What each line has for itself.
OWN = [
    "order_id", "line_number", "date_calculated", "date_range_from", "date_range_to",
    "object_relation_id", "task_relation_id",
]  # fmt: skip

#: What the price search decides.
PRICED = ["line_property_id", "cost_price", "sales_price", "is_sales_price_modified", "price_reason"]


def write_lines(made: Sequence[Written], book: PriceBook) -> None:
    """Insert the lines of all these orders, priced."""
    rows, prices = Rows(ServiceOrderLine, *OWN), Prices(book)
    base = values_of(ServiceOrderLine(origin=OrderOrigin.SYSTEM))
    shared: dict[tuple[int, int, Decimal | None], int] = {}
    for written in made:
        day, loaded = written.planned.day, written.loaded
        epoch, key, objects, tasks = book.epoch(day), written.key, written.objects, written.tasks
        for number, item in enumerate(written.planned.lines, written.last_line + 1):
            source = loaded.lines[item.line.id]
            agreed = loaded.sales_price(source, day)
            # What the price search finds changes only with these; so does nothing else that dates of a line share.
            of = item.line.id, epoch, agreed
            if of not in shared:
                shared[of] = rows.share(
                    base | _content(source) | prices.of(loaded.agreement, source, agreed, day, epoch)
                )
            thing, task = loaded.related[item.line.id]
            rows.add(
                shared[of], key, number, item.calculated, item.range.start, item.range.end,
                objects[thing] if thing else None,
                tasks[task] if task else None,
            )  # fmt: skip
    rows.insert()


def _content(source: ServiceAgreementLine) -> Values:
    content = {name: getattr(source, name) for name in CONTENT}
    return content | {"agreement_line_id": source.pk, "planned_quantity": source.quantity}


class Prices:
    """Prices of lines; lines that ask the price search the same question are answered once."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.known: dict[tuple[object, ...], Values] = {}

    def of(
        self,
        agreement: ServiceAgreement,
        source: ServiceAgreementLine,
        agreed: Decimal | None,
        on: date,
        epoch: int,
    ) -> Values:
        """The line property and the prices of lines made from the agreement's line on a day of the epoch."""
        question = (
            agreement.project_id, agreement.price_list_id, source.kind, source.category_id, source.worker_id,
            source.item_id, source.line_property_id, source.cost_price, agreed, epoch,
        )  # fmt: skip
        if question not in self.known:
            line = _priced(agreement, source, agreed, on, self.book)
            self.known[question] = {name: getattr(line, name) for name in PRICED}
        return self.known[question]


def _priced(
    agreement: ServiceAgreement,
    source: ServiceAgreementLine,
    agreed: Decimal | None,
    on: date,
    lookup: Lookup,
) -> ServiceOrderLine:
    """A line as one entered by hand on the day would be priced, with the prices agreed for it."""
    project = agreement.project
    line = ServiceOrderLine(
        kind=source.kind,
        category=source.category,
        worker=source.worker,
        item=source.item,
        line_property=line_property_of(agreement, source),
    )
    order = ServiceOrder(agreement=agreement, project=project, service_on=on)
    price(order, line, cost_price=source.cost_price, sales_price=agreed, lookup=lookup)
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
    if store is None or agreement.project is None:
        return
    for number, (_item, source) in enumerate(written.sources, written.last_line + 1):
        if source.item_setup != ItemSetup.REQUIREMENT:
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
                sales_price=written.loaded.sales_price(source, written.planned.day),
                made_by=run.started_by if run else None,
            ),
        )
