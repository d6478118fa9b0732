"""What projects cost and brought, by transaction, in the company's currency (as RE-01 has it for orders)."""

from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round, TruncMonth

from reporting.margin.facts import (
    MONEY,
    ZERO,
    Firm,
    Unvalued,
    lacks_rate,
    rate,
    unvalued_counts,
    unvalued_lines,
)
from servicemgmt.projects.models import (
    Coverage,
    InvoiceLine,
    Transaction,
    TransactionQuerySet,
    TransactionStatus,
)

#: Work that is charged and not invoiced: what is in work in progress.
OPEN_STATUS = [TransactionStatus.POSTED, TransactionStatus.IN_PROPOSAL]
IN_PROGRESS = Q(status__in=OPEN_STATUS, coverage=Coverage.CHARGED)
SUMS = ["cost", "sales", "invoiced", "to_invoice", "covered"]
GROUPS: dict[str, list[str]] = {
    "category": ["category__code", "category__description"],
    "month": ["month"],
    "both": ["month", "category__code", "category__description"],
}


def project_facts(rows: TransactionQuerySet, firm: Firm) -> QuerySet[Transaction]:
    """The transactions with cost, sales, invoiced, to invoice and covered; what was reversed is left out.

    Invoiced is what the invoices' lines came to, credit notes taken off; what is not invoiced counts at the rate of the
    day of the work, without one as nothing (`unvalued`). Sales are both together. What is invoiced on account is no
    sale and left out.
    """
    invoiced = (
        InvoiceLine.objects.filter(transaction=OuterRef("pk"))
        .order_by()
        .values("transaction")
        .annotate(total=Sum("company_net"))
        .values("total")
    )

    def worth(name: str) -> Coalesce:
        return Coalesce(Round(F(name) * F("rate"), precision=firm.digits), ZERO, output_field=MONEY)

    imported = Q(on_invoices__isnull=True, coverage=Coverage.CHARGED)
    return (
        rows.standing()
        .annotate(
            rate=rate("executed_on", "currency", firm),
            on_invoices=Subquery(invoiced, output_field=MONEY),
            month=TruncMonth("executed_on"),
        )
        .annotate(
            in_currency=Coalesce("cost_currency__code", Value(firm.code)),
            cost=F("cost_amount"),
            invoiced=Coalesce("on_invoices", ZERO),
            to_invoice=Case(When(IN_PROGRESS, then=worth("sales_amount")), default=ZERO, output_field=MONEY),
            covered=worth("covered_amount"),
            unvalued=Case(When(lacks_rate(), then=Value(Unvalued.RATE)), default=Value("")),
        )
        .annotate(
            sales=Case(
                When(imported & ~IN_PROGRESS, then=worth("sales_amount")),
                default=F("invoiced") + F("to_invoice"),
                output_field=MONEY,
            )
        )
    )


def grouped(rows: QuerySet[Transaction], group: str) -> QuerySet[Transaction, dict[str, Any]]:
    """One row a category, a month, or both, and a currency of the cost, with its sums."""
    keys = [*GROUPS[group], "in_currency"]
    ids = ["category"] if group != "month" else []
    found: Any = rows.values(*keys, *ids)
    table: QuerySet[Transaction, dict[str, Any]] = found.annotate(
        **{f"sum_{name}": Sum(name) for name in SUMS}, unvalued_lines=unvalued_lines()
    ).order_by(*keys)
    return table


def totals(rows: QuerySet[Transaction]) -> list[dict[str, Any]]:
    """The sums over everything, and how many rows are not in them, one row a currency of the cost."""
    found: QuerySet[Any, Any] = rows.order_by()
    sums = {f"sum_{name}": Sum(name) for name in SUMS}
    return list(found.values("in_currency").annotate(**sums, **unvalued_counts()).order_by("in_currency"))
