"""Builders of deferred revenue on top of the money side's firm."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum

from servicemgmt.core.money import ZERO
from servicemgmt.ledger.models import Entry, PostingProfile
from servicemgmt.projects.accruals.operations import Accrued, accrue
from servicemgmt.projects.accruals.queries import slices_due
from servicemgmt.projects.drafts import Draft
from servicemgmt.projects.models import AccrualPosting, AccrualRule, Invoice, LineKind, Project
from tests import make_money as make


def rule(code: str = "MONTH", *, unit: str = "MONTH", **fields: Any) -> AccrualRule:
    """The rule of that code, made on first use: monthly by days, reversed on the credit's date."""
    row, _created = AccrualRule.objects.get_or_create(
        code=code, defaults={"description": code.title(), "unit": unit, **fields}
    )
    return row


def fee(
    amount: str,
    first: date,
    last: date,
    *,
    on_project: Project | None = None,
    of_rule: AccrualRule | None = None,
    **fields: Any,
) -> Draft:
    """A fee for the days first to last, both inclusive, that is spread by the rule."""
    return make.draft(
        on_project or make.project(),
        LineKind.FEE,
        sales_price=Decimal(amount),
        executed_on=first,
        service_period=DateRange(first, date.fromordinal(last.toordinal() + 1)),
        accrual_rule=of_rule or rule(),
        text="Hotline",
        **fields,
    )


def deferred(amount: str, first: date, last: date, **fields: Any) -> Invoice:
    """The invoice of one such fee, dated its first day."""
    return make.invoiced(fee(amount, first, last, **fields), invoice_date=first)


def accrue_until(day: date) -> Accrued:
    """Recognise everything due up to the day, as the run does."""
    return accrue(list(slices_due(day).values_list("pk", flat=True)), by=None, at=make.NOW)


def numbers(text: str) -> list[Decimal]:
    """The amounts of a text."""
    return [Decimal(part) for part in text.split()]


def balances() -> tuple[Decimal, Decimal]:
    """Of the accounts that accruals use: what waits, and what was taken from revenue."""
    accounts = PostingProfile.objects.filter(purpose__in=["WIP_SUBSCRIPTION", "ACCRUED_SUBSCRIPTION"])
    found = Entry.objects.filter(account__in=accounts.values("account"))
    sums = found.values("account__description").annotate(sum=Sum("company_amount"))
    by_name = {row["account__description"]: row["sum"] for row in sums}
    return by_name.get("Wip_Subscription", ZERO), by_name.get("Accrued_Subscription", ZERO)


def deferred_balance() -> Decimal:
    """What the postings of slices leave deferred."""
    return AccrualPosting.objects.aggregate(sum=Sum("company_amount", default=ZERO))["sum"]
