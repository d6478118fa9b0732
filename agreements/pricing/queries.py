"""Reads about an agreement's prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from agreements.models import LinePrice, ServiceAgreement, ServiceAgreementLine
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import line_amount
from servicemgmt.projects.coverage import coverage_for
from servicemgmt.projects.models import CostPrice, Coverage, LineProperty, PriceList, Project, SalesPrice
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.explain import explain
from servicemgmt.projects.pricing.search import Lookup, Priced, price_line


@dataclass(frozen=True, slots=True)
class LinePriced:
    """A line, what a unit of it is sold for on a day, the amount of a visit, and the sentences that explain it."""

    line: ServiceAgreementLine
    price: Decimal | None
    amount: Decimal | None
    reasons: list[str]


def sales_price_on(line: ServiceAgreementLine, on: date) -> Decimal | None:
    """The price agreed for the line itself on the day: the latest adjusted one, else the one entered; None where the
    price search decides. Reads `line.prices`, which lists prefetch."""
    return latest_price(line, line.prices.all(), on)


def latest_price(line: ServiceAgreementLine, adjusted: Iterable[LinePrice], on: date) -> Decimal | None:
    """As `sales_price_on`, for who has read the line's adjusted prices."""
    begun = [row for row in adjusted if row.valid_from <= on]
    return max(begun, key=lambda row: row.valid_from).price if begun else line.sales_price


def line_property_of(agreement: ServiceAgreement, line: ServiceAgreementLine) -> LineProperty | None:
    """What orders made from the line get: its own line property, else its project's."""
    return line.line_property or (agreement.project.line_property if agreement.project else None)


def is_charged(agreement: ServiceAgreement, line: ServiceAgreementLine) -> bool:
    """Whether the customer pays for the line by itself, rather than with a fee or not at all."""
    found = line_property_of(agreement, line)
    return found is not None and coverage_for(agreement.project, line.kind, found) == Coverage.CHARGED


def price_found(agreement: ServiceAgreement, line: ServiceAgreementLine, on: date, lookup: Lookup) -> Priced:
    """What the price search finds for a unit of the line on the day, as an order made from it is priced; markups and
    discounts in it. In the project's currency, the cost in the company's. Refused where an exchange rate is missing."""
    return price_line(
        kind=line.kind,
        project=agreement.project,
        category=line.category,
        on=on,
        worker=line.worker,
        item=line.item,
        price_list=agreement.price_list,
        cost=line.cost_price,
        line_property=line_property_of(agreement, line),
        lookup=lookup,
    )


def priced_lines(agreement: ServiceAgreement, on: date) -> list[LinePriced]:
    """The lines with their prices on the day, in a number of statements that does not grow with them."""
    parts = ["category", "worker", "item", "line_property"]
    lines = agreement.lines.select_related(*parts).prefetch_related("prices")
    project = agreement.project
    if project is None:
        return []
    lists = [pk for pk in (agreement.price_list_id, project.price_list_id) if pk]
    book = PriceBook([project.pk], lists)
    return [_priced(agreement, line, on, book) for line in lines]


def _priced(agreement: ServiceAgreement, line: ServiceAgreementLine, on: date, book: PriceBook) -> LinePriced:
    price = sales_price_on(line, on)
    reason = {"by_hand": True}
    if price is None:
        try:
            found = price_found(agreement, line, on, book)
        except Refused as refusal:  # a missing exchange rate
            return LinePriced(line, None, None, [str(refusal)])
        price, reason = found.sales_price, found.reason["sales"]
    digits = agreement.project.currency.digits if agreement.project else 2
    amount = None if price is None else line_amount(line.quantity, price, digits)
    return LinePriced(line, price, amount, explain(reason))


def cost_rows(price_list: PriceList) -> QuerySet[CostPrice]:
    return CostPrice.objects.filter(price_list=price_list).select_related("category", "worker", "project")


def sales_rows(price_list: PriceList) -> QuerySet[SalesPrice]:
    return SalesPrice.objects.filter(price_list=price_list).select_related(
        "category", "worker", "project", "item", "currency"
    )


def other_users(
    price_list: PriceList, agreement: ServiceAgreement
) -> tuple[QuerySet[ServiceAgreement], QuerySet[Project]]:
    """Who else uses the list: whoever changes a row of it changes their prices too."""
    agreements = ServiceAgreement.objects.filter(price_list=price_list).exclude(pk=agreement.pk)
    return agreements.order_by("number"), Project.objects.filter(price_list=price_list).order_by("number")
