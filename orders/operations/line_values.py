"""What a line must hold and what it gets by itself: category, unit, line property, prices."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from agreements.models import ServiceAgreementLine, ServiceObject, ServiceTask
from orders.models import OrderObject, OrderTask, Phase, ServiceOrder, ServiceOrderLine
from orders.queries.parameters import parameters
from servicemgmt.core.errors import Invalid
from servicemgmt.core.money import check_size
from servicemgmt.inventory.lots import numbers_of, used
from servicemgmt.inventory.models import Warehouse
from servicemgmt.masterdata.models import Employee, Item, Unit
from servicemgmt.masterdata.units import unit_of
from servicemgmt.projects.models import EXPLAINED, Category, Coverage, LineKind, LineProperty
from servicemgmt.projects.pricing.discounts import take_off, warranty_in
from servicemgmt.projects.pricing.search import Lookup, price_line
from servicemgmt.projects.validation import why_not_together

from .line_property import borne, drop_share, give_line_property
from .relation import object_of, task_of


class LineFields(TypedDict, total=False):
    """What may be said about a line. Object and task as themselves, or as their relation to the order."""

    kind: str
    item_setup: str
    description: str
    details: str
    category: Category | None
    line_property: LineProperty | None
    coverage_reason: str
    quantity: Decimal | None
    unit: Unit | None
    item: Item | None
    warehouse: Warehouse | None
    lot_number: str
    worker: Employee | None
    executed_on: date | None
    service_task: ServiceTask | None
    service_object: ServiceObject | None
    task_relation: OrderTask | None
    object_relation: OrderObject | None
    cost_price: Decimal | None
    sales_price: Decimal | None
    discount: Decimal | None
    started_at: datetime | None
    ended_at: datetime | None
    origin: str
    agreement_line: ServiceAgreementLine | None
    date_calculated: date | None
    date_range_from: date | None
    date_range_to: date | None


#: A change of one of these asks the price search again, unless the price was entered by hand.
PRICED_BY = {
    "kind", "category", "item", "worker", "executed_on", "line_property", "discount", "service_object",
}  # fmt: skip
#: What `price` sets.
PRICED = [
    "line_property", "coverage_reason", "warranty", "cost_price", "sales_price", "price_reason",
    "is_sales_price_modified",
]  # fmt: skip
#: The stages in which an entered quantity is still the plan.
PLANNING = {Phase.NEW, Phase.PLANNED}


def take_fields(order: ServiceOrder, line: ServiceOrderLine, fields: LineFields) -> None:
    """Put what was given on the line, relations resolved. Raises Invalid where one is not the order's (AG-10)."""
    given: dict[str, Any] = {k: v for k, v in fields.items() if k not in ("service_object", "service_task")}
    if "service_object" in fields:
        thing = fields["service_object"]
        given["object_relation"] = object_of(order, thing) if thing else None
    if "service_task" in fields:
        task = fields["service_task"]
        given["task_relation"] = task_of(order, task) if task else None
    if "item" in given and given["item"] != line.item:
        line.lot_number, line.unit = "", None
    if given.get("line_property", line.line_property) != line.line_property:
        drop_share(line)
    for name, value in given.items():
        setattr(line, name, value)
    _check_relations(order, line)


def _check_relations(order: ServiceOrder, line: ServiceOrderLine) -> None:
    if line.object_relation and line.object_relation.order_id != order.pk:
        raise Invalid(_("This service object is not related to the order."), field="service_object")
    if line.task_relation and line.task_relation.order_id != order.pk:
        raise Invalid(_("This task is not related to the order."), field="service_task")


def complete(line: ServiceOrderLine) -> None:
    """Fill what follows from the kind and refuse what does not belong to it."""
    if line.kind != LineKind.ITEM:
        line.item, line.warehouse, line.lot_number = None, None, ""
    elif line.item is None:
        raise Invalid(_("Choose the item."), field="item")
    else:
        line.unit = unit_of(line.item, line.unit)
        line.lot_number = ", ".join(numbers_of(line.item, line.lot_number)) if line.item.is_tracked else ""
    if line.kind == LineKind.HOUR and line.quantity is None and line.started_at and line.ended_at:
        line.quantity = hours_between(line.started_at, line.ended_at)
    _complete_category(line)
    line.description = line.description or (line.item.name if line.item else line.category.description)
    _check_quantity(line)


def hours_between(start: datetime, end: datetime) -> Decimal:
    """SO-20: hours are end − start, to two decimals."""
    if end <= start:
        raise Invalid(_("The end must be after the start."), field="ended_at")
    seconds = Decimal((end - start).total_seconds())
    return (seconds / 3600).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _complete_category(line: ServiceOrderLine) -> None:
    if line.category_id is None:
        usual = getattr(parameters(), f"{line.kind.lower()}_category", None)
        if usual is None:
            raise Invalid(_("Choose the category."), field="category")
        line.category = usual
    if line.category.kind != line.kind:
        raise Invalid(_("This category is for another type of line."), field="category")


def check_combination(order: ServiceOrder, line: ServiceOrderLine) -> None:
    """AG-09: who may work under which category on the order's project. Raises Invalid at worker or category."""
    if order.project_id and (found := why_not_together(order.project_id, line.worker_id, line.category_id)):
        raise Invalid(found.sentence, field=found.field)


