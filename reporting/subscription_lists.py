"""Transaction – subscription (RE-04) and Subscription fee transactions (RE-05)."""

from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django_filters import FilterSet

from servicemgmt.core.display import money
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec, list_page
from servicemgmt.core.money import ZERO
from servicemgmt.core.web import allow
from servicemgmt.projects.models import AccrualKind, AccrualPosting
from subscriptions.lists import AMOUNT, KIND, STATUS, SUBSCRIPTION
from subscriptions.models import Fee

MONEY = DecimalField(max_digits=19, decimal_places=4)


def per_currency(fees: QuerySet[Any]) -> dict[str, Any]:
    """The foot: the amounts added up, each currency for itself."""
    sums = (
        fees.order_by()
        .values("transaction__currency__code")
        .annotate(total=Sum("transaction__sales_amount"))
        .order_by("transaction__currency__code")
    )
    return {
        "transaction__sales_amount": " · ".join(
            money(row["total"], row["transaction__currency__code"]) for row in sums
        )
    }


def with_accruals() -> QuerySet[Fee]:
    """Fees with what is recognised of them (`accrued`) and what is still deferred (`to_accrue`), less credits."""

    def total(*kinds: str) -> Coalesce:
        rows = AccrualPosting.objects.filter(transaction=OuterRef("pk"), kind__in=kinds).order_by()
        sums = rows.values("transaction").annotate(sum=Sum("amount")).values("sum")
        return Coalesce(Subquery(sums, output_field=MONEY), ZERO, output_field=MONEY)

    taken = total(AccrualKind.RECOGNISED, AccrualKind.REVERSED)
    return Fee.objects.annotate(accrued=-taken, to_accrue=total(*AccrualKind.values))


def accruals_url(row: dict[str, Any]) -> str:
    return reverse("projects:accruals_of", args=[row["pk"]]) if row["transaction__accrual_rule"] else ""


class TransactionFilter(FilterSet):
    transaction__executed_on = DateFromToRangeFilter(label=_("Project date"))
    starts_on = DateFromToRangeFilter(label=_("Subscription date"))

    class Meta:
        model = Fee
        fields = [
            "transaction__project", "subscription__group", "subscription", "subscription__group__period_type",
            "transaction__executed_on", "starts_on", "transaction__status",
        ]  # fmt: skip


class CreatedFilter(FilterSet):
    transaction__posted_at = DateFromToRangeFilter(label=_("Created"))

    class Meta:
        model = Fee
        fields = ["subscription__group", "transaction__posted_at", "kind", "transaction__status"]


TRANSACTIONS = ListSpec(
    name="transaction-subscription",
    title=_("Transaction – subscription"),
    help=_("Every fee transaction with the base price and index it came from, by project and subscription."),
    columns=[
        Column("transaction__project__name", _("Project"), sort="transaction__project__name",
               sub=lambda row: row["transaction__project__number"], needs=["transaction__project__number"]),
        SUBSCRIPTION,
        Column("transaction__executed_on", _("Project date"), sort="transaction__executed_on"),
        Column("starts_on", _("From"), sort="starts_on"),
        Column("ends_on", _("To"), sort="ends_on"),
        KIND,
        Column("transaction__category__description", _("Category")),
        Column("base_price", _("Base price"), kind="price"),
        Column("index", _("Index"), kind="quantity"),
        AMOUNT,
        STATUS,
        Column("transaction__invoice__number", _("Invoice"), sort="transaction__invoice__number"),
        Column("accrued", _("Accrued to date"), kind="money", currency="transaction__currency__code",
               href=accruals_url, needs=["transaction__accrual_rule"]),
        Column("to_accrue", _("Remaining to accrue"), kind="money", currency="transaction__currency__code"),
    ],
    default_sort="transaction__project__name",
    filterset=TransactionFilter,
    search=["subscription__number", "subscription__name", "transaction__project__name"],
    row_url=lambda row: reverse("projects:transaction", args=[row["pk"]]),
    totals=per_currency,
    empty_title=_("No fee transactions"),
    empty_text=_("Make fees for a subscription, or widen the filters."),
    empty_icon="repeat",
)  # fmt: skip
FEES = ListSpec(
    name="subscription-fee-transactions",
    title=_("Subscription fee transactions"),
    help=_("Which fees were created when, by subscription."),
    columns=[
        Column("transaction__posted_at", _("Created"), sort="transaction__posted_at"),
        SUBSCRIPTION,
        Column("transaction__project__name", _("Project"), sort="transaction__project__name"),
        Column("transaction__category__description", _("Category")),
        KIND,
        Column("starts_on", _("From"), sort="starts_on"),
        Column("ends_on", _("To"), sort="ends_on"),
        AMOUNT,
        STATUS,
    ],
    default_sort="-transaction__posted_at",
    filterset=CreatedFilter,
    search=["subscription__number", "subscription__name"],
    row_url=lambda row: reverse("projects:transaction", args=[row["pk"]]),
    totals=per_currency,
    empty_title=_("No fees were created"),
    empty_text=_("Make fees for a subscription, or widen the dates."),
    empty_icon="repeat",
)  # fmt: skip


@require_GET
@allow("subscriptions.view_fee")
def subscription_transactions(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, TRANSACTIONS, with_accruals(), template="reporting/list.html")


@require_GET
@allow("subscriptions.view_fee")
def fee_transactions(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, FEES, Fee.objects.all(), template="reporting/list.html")
