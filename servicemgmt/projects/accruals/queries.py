"""Reading deferred revenue: what is due, and what a run would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, F, Min, Sum, When
from django.db.models.functions import TruncMonth

from servicemgmt.ledger.days import LedgerDays

from ..models import AccrualSlice, SliceQuerySet, SliceStatus
from .choices import CHOICES

#: What a run can be narrowed to, and where a slice says it.
PATHS = {"rule": "rule", "customer": "line__invoice__customer", "transaction": "transaction"}


def slices_due(until: date, **keys: int | None) -> SliceQuerySet:
    """The slices to recognise up to a posting date: open, and over by then (SB-20). The preview and the run ask this.

    `keys` narrow them: by the names of PATHS and of the choices that other apps register; None asks for all.
    Only invoiced work has slices, so nothing is recognised before its invoice (billing-rules 45).
    """
    paths = PATHS | {name: f"transaction__{choice.path}" for name, choice in CHOICES.items()}
    asked = {paths[name]: key for name, key in keys.items() if key}
    return AccrualSlice.objects.filter(status=SliceStatus.OPEN, ends_on__lte=until, **asked)


def asked_of(parameters: Mapping[str, Any]) -> dict[str, int | None]:
    """What a run's parameters, or a form's, narrow it to."""
    return {name: parameters.get(name) for name in [*PATHS, *CHOICES]}


@dataclass(frozen=True, slots=True)
class DueMonth:
    """What a run would recognise of one month in one currency; `posted_on` None: in the month itself."""

    month: date
    currency: str
    count: int
    amount: Decimal
    company_amount: Decimal
    posted_on: date | None


def due_months(rows: SliceQuerySet) -> list[DueMonth]:
    """The preview of a run, by month of the slices' last day. Refused where no month is open for one.

    What is over before its invoice, and what ends in a closed month, is apart: `posted_on` says when it is posted.
    """
    calendar = LedgerDays.read()
    invoiced_on = F("line__invoice__voucher__posted_on")
    found = (
        rows.annotate(
            month=TruncMonth("ends_on"),
            late_on=Case(When(ends_on__lt=invoiced_on, then=invoiced_on), output_field=DateField()),
        )
        .values("month", "late_on", "transaction__currency__code")
        .annotate(
            count=Count("pk"), total=Sum("amount"), company_total=Sum("company_amount"), first=Min("ends_on")
        )
        .order_by("month", "late_on", "transaction__currency__code")
    )
    months = []
    for row in found:
        day = calendar.of(row["late_on"] or row["first"], moves=True)
        months.append(
            DueMonth(
                row["month"],
                row["transaction__currency__code"],
                row["count"],
                row["total"],
                row["company_total"],
                None if day == row["first"] else day,
            )
        )
    return months
