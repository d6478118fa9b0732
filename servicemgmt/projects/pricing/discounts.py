"""Discounts on sales prices: which row counts, and what it takes off. Pure but for `discounts_of`."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from servicemgmt.core.money import round_money
from servicemgmt.masterdata.models import Item

from ..models import Category, Project, SalesDiscount

NAMES = ["project", "customer", "category", "item"]
#: A unit's price keeps so many decimals; the line is rounded to the currency's.
PRICE_DECIMALS = 6


def discounts_of(
    *, kind: str, project: Project | None, category: Category | None, item: Item | None
) -> Iterable[SalesDiscount]:
    """The rows that name nothing else than the line does."""
    named = {
        "project": project,
        "customer": project.customer_id if project else None,
        "category": category,
        "item": item,
    }
    found = Q(kind=kind)
    for field, value in named.items():
        nothing = Q(**{f"{field}__isnull": True})
        found &= nothing | Q(**{field: value}) if value else nothing
    return SalesDiscount.objects.filter(found).select_related(*NAMES)


def choose_discount(
    rows: Iterable[SalesDiscount], on: date
) -> tuple[SalesDiscount | None, list[tuple[SalesDiscount, str]]]:
    """The row that counts on the day, and those passed over with the reason, the nearest first."""
    fitting, later = [], []
    for row in rows:
        if row.valid_from > on:
            later.append((row, "LATER"))
        else:
            fitting.append(row)
    fitting.sort(key=_rank)
    if not fitting:
        return None, later
    chosen, *others = fitting
    passed = [(row, "OLDER" if _rank(row)[:2] == _rank(chosen)[:2] else "PRIORITY") for row in others]
    return chosen, passed + later


def _rank(row: SalesDiscount) -> tuple[int, int, int, int]:
    of_whom = 0 if row.project_id else 1 if row.customer_id else 2
    of_what = 0 if row.item_id else 1 if row.category_id else 2
    return of_whom, of_what, -row.valid_from.toordinal(), -row.pk


def discounted(price: Decimal, percent: Decimal) -> Decimal:
    """A unit's price less the discount; not rounded to money, so that the line is rounded once (billing-rules 37)."""
    return round_money(price * (100 - percent) / 100, PRICE_DECIMALS)


def described(row: SalesDiscount, why: str = "") -> dict[str, Any]:
    """A row as an explanation keeps it: words that stay true when the row is changed later."""
    found: dict[str, Any] = {
        "row": row.pk,
        "percent": format(row.percent.normalize(), "f"),
        "valid_from": row.valid_from.isoformat(),
    }
    found |= {field: str(getattr(row, field)) for field in NAMES if getattr(row, f"{field}_id")}
    return found | ({"why": why} if why else {})


class Borne(NamedTuple):
    """The percent of a line that a warranty bears, and which warranty."""

    percent: Decimal
    reason: str


def take_off(
    price: Decimal | None,
    rows: Iterable[SalesDiscount],
    on: date,
    reason: dict[str, Any],
    *,
    by_hand: Decimal | None = None,
    borne: Borne | None = None,
) -> Decimal | None:
    """The price less the one discount that counts; the reason gets it, the price before, and what was passed over.

    Percent entered on the line itself (`by_hand`) go before all others, 0 too; else what a warranty bears (`borne`)
    goes before a row that takes off less. Without a discount for the line the reason stays as it is.
    """
    if price is None:
        return None
    chosen, passed = choose_discount(rows, on)
    told = [described(row, why) for row, why in passed]
    row = described(chosen) if chosen else None
    warranty = _told(borne.percent, warranty=borne.reason) if borne else None
    counts: dict[str, Any] | None
    if by_hand is not None:
        counts, others = _told(by_hand, by_hand=True), [(row, "BY_HAND"), (warranty, "BY_HAND")]
    elif borne and (chosen is None or borne.percent > chosen.percent):
        counts, others = warranty, [(row, "LESS")]
    else:
        counts, others = row, [(warranty, "LESS")]
    told[:0] = [other | {"why": why} for other, why in others if other]
    if told:
        reason["discounts_passed_over"] = told
    return _less(price, Decimal(counts["percent"]), counts, reason) if counts else price


def _told(percent: Decimal, **what: Any) -> dict[str, Any]:
    return what | {"percent": format(percent.normalize(), "f")}


def _less(price: Decimal, percent: Decimal, discount: dict[str, Any], reason: dict[str, Any]) -> Decimal:
    if not percent:
        return price
    net = discounted(price, percent)
    reason["discount"] = discount | {"list_price": format(price.normalize(), "f")}
    reason["price"] = format(net.normalize(), "f")
    return net


def warranty_in(price_reason: dict[str, Any]) -> str:
    """The warranty that bears a share of the price of a stored explanation; '' where none does."""
    found = (price_reason.get("sales") or {}).get("discount") or {}
    return str(found.get("warranty", ""))


def discount_in(price_reason: dict[str, Any], price: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """(price before the discount, percent) of a stored explanation, where the price is still what it explains."""
    found = (price_reason.get("sales") or {}).get("discount")
    if not found or Decimal((price_reason["sales"].get("price")) or "0") != price:
        return None, None
    return Decimal(found["list_price"]), Decimal(found["percent"])
