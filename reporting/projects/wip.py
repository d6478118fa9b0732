"""Work in progress: what is posted, charged and not invoiced, by project and age, in each project's own currency."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, Sum, When
from django.utils.translation import gettext_lazy as _

from reporting.margin.facts import MONEY, ZERO
from servicemgmt.core.errors import Sentence
from servicemgmt.projects.models import Transaction, TransactionSource

from .facts import IN_PROGRESS

#: How old the work is, in days before the day asked for: name, label, first and last day (None: no limit).
BUCKETS: list[tuple[str, Sentence, int | None, int | None]] = [
    ("to_30", _("Up to 30 days"), None, 30),
    ("to_60", _("31–60 days"), 31, 60),
    ("to_90", _("61–90 days"), 61, 90),
    ("older", _("Over 90 days"), 91, None),
]


def in_progress(on: date, project: int | None = None, customer: int | None = None) -> QuerySet[Transaction]:
    """The work itself, done up to `on` (inclusive), as it stands now; `customer` is the project's.

    What is to be invoiced on account is no work.
    """
    rows = Transaction.objects.filter(IN_PROGRESS, executed_on__lte=on)
    rows = rows.exclude(source=TransactionSource.ON_ACCOUNT)
    if project:
        rows = rows.filter(project=project)
    return rows.filter(project__customer=customer) if customer else rows


def days_of(bucket: str, on: date) -> tuple[date | None, date]:
    """The first and the last day of the work in a bucket (both inclusive)."""
    _name, _label, youngest, oldest = next(row for row in BUCKETS if row[0] == bucket)
    first = None if oldest is None else on - timedelta(days=oldest)
    return first, on - timedelta(days=youngest or 0)


def _part(bucket: str, on: date) -> Sum:
    first, last = days_of(bucket, on)
    condition = Q(executed_on__lte=last)
    if first:
        condition &= Q(executed_on__gte=first)
    return Sum(Case(When(condition, then="sales_amount"), default=ZERO, output_field=MONEY))


def by_project(rows: QuerySet[Transaction], on: date) -> QuerySet[Transaction, dict[str, Any]]:
    """One row a project: what is in progress by age and in `total`, what it cost, and since when."""
    found: Any = rows.order_by().values(
        "project",
        "project__number",
        "project__name",
        "project__customer__name",
        "currency__code",
        "currency__digits",
    )
    table: QuerySet[Transaction, dict[str, Any]] = found.annotate(
        **_sums(on), since=Min("executed_on"), count=Count("pk")
    ).order_by("project__number")
    return table


def totals(rows: QuerySet[Transaction], on: date) -> list[dict[str, Any]]:
    """The sums over all projects, one row a currency: amounts of two currencies are never added."""
    found: Any = rows.order_by().values("currency__code", "currency__digits")
    return list(found.annotate(**_sums(on), count=Count("pk")).order_by("currency__code"))


def _sums(on: date) -> dict[str, Any]:
    parts: dict[str, Any] = {name: _part(name, on) for name, *_rest in BUCKETS}
    return parts | {"total": Sum("sales_amount"), "cost": Sum("cost_amount", filter=Q(cost_currency=None))}


def exported(rows: QuerySet[Transaction], on: date) -> Iterator[list[Decimal | str | date | None]]:
    """Every project as a row of a file."""
    for row in by_project(rows, on).iterator(chunk_size=2000):
        yield [
            row["project__number"],
            row["project__name"],
            row["project__customer__name"],
            row["since"],
            row["cost"],
            row["currency__code"],
            *(row[name] for name, *_rest in BUCKETS),
            row["total"],
        ]
