"""The price search (PR-08, PR-09): which row prices a line, at which priority, and which rows were passed over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q

from servicemgmt.core.money import round_money
from servicemgmt.masterdata.models import Company, Currency, Employee, Item
from servicemgmt.masterdata.queries import company, rate_on

from ..models import (
    Category,
    CostPrice,
    LineKind,
    LineProperty,
    PriceList,
    Project,
    SalesDiscount,
    SalesPrice,
)
from ..models.price import PriceModel
from .discounts import PRICE_DECIMALS, Borne, discounts_of, take_off

#: PR-08: the criteria a row may name, in the order in which combinations of them win.
COST_PRIORITY = ["PWC", "PW", "WC", "PC", "P", "W", "C", ""]
SALES_PRIORITY = ["PWC", "PW", "PC", "P", "WC", "W", "C", ""]

#: The relations that an explanation names.
COST_NAMES = ["price_list", "project", "worker", "category"]
SALES_NAMES = [*COST_NAMES, "item", "currency"]

#: A line of a thousand pieces is not off by more than a thousandth for the rounding of its price.
PRICE_FIGURES = 4

#: How many passed-over rows an explanation keeps.
PASSED_OVER_KEPT = 8

type PriceRow = CostPrice | SalesPrice


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be priced. `lists` are the price lists that count, in their order; rows without a list come last."""

    kind: str
    project: Project | None
    category: Category | None
    on: date
    worker: Employee | None
    item: Item | None
    currency: Currency
    lists: Sequence[int]


@dataclass(frozen=True, slots=True)
class Priced:
    """A unit's cost price (company currency) and sales price (the line's currency), and why.

    None where there is no price: nothing is ever priced at zero in silence (billing-rules 44). `reason` is plain JSON,
    {"cost": {...}, "sales": {...}}, each with "chosen", "passed_over" and "price"; `queries.explain` puts it in words.
    """

    cost_price: Decimal | None
    sales_price: Decimal | None
    reason: dict[str, Any]


def price_line(
    *,
    kind: str,
    project: Project | None,
    category: Category | None,
    on: date,
    worker: Employee | None = None,
    item: Item | None = None,
    currency: Currency | None = None,
    price_list: PriceList | None = None,
    cost: Decimal | None = None,
    line_property: LineProperty | None = None,
    discount: Decimal | None = None,
    borne: Borne | None = None,
    lookup: "Lookup | None" = None,
) -> Priced:
    """Price one unit of an hour, expense, item or fee on its execution date.

    Rows of `price_list` (an agreement's) come first, then those of the project's list, then the general ones; inside,
    PR-08's order, then the latest date. Items fall back on their own prices, converted at the day's rate. `currency`
    is the project's unless given. `cost` is a cost typed by hand (company currency): it replaces the cost search, and
    price models work on it. Prices that are reckoned are rounded as `unit_price` says (PR-09). The markups of
    `line_property`, where given, are added to the cost that was found and to the sales price; last, the `discount`
    typed by hand (percent) is taken off, else the greater of what a warranty bears (`borne`) and the discount that
    counts for the project or its customer. Runs give a
    `lookup` that has read the rows of many lines at once (`PriceBook`).
    Raises Refused where a conversion lacks an exchange rate.
    """
    lookup = lookup or Lookup()
    if currency is None:
        currency = project.currency if project else company().currency
    lists = [found.pk for found in (price_list, project.price_list if project else None) if found]
    wanted = Wanted(kind, project, category, on, worker, item, currency, lists)
    cost_reason: dict[str, Any] = {"by_hand": True, "price": _text(cost)}
    if cost is None:
        cost, cost_reason = _cost(wanted, lookup)
        if line_property and line_property.cost_markup and kind in (LineKind.HOUR, LineKind.EXPENSE):
            cost = _marked_up(cost, line_property.cost_markup, lookup.company_digits, cost_reason)
    sales, sales_reason = _sales(wanted, cost, lookup)
    if line_property:
        sales = _marked_up(sales, line_property.sales_markup, currency.digits, sales_reason)
    if sales is not None:
        sales = take_off(sales, lookup.discounts(wanted), on, sales_reason, by_hand=discount, borne=borne)
    return Priced(cost, sales, {"cost": cost_reason, "sales": sales_reason})


