"""Does the margin report equal the ledger? Compared transaction by transaction's own voucher lines."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat

from orders.models import OrderWork
from servicemgmt.ledger.models import Entry, PostingProfile
from servicemgmt.projects.models import TransactionSource

from .facts import MONEY, ZERO

COST = ["HOUR_COST", "EXPENSE_COST", "ITEM_COST"]
REVENUE = ["HOUR_REVENUE", "EXPENSE_REVENUE", "ITEM_REVENUE", "FEE_REVENUE", "SUBSCRIPTION_REVENUE"]


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


def entries(purposes: list[str]) -> Subquery:
    """The sum of a transaction's own voucher lines on the accounts of these purposes, in company currency."""
    accounts = PostingProfile.objects.filter(purpose__in=purposes).values("account")
    rows = (
        Entry.objects.filter(subject=OuterRef("trail"), account__in=accounts)
        .order_by()
        .values("subject")
        .annotate(total=Sum("company_amount"))
        .values("total")
    )
    return Subquery(rows, output_field=MONEY)


def reconcile(rows: QuerySet[OrderWork]) -> Comparison:
    """Compare the posted rows of a report with the ledger, to the cent."""
    own = rows.exclude(transaction__source=TransactionSource.IMPORT)
    sums = (
        own.annotate(trail=Concat(Value("transaction:"), Cast(F("transaction_id"), CharField())))
        .annotate(in_cost=entries(COST), in_revenue=entries(REVENUE))
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