def _check_quantity(line: ServiceOrderLine) -> None:
    """Only expenses and fees may be negative: they are how a charge is corrected."""
    if not line.quantity:
        raise Invalid(_("Enter the quantity."), field="quantity")
    if line.quantity < 0 and line.kind in (LineKind.HOUR, LineKind.ITEM):
        raise Invalid(_("The quantity must be more than 0."), field="quantity")
    if line.lot_number and line.item:
        try:
            used(line.item, line.quantity, line.lot_number)
        except Invalid as refusal:
            raise Invalid(str(refusal), field="lot_number") from refusal


def check_reason(line: ServiceOrderLine, fields: LineFields) -> None:
    """Whoever chooses a line property that gives the line away says why. Raises Invalid; what is charged has no reason.

    Not asked of lines that get such a line property by setup or from their agreement, which are the reason.
    """
    chosen = fields.get("line_property")
    line.coverage_reason = line.coverage_reason.strip()
    if chosen and chosen.coverage in EXPLAINED and not line.coverage_reason:
        raise Invalid(_("Say why this is not charged."), field="coverage_reason")
    if line.line_property and line.line_property.coverage == Coverage.CHARGED and line.warranty is None:
        line.coverage_reason = ""


def check_amounts(line: ServiceOrderLine) -> None:
    """A quantity, and with its prices an amount, that a document can hold; no cost below nothing. Raises Invalid."""
    if line.cost_price is not None and line.cost_price < 0:
        back = (
            " " + _("What comes back is entered with a negative number.")
            if line.kind == LineKind.EXPENSE
            else ""
        )
        raise Invalid(_("This must not be negative.") + back, field="cost_price")
    for found in (line.cost_price, line.sales_price):
        check_size(line.quantity, line.quantity * (found or 0))


def price(
    order: ServiceOrder,
    line: ServiceOrderLine,
    *,
    cost_price: Decimal | None = None,
    sales_price: Decimal | None = None,
    lookup: Lookup | None = None,
) -> None:
    """Line property and prices of a line: entered ones stay, the rest comes from the price search of its project.

    The line property's markups are in what was found, never on what was entered (B.8); the discount entered on the
    line, or what a warranty bears of it, is taken off both. Sales prices are in the project's currency, cost prices in
    the company's. Without a project there is no price yet.
    """
    if order.project is None:
        line.cost_price = cost_price
        _take_sales_price(line, sales_price, None, _by_hand({}, cost_price, sales_price))
        return
    give_line_property(order, line)
    if line.discount is not None:
        drop_share(line)
    found = price_line(
        kind=line.kind,
        project=order.project,
        category=line.category,
        on=line.executed_on or order.service_on,
        worker=line.worker,
        item=line.item,
        currency=order.project.currency,
        price_list=order.agreement.price_list if order.agreement else None,
        cost=cost_price,
        line_property=line.line_property,
        discount=line.discount,
        borne=borne(line),
        lookup=lookup,
    )
    line.cost_price = found.cost_price
    _take_sales_price(line, sales_price, found.sales_price, _by_hand(found.reason, cost_price, sales_price))


def _take_sales_price(
    line: ServiceOrderLine, entered: Decimal | None, found: Decimal | None, reason: dict[str, Any]
) -> None:
    """What was entered, less what is taken off on the line alone, else what was found, from which it is taken already.

    A warranty whose share is less than another discount bears nothing.
    """
    line.is_sales_price_modified = entered is not None
    line.sales_price = found
    if entered is not None:
        line.sales_price = take_off(
            entered,
            [],
            line.executed_on or date.min,
            reason["sales"],
            by_hand=line.discount,
            borne=borne(line),
        )
    line.price_reason = reason
    if line.sales_price is not None and not warranty_in(reason):
        drop_share(line)


def _by_hand(
    reason: dict[str, Any], cost_price: Decimal | None, sales_price: Decimal | None
) -> dict[str, Any]:
    """The explanation with what was entered by hand in place of what was found."""
    for name, entered in (("cost", cost_price), ("sales", sales_price)):
        if entered is not None:
            reason = reason | {name: {"by_hand": True, "price": format(entered.normalize(), "f")}}
    return reason


class KeptPrices(TypedDict):
    """The prices of a line that the price search leaves alone."""

    cost_price: Decimal | None
    sales_price: Decimal | None


def kept_prices(line: ServiceOrderLine, fields: LineFields) -> KeptPrices:
    """Which prices stay as they are when the line is priced again: those entered by hand, now or before (PR-10).

    A price given as None is taken back: the price search decides again. Sales prices are those before the line's own
    discount.
    """
    cost, sales = line.cost_price, line.listed_price
    return {
        "cost_price": _kept(fields.get("cost_price", cost), cost, by_hand=_was_by_hand(line, "cost")),
        "sales_price": _kept(fields.get("sales_price", sales), sales, by_hand=line.is_sales_price_modified),
    }


def _kept(new: Decimal | None, old: Decimal | None, *, by_hand: bool) -> Decimal | None:
    return new if by_hand or new != old else None


def _was_by_hand(line: ServiceOrderLine, name: str) -> bool:
    return bool(line.price_reason.get(name, {}).get("by_hand"))


def is_planning(order: ServiceOrder) -> bool:
    """Whether a quantity entered now is the plan rather than what was done."""
    return order.stage.phase in PLANNING