class Lookup:
    """What a price search reads, asked of the database for each line."""

    @cached_property
    def company_digits(self) -> int:
        """The digits of the company's currency, in which costs are."""
        return company().currency.digits

    def cost_rows(self, wanted: Wanted) -> Iterable[CostPrice]:
        """The cost rows that name nothing else than what is wanted."""
        return CostPrice.objects.filter(_criteria(wanted)).select_related(*COST_NAMES)

    def sales_rows(self, wanted: Wanted) -> Iterable[SalesPrice]:
        """The sales rows that name nothing else than what is wanted."""
        of_item = Q(item__isnull=True) | Q(item=wanted.item) if wanted.item else Q(item__isnull=True)
        return SalesPrice.objects.filter(_criteria(wanted) & of_item).select_related(*SALES_NAMES)

    def discounts(self, wanted: Wanted) -> Iterable[SalesDiscount]:
        """The discount rows that name nothing else than what is wanted."""
        return discounts_of(
            kind=wanted.kind, project=wanted.project, category=wanted.category, item=wanted.item
        )

    def rate(self, currency: Currency, on: date) -> Decimal | None:
        """Company currency per unit of the currency on the day; None for the company's own. Raises Refused."""
        return None if Company.objects.filter(currency=currency).exists() else rate_on(currency, on)


def _cost(wanted: Wanted, lookup: Lookup) -> tuple[Decimal | None, dict[str, Any]]:
    """PR-08: hours and expenses have cost rows, items their own cost price, fees no cost."""
    if wanted.kind == LineKind.FEE:
        return Decimal(0), {"none": "FEE", "price": "0"}
    if wanted.kind == LineKind.ITEM:
        price = wanted.item.cost_price if wanted.item else None
        return price, {"item": str(wanted.item or ""), "price": _text(price)}
    chosen, reason = choose(lookup.cost_rows(wanted), wanted, COST_PRIORITY)
    price = chosen.price if chosen else None
    return price, reason | {"price": _text(price)}


def _sales(wanted: Wanted, cost: Decimal | None, lookup: Lookup) -> tuple[Decimal | None, dict[str, Any]]:
    chosen, reason = choose(lookup.sales_rows(wanted), wanted, SALES_PRIORITY)
    if isinstance(chosen, SalesPrice):
        price, model = _modelled(chosen, wanted, cost, lookup)
        return price, reason | model | {"price": _text(price)}
    if wanted.item and wanted.item.sales_price:
        price, conversion = _converted(wanted.item.sales_price, wanted, lookup)
        if conversion:
            price = unit_price(price, wanted.currency.digits)
        return price, reason | conversion | {"item": str(wanted.item), "price": _text(price)}
    return None, reason | {"price": ""}


def _criteria(wanted: Wanted) -> Q:
    """Rows that name nothing else than what is wanted; date and currency are judged later, to be explained."""
    found = Q(kind=wanted.kind)
    for field in ("project", "worker", "category"):
        value = getattr(wanted, field)
        nothing = Q(**{f"{field}__isnull": True})
        found &= nothing | Q(**{field: value}) if value else nothing
    return found & (Q(price_list__isnull=True) | Q(price_list__in=wanted.lists))


def choose(
    rows: Iterable[PriceRow], wanted: Wanted, priority: Sequence[str]
) -> tuple[PriceRow | None, dict[str, Any]]:
    """The row that wins and the explanation. Pure, so that runs can price many lines against rows read once."""
    fitting: list[tuple[tuple[int, ...], PriceRow]] = []
    passed: list[dict[str, Any]] = []
    for row in rows:
        if row.valid_from > wanted.on:
            passed.append(_described(row, priority, "LATER"))
        elif isinstance(row, SalesPrice) and row.currency_id != wanted.currency.pk:
            passed.append(_described(row, priority, "CURRENCY"))
        else:
            fitting.append((_rank(row, wanted, priority), row))
    fitting.sort(key=lambda pair: pair[0])
    chosen = fitting[0][1] if fitting else None
    for rank, row in fitting[1:]:
        # All but the date alike: the chosen row is only newer.
        why = "OLDER" if rank[:3] == fitting[0][0][:3] else "PRIORITY"
        passed.append(_described(row, priority, why))
    passed.sort(key=lambda found: found["why"] in ("LATER", "CURRENCY"))
    explained = _described(chosen, priority, "") if chosen else None
    return chosen, {"chosen": explained, "passed_over": passed[:PASSED_OVER_KEPT]}


