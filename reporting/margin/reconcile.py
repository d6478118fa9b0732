"""Does the margin report equal the ledger? Compared transaction by transaction's own voucher lines.

They are known by how they were posted, not by today's posting profile, which may name other accounts since.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from orders.models import OrderWork
from servicemgmt.ledger.models import Entry, EntryQuerySet
from servicemgmt.projects.models import TransactionSource

from .facts import MONEY, ZERO


@dataclass(frozen=True)
class Comparison:
    """What the report says, what the ledger says, and imported history, which the ledger does not hold."""

    cost: Decimal
    ledger_cost: Decimal
    invoiced: Decimal
    ledger_revenue: Decimal
    imported: list[dict[str, Any]]

    @property
    def agrees(self) -> bool:
        return self.cost == self.ledger_cost and self.invoiced == self.ledger_revenue


def total(rows: EntryQuerySet) -> Subquery:
    """The sum of a transaction's own entries among these, in company currency."""
    own = rows.filter(subject=OuterRef("trail")).order_by().values("subject")
    return Subquery(own.annotate(total=Sum("company_amount")).values("total"), output_field=MONEY)


def in_cost() -> Case:
    """What the voucher of the work put on the account of its cost: the side that has the sign of the cost."""
    own = Entry.objects.filter(voucher=OuterRef("transaction__voucher"))
    debit, credit = total(own.filter(company_amount__gt=0)), total(own.filter(company_amount__lt=0))
    return Case(When(cost__gte=0, then=debit), default=credit, output_field=MONEY)


def in_revenue() -> Subquery:
    """What invoices and credit notes put on the account of its revenue: the entries that name a tax code."""
    return total(Entry.objects.filter(tax_code__isnull=False))


def reconcile(rows: QuerySet[OrderWork]) -> Comparison:
    """Compare the posted rows of a report with the ledger, to the cent."""
    own = rows.exclude(transaction__source=TransactionSource.IMPORT)
    sums = (
        own.annotate(trail=Concat(Value("transaction:"), Cast(F("transaction_id"), CharField())))
        .annotate(in_cost=in_cost(), in_revenue=in_revenue())
        .aggregate(
            all_cost=Coalesce(Sum("cost"), ZERO),
            all_invoiced=Coalesce(Sum("invoiced"), ZERO),
            all_in_cost=Coalesce(Sum("in_cost"), ZERO),
            all_in_revenue=Coalesce(Sum("in_revenue"), ZERO),
        )
    )
    imported = rows.filter(transaction__source=TransactionSource.IMPORT).order_by()
    return Comparison(
        cost=sums["all_cost"],
        ledger_cost=sums["all_in_cost"],
        invoiced=sums["all_invoiced"],
        ledger_revenue=-sums["all_in_revenue"],
        imported=list(
            imported.values("cost_currency")  # type: ignore[misc]
            .annotate(total=Sum("cost"))
            .order_by("cost_currency")
        ),
    )
