"""What there is to post, and why the rest is not: one SELECT with a reason column (PR-01), for preview and run."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agreements.models import ItemSetup
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from servicemgmt.core.errors import Sentence

#: PR-01: the preconditions of a line in the order in which they are told.
REFUSALS: list[tuple[str, Q, Sentence]] = [
    ("UNSIGNED", Q(signed_off_at__isnull=True), _("The line is not signed off.")),
    (
        "STAGE",
        Q(order__stage__can_transfer=False),
        _("The stage of the service order does not allow posting."),
    ),
    ("PROJECT", Q(order__project__isnull=True), _("The service order has no project.")),
    ("PROPERTY", Q(line_property__isnull=True), _("The line has no line property.")),
    (
        "REQUIREMENT",
        Q(item_setup=ItemSetup.REQUIREMENT),
        _("Nothing is reserved for this item requirement yet; reserve the item on the order."),
    ),
]
#: What posting an order is about. Item requirements are used up by their delivery (SO-18).
OPEN = Q(status=LineStatus.CREATED, requirement__isnull=True)
SENTENCES = {code: sentence for code, _condition, sentence in REFUSALS}


class Line(NamedTuple):
    """A line to post with what its order says of it: a run reads hundreds of thousands. `refusal` is '' or a code."""

    pk: int
    order_id: int
    line_number: int
    version: int
    kind: str
    description: str
    executed_on: date | None
    quantity: Decimal
    cost_price: Decimal | None
    sales_price: Decimal | None
    coverage_reason: str
    price_reason: dict[str, Any]
    lot_number: str
    category_id: int
    line_property_id: int | None
    worker_id: int | None
    item_id: int | None
    unit_id: int | None
    warehouse_id: int | None
    project_id: int | None
    site_id: int | None
    service_on: date
    agreement_number: str
    refusal: str

    def __str__(self) -> str:
        return f"{self.line_number} {self.description}"

    @property
    def done_on(self) -> date:
        """The day of the work: the line's own, else the service date of its order."""
        return self.executed_on or self.service_on


#: What of a line stands on its order.
OF_ORDER = {
    "project_id": "order__project_id",
    "site_id": "order__site_id",
    "service_on": "order__service_on",
    "agreement_number": "agreement",
}
COLUMNS = [OF_ORDER.get(name, name) for name in Line._fields]


type Orders = Collection[int] | QuerySet[ServiceOrder, Any]


def open_lines(
    orders: Orders, kinds: Collection[str] | None = None, chosen: Collection[int] | None = None
) -> QuerySet[ServiceOrderLine]:
    """The open lines of the ticked kinds (None: all four) with their `refusal`, in order and line order.

    Of these orders, or where lines are `chosen`, of those of them."""
    whens = [When(condition, then=Value(code)) for code, condition, _sentence in REFUSALS]
    lines = ServiceOrderLine.objects.filter(OPEN, order__in=orders)
    if kinds is not None:
        lines = lines.filter(kind__in=kinds)
    if chosen is not None:
        lines = lines.filter(pk__in=chosen)
    found = lines.annotate(refusal=Case(*whens, default=Value(""), output_field=CharField()))
    return found.order_by("order_id", "line_number")


def lines_to_post(
    orders: Orders, kinds: Collection[str] | None = None, chosen: Collection[int] | None = None
) -> list[Line]:
    """The rows of `open_lines` with what posting asks of them."""
    found = open_lines(orders, kinds, chosen).annotate(
        agreement=Coalesce("order__agreement__number", Value(""))
    )
    return [Line(*row) for row in found.values_list(*COLUMNS)]


class Waiting(NamedTuple):
    """How many lines wait, how many of them nothing stands against so far (PR-01), and of how many orders those are."""

    lines: int
    ready: int
    orders: int


def waiting(lines: QuerySet[ServiceOrderLine]) -> Waiting:
    """Lines of `open_lines` counted, in one statement. What only planning finds out, such as stock, is not asked."""
    ready = Q(refusal="")
    counts = {
        "lines": Count("pk"),
        "ready": Count("pk", filter=ready),
        "orders": Count("order", filter=ready, distinct=True),
    }
    return Waiting(**lines.order_by().aggregate(**counts))


def orders_to_post(parameters: dict[str, Any]) -> QuerySet[ServiceOrder]:
    """The orders that a posting is asked for: `orders` by id, or those of `agreement`, `project`, `customer` (PR-02).

    `from` and `to` (ISO, inclusive) bound the service date (PR-03). Only orders with open lines, of `lines` by id
    where they are given.
    """
    created = ServiceOrderLine.objects.filter(OPEN, order=OuterRef("pk"))
    if parameters.get("lines") is not None:
        created = created.filter(pk__in=parameters["lines"])
    found = ServiceOrder.objects.filter(Exists(created))
    if parameters.get("orders") is not None:
        found = found.filter(pk__in=parameters["orders"])
    for name in ("agreement", "project", "customer"):
        if parameters.get(name):
            found = found.filter(**{name: parameters[name]})
    if parameters.get("signed"):
        found = found.filter(signed_off_at__isnull=False)
    if parameters.get("from"):
        found = found.filter(service_on__gte=date.fromisoformat(parameters["from"]))
    if parameters.get("to"):
        found = found.filter(service_on__lte=date.fromisoformat(parameters["to"]))
    return found.order_by("pk")