def _rank(row: PriceRow, wanted: Wanted, priority: Sequence[str]) -> tuple[int, ...]:
    """Price list, the very item before any, PR-08's place, the latest date, the latest row."""
    tier = wanted.lists.index(row.price_list_id) if row.price_list_id else len(wanted.lists)
    for_any_item = 0 if getattr(row, "item_id", None) else 1
    return tier, for_any_item, priority.index(_shape(row)), -row.valid_from.toordinal(), -row.pk


def _shape(row: PriceRow) -> str:
    named = [("P", row.project_id), ("W", row.worker_id), ("C", row.category_id)]
    return "".join(letter for letter, value in named if value)


def _described(row: PriceRow, priority: Sequence[str], why: str) -> dict[str, Any]:
    """A row as the explanation keeps it: words that stay true when the row is changed later."""
    described: dict[str, Any] = {
        "row": row.pk,
        "priority": priority.index(_shape(row)) + 1,
        "price": _text(row.price),
        "valid_from": row.valid_from.isoformat(),
    }
    for field in ("price_list", "project", "worker", "category", "item"):
        if getattr(row, f"{field}_id", None):
            described[field] = str(getattr(row, field))
    if isinstance(row, SalesPrice):
        described |= {"currency": row.currency.code, "model": row.model}
    return described | ({"why": why} if why else {})


def _modelled(
    row: SalesPrice, wanted: Wanted, cost: Decimal | None, lookup: Lookup
) -> tuple[Decimal | None, dict[str, Any]]:
    """PR-09: the price as entered, or made from the cost."""
    if row.model == PriceModel.QUANTITY:
        return row.price, {}
    if cost is None:
        return None, {"missing": "COST"}
    base, conversion = _converted(cost, wanted, lookup)
    price = sales_from_cost(row.model, base, row.price, wanted.currency.digits)
    return price, {"cost": _text(cost)} | conversion


def sales_from_cost(model: str, cost: Decimal, figure: Decimal, digits: int) -> Decimal:
    """PR-09: contribution ratio 100 × cost ÷ (100 − figure), charge % on cost, or charge amount; see `unit_price`."""
    if model == PriceModel.CONTRIBUTION:
        return unit_price(100 * cost / (100 - figure), digits)
    if model == PriceModel.PERCENT:
        return unit_price(cost * (100 + figure) / 100, digits)
    if model == PriceModel.AMOUNT:
        return unit_price(cost + figure, digits)
    raise ValueError(f"{model} is not made from the cost")


def unit_price(price: Decimal, digits: int) -> Decimal:
    """A reckoned price of one unit, rounded half up to the money's digits, but to no fewer than four figures, at most
    six decimals: 55.5556 → 55.56, JPY 1.4839 → 1.484, EUR 0.0044 stays (billing-rules 42, 44)."""
    figures = PRICE_FIGURES - 1 - price.adjusted() if price else 0
    return round_money(price, min(max(digits, figures), PRICE_DECIMALS))


def _converted(amount: Decimal, wanted: Wanted, lookup: Lookup) -> tuple[Decimal, dict[str, Any]]:
    """A company amount in the currency at the day's rate, with digits to spare; Refused where the rate is missing."""
    rate = lookup.rate(wanted.currency, wanted.on)
    if rate is None:
        return amount, {}
    return round_money(amount / rate, PRICE_DECIMALS), {"rate": _text(rate)}


def _marked_up(
    price: Decimal | None, percent: Decimal, digits: int, reason: dict[str, Any]
) -> Decimal | None:
    """B.8: the line property's markup on a price, rounded as `unit_price` says; noted in the reason."""
    if price is None or not percent:
        return price
    price = unit_price(price * (100 + percent) / 100, digits)
    reason |= {"markup": _text(percent), "price": _text(price)}
    return price


def _text(value: Decimal | None) -> str:
    return "" if value is None else format(value.normalize(), "f")
