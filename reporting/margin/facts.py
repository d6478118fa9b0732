"""Service order margin (RE-01): what orders cost and brought, from the posted transactions or the planned lines.

Amounts are in the company's currency; sales not invoiced yet are converted at the rate of the day of the work. Where
there is none they are nothing, and the rows are counted (`Unvalued`) for the report to say so. Cost of imported history
that was in another currency stays in it: amounts of two currencies are never added.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext_lazy as _

from orders.models import LineStatus, OrderWork, ServiceOrder
from servicemgmt.masterdata.models import Company, ExchangeRate
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.coverage import coverage_in_sql
from servicemgmt.projects.models import Coverage, InvoiceLine, TransactionStatus

#: So many orders are few.
FEW = 200
MONEY = DecimalField(max_digits=24, decimal_places=4)
ZERO = Value(0, output_field=MONEY)


class Source(models.TextChoices):
    POSTED = "posted", _("Posted transactions")
    PLANNED = "planned", _("Planned lines")
    BOTH = "both", _("Both")


class Unvalued(models.TextChoices):
    """Why the sales of a row are not known in company currency; they then count as nothing, and the report says so."""

    RATE = "rate", _("no exchange rate on its day")
    PROJECT = "project", _("an order without a project, so without a currency")


class Level(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    AGREEMENT = "agreement", _("Agreement")
    ORDER = "order", _("Order")
    KIND = "kind", _("Order and type")
    LINE = "line", _("Transactions")
    ALL = "all", _("All levels")


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
GROUPS[Level.LINE] = [
    *GROUPS[Level.KIND],
    "description",
    "transaction_id",
    "transaction__voucher__number",
    "transaction__invoice__number",
]
GROUPS[Level.ALL] = ["order__customer__number", "order__agreement__number", *GROUPS[Level.KIND]]
#: What the links of a level need beside what it shows.
KEYS: dict[str, list[str]] = {
    Level.CUSTOMER: ["order__customer"],
    Level.AGREEMENT: ["order__customer", "order__agreement"],
    Level.LINE: ["pk"],
    Level.ALL: ["order__agreement__description"],
}
#: A level is sorted by its own columns, but for these.
ORDERS: dict[str, list[str]] = {
    Level.ORDER: ["-order__service_on", "-order__number"],
    Level.KIND: ["-order__service_on", "-order__number", "kind"],
    Level.LINE: ["-order__service_on", "-order__number", "kind", "pk"],
    Level.ALL: [
        "order__customer__name", "order__customer__number", "order__agreement__number", "order__service_on",
        "order__number", "kind",
    ],
}  # fmt: skip
SUMS = ["quantity", "cost", "sales", "invoiced", "covered"]


@dataclass(frozen=True)
class Firm:
    """The company's currency, which everything is shown in."""

    pk: int
    code: str
    digits: int

    @classmethod
    def of_company(cls, row: Company | None = None) -> "Firm":
        """Of the company row, where it was read already. Raises Refused before the company is set up."""
        row = row or company()
        return cls(row.currency_id, row.currency.code, row.currency.digits)


def facts(orders: QuerySet[ServiceOrder], source: str, firm: Firm) -> QuerySet[OrderWork]:
    """What was done for these orders with cost, sales, invoiced, covered and the currency their cost is in.

    Of a few orders the keys are named, which the view finds by its indexes; of many it is read once.
    """
    few = list(orders.values_list("pk", flat=True)[: FEW + 1])
    chosen: Any = few if len(few) <= FEW else orders.values("pk")
    lines = OrderWork.objects.filter(order__in=chosen)
    if source == Source.BOTH:
        return both(lines, firm)
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


def posted(lines: QuerySet[OrderWork], firm: Firm) -> QuerySet[OrderWork]:
    """From the transactions. Invoiced amounts are what the invoices' lines came to, credit notes taken off."""
    rows = lines.filter(transaction__isnull=False)
    return rows.annotate(**posted_rates(firm)).annotate(**posted_amounts(firm))


def planned(lines: QuerySet[OrderWork], firm: Firm) -> QuerySet[OrderWork]:
    """From the lines that are still Created, at their present prices."""
    rows = lines.filter(status=LineStatus.CREATED)
    return rows.annotate(**planned_rates(firm)).annotate(**planned_amounts(firm))


def both(lines: QuerySet[OrderWork], firm: Firm) -> QuerySet[OrderWork]:
    """The transactions of what is posted, and the lines that are still Created."""
    is_posted = Q(transaction__isnull=False)
    done, open_ = posted_amounts(firm), planned_amounts(firm)
    return (
        lines.filter(is_posted | Q(status=LineStatus.CREATED))
        .annotate(**posted_rates(firm), **planned_rates(firm))
        .annotate(**{name: Case(When(is_posted, then=done[name]), default=open_[name]) for name in done})
    )


