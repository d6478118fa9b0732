"""Service order margin (RE-01): what orders cost and brought, from the posted transactions or the planned lines.

Amounts are in the company's currency; sales not invoiced yet are converted at the rate of the day of the work. Cost
of imported history that was in another currency stays in it: amounts of two currencies are never added.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext_lazy as _

from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from servicemgmt.masterdata.models import ExchangeRate
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.models import Coverage, InvoiceLine

MONEY = DecimalField(max_digits=24, decimal_places=4)
ZERO = Value(0, output_field=MONEY)


class Source(models.TextChoices):
    POSTED = "posted", _("Posted transactions")
    PLANNED = "planned", _("Planned lines")


class Level(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    AGREEMENT = "agreement", _("Agreement")
    ORDER = "order", _("Order")
    KIND = "kind", _("Order and type")


#: What each level is grouped by; the first columns of its table.
GROUPS: dict[str, list[str]] = {
    Level.CUSTOMER: ["order__customer__name", "order__customer__number"],
    Level.AGREEMENT: [
        "order__customer__name",
        "order__agreement__number",
        "order__agreement__description",
        "order__customer__number",
    ],
    Level.ORDER: [
        "order__service_on",
        "order__number",
        "order__description",
        "order__customer__name",
        "order__stage__description",
        "order__stage__phase",
        "order__progress",
    ],
    Level.KIND: [
        "order__service_on",
        "order__number",
        "order__description",
        "order__customer__name",
        "order__stage__description",
        "order__stage__phase",
        "order__progress",
        "kind",
    ],
}
SUMS = ["quantity", "cost", "sales", "invoiced", "covered"]


@dataclass(frozen=True)
class Firm:
    """The company's currency, which everything is shown in."""

    pk: int
    code: str
    digits: int

    @classmethod
    def of_company(cls) -> "Firm":
        row = company()
        return cls(row.currency_id, row.currency.code, row.currency.digits)


def facts(orders: QuerySet[ServiceOrder], source: str, firm: Firm) -> QuerySet[ServiceOrderLine]:
    """The lines of these orders with cost, sales, invoiced, covered and the currency their cost is in."""
    lines = ServiceOrderLine.objects.filter(order__in=orders.values("pk"))
    return planned(lines, firm) if source == Source.PLANNED else posted(lines, firm)


def rate(day: str, currency: str, firm: Firm) -> Case:
    """Company currency per unit on the line's day; 1 for the company's own, NULL where there is no rate."""
    found = ExchangeRate.objects.filter(currency=OuterRef(currency), valid_from__lte=OuterRef(day)).order_by(
        "-valid_from"
    )
    field = DecimalField(max_digits=18, decimal_places=9)
    return Case(
        When(**{currency: firm.pk}, then=Value(1, output_field=field)),
        default=Subquery(found.values("rate")[:1], output_field=field),
        output_field=field,
    )


def posted(lines: QuerySet[ServiceOrderLine], firm: Firm) -> QuerySet[ServiceOrderLine]:
    """From the transactions. Invoiced amounts are what the invoices' lines came to, credit notes taken off."""
    invoiced = (
        InvoiceLine.objects.filter(transaction=OuterRef("transaction"))
        .order_by()
        .values("transaction")
        .annotate(total=Sum("company_net"))
        .values("total")
    )
    return (
        lines.filter(transaction__isnull=False)
        .annotate(
            rate=rate("transaction__executed_on", "transaction__currency", firm),
            on_invoices=Subquery(invoiced, output_field=MONEY),
        )
        .annotate(
            cost_currency=Coalesce("transaction__cost_currency__code", Value(firm.code)),
            cost=F("transaction__cost_amount"),
            invoiced=Coalesce("on_invoices", ZERO),
            sales=Coalesce(
                "on_invoices", Round(F("transaction__sales_amount") * F("rate"), precision=firm.digits), ZERO,
                output_field=MONEY,
            ),
            covered=Coalesce(
                Round(F("transaction__covered_amount") * F("rate"), precision=firm.digits), ZERO, output_field=MONEY
            ),
        )
    )  # fmt: skip


def planned(lines: QuerySet[ServiceOrderLine], firm: Firm) -> QuerySet[ServiceOrderLine]:
    """From the lines that are still Created, at their present prices."""
    value = Round(F("quantity") * F("sales_price") * F("rate"), precision=firm.digits)
    charged = Q(line_property__coverage=Coverage.CHARGED)
    return (
        lines.filter(status=LineStatus.CREATED)
        .annotate(rate=rate("order__service_on", "order__project__currency", firm))
        .annotate(
            cost_currency=Value(firm.code),
            cost=Coalesce(
                Round(F("quantity") * F("cost_price"), precision=firm.digits), ZERO, output_field=MONEY
            ),
            invoiced=ZERO,
            sales=Coalesce(Case(When(charged, then=value), default=ZERO, output_field=MONEY), ZERO),
            covered=Coalesce(Case(When(charged, then=ZERO), default=value, output_field=MONEY), ZERO),
        )
    )


def grouped(rows: QuerySet[ServiceOrderLine], level: str) -> QuerySet[ServiceOrderLine, dict[str, Any]]:
    """One row a group and cost currency, in the level's order, with its sums."""
    keys = [*GROUPS[level], "cost_currency"]
    order = ["-order__service_on", "-order__number", "kind"] if "order__service_on" in keys else keys
    return (
        rows.values(*keys)
        .annotate(
            **{f"sum_{name}": Sum(name) for name in SUMS},
            orders=Count("order", distinct=True),
        )
        .order_by(*[name for name in order if name.lstrip("-") in keys])
    )


def totals(rows: QuerySet[ServiceOrderLine]) -> list[dict[str, Any]]:
    """The sums over everything, one row a cost currency."""
    found = (
        rows.order_by()
        .values("cost_currency")  # type: ignore[misc]
        .annotate(**{f"sum_{name}": Sum(name) for name in SUMS}, orders=Count("order", distinct=True))
        .order_by("cost_currency")
    )
    return [row for row in found if row["orders"]]