def posted_rates(firm: Firm) -> dict[str, Any]:
    invoiced = (
        InvoiceLine.objects.filter(transaction=OuterRef("transaction"))
        .order_by()
        .values("transaction")
        .annotate(total=Sum("company_net"))
        .values("total")
    )
    return {
        "rate": rate("transaction__executed_on", "transaction__currency", firm),
        "on_invoices": Subquery(invoiced, output_field=MONEY),
    }


def lacks_rate(of: str = "") -> Q:
    """Whether a transaction (`of`: the way to it) has sales to reckon, or a covered value, but no `rate`."""
    counts = Q(on_invoices=None) | Q(
        **{f"{of}status__in": [TransactionStatus.POSTED, TransactionStatus.IN_PROPOSAL]}
    )
    return Q(rate=None) & (counts & ~Q(**{f"{of}sales_amount": 0}) | ~Q(**{f"{of}covered_amount": 0}))


def posted_amounts(firm: Firm) -> dict[str, Any]:
    def worth(name: str) -> Round:
        return Round(F(name) * F("rate"), precision=firm.digits)

    return {
        "cost_currency": Coalesce("transaction__cost_currency__code", Value(firm.code)),
        "cost": Coalesce(F("transaction__cost_amount"), ZERO, output_field=MONEY),
        "invoiced": Coalesce("on_invoices", ZERO),
        "sales": Case(
            When(
                transaction__status__in=[TransactionStatus.POSTED, TransactionStatus.IN_PROPOSAL],
                then=Coalesce("on_invoices", ZERO) + Coalesce(worth("transaction__sales_amount"), ZERO),
            ),
            default=Coalesce("on_invoices", worth("transaction__sales_amount"), ZERO, output_field=MONEY),
            output_field=MONEY,
        ),
        "covered": Coalesce(worth("transaction__covered_amount"), ZERO, output_field=MONEY),
        "unvalued": Case(When(lacks_rate("transaction__"), then=Value(Unvalued.RATE)), default=Value("")),
    }


def planned_rates(firm: Firm) -> dict[str, Any]:
    return {
        "planned_rate": rate("order__service_on", "order__project__currency", firm),
        "coverage": coverage_in_sql("order__project__kind"),
    }


def planned_amounts(firm: Firm) -> dict[str, Any]:
    value = Round(F("quantity") * F("sales_price") * F("planned_rate"), precision=firm.digits)
    cost = Round(F("quantity") * F("cost_price"), precision=firm.digits)
    charged = Q(coverage=Coverage.CHARGED)
    lost = Q(planned_rate=None, sales_price__isnull=False) & ~Q(sales_price=0)
    return {
        "cost_currency": Value(firm.code),
        "cost": Coalesce(cost, ZERO, output_field=MONEY),
        "invoiced": ZERO,
        "sales": Coalesce(Case(When(charged, then=value), default=ZERO, output_field=MONEY), ZERO),
        "covered": Coalesce(Case(When(charged, then=ZERO), default=value, output_field=MONEY), ZERO),
        "unvalued": Case(
            When(lost & Q(order__project=None), then=Value(Unvalued.PROJECT)),
            When(lost, then=Value(Unvalued.RATE)),
            default=Value(""),
        ),
    }


def grouped(rows: QuerySet[OrderWork], level: str) -> QuerySet[OrderWork, dict[str, Any]]:
    """One row a group and cost currency, in the level's order, with its sums."""
    keys = [*dict.fromkeys([*GROUPS[level], *KEYS.get(level, []), "cost_currency"])]
    return (
        rows.values(*keys)
        .annotate(
            **{f"sum_{name}": Sum(name) for name in SUMS},
            unvalued_lines=unvalued_lines(),
            orders=Count("order", distinct=True),
        )
        .order_by(*ORDERS.get(level, keys))
    )


def unvalued_counts() -> dict[str, Count]:
    """How many rows are not valued, by the reason: aggregates over rows with `unvalued`."""
    return {f"without_{why}": Count("pk", filter=Q(unvalued=why)) for why in Unvalued.values}


def unvalued_lines() -> Count:
    """How many rows of a group are not valued, for whatever reason: an aggregate over rows with `unvalued`."""
    return Count("pk", filter=~Q(unvalued=""))


def totals(rows: QuerySet[OrderWork]) -> list[dict[str, Any]]:
    """The sums over everything, and how many rows are not in them and why, one row a cost currency."""
    sums = {f"sum_{name}": Sum(name) for name in SUMS}
    found = (
        rows.order_by()
        .values("cost_currency")  # type: ignore[misc]
        .annotate(**sums, **unvalued_counts(), orders=Count("order", distinct=True))
        .order_by("cost_currency")
    )
    return [row for row in found if row["orders"]]
