"""Work in progress on a day: what was done and charged and neither taken back nor invoiced by then.

By project and age, in each project's own currency. All of it counts from its day in the ledger, so a month end can be
had again: once its period is closed nothing changes it any more. In an open period it is what is posted so far.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from reporting.margin.facts import MONEY, ZERO
from servicemgmt.core.errors import Sentence
from servicemgmt.projects.models import (
    Coverage,
    InvoiceLine,
    Transaction,
    TransactionSource,
    TransactionStatus,
)

from .facts import IN_PROGRESS

#: How old the work is, in days before the day asked for: name, label, first and last day (None: no limit).
BUCKETS: list[tuple[str, Sentence, int | None, int | None]] = [
    ("to_30", _("Up to 30 days"), None, 30),
    ("to_60", _("31–60 days"), 31, 60),
    ("to_90", _("61–90 days"), 61, 90),
    ("older", _("Over 90 days"), 91, None),
]


def in_progress(on: date, project: int | None = None, customer: int | None = None) -> QuerySet[Transaction]:
    """The work itself, done up to `on` (inclusive), as it stood then; `customer` is the project's.

    Everything counts from the date of its voucher, which a closed period may have moved past the work's own or the
    document's: the work, the invoice, the credit note after which it is invoiced once more, what takes it back or
    brings a part of it back. Imported history has no voucher and counts from its day. What is to be invoiced on account
    is no work.
    """
    rows = Transaction.objects.filter(executed_on__lte=on, coverage=Coverage.CHARGED)
    rows = rows.exclude(source=TransactionSource.ON_ACCOUNT).exclude(MIRROR)
    rows = rows.filter(pk__in=_candidates(on)).filter(Q(voucher=None) | Q(voucher__posted_on__lte=on))
    rows = rows.alias(billed=_lines(on, credits=None), again=_lines(on, invoice__proposal__rebill=True))
    rows = rows.filter(billed=F("again"))
    if project:
        rows = rows.filter(project=project)
    return rows.filter(project__customer=customer) if customer else rows


#: What takes work back in whole; the pair of both is nothing from its voucher's date on.
MIRROR = Q(status=TransactionStatus.REVERSED, adjusts__isnull=False)


def _candidates(on: date) -> QuerySet[Any, Any]:
    """The keys of what is in progress now, and of what a later document invoiced or took back: few, and indexed."""
    now = Transaction.objects.filter(IN_PROGRESS).order_by().values("pk")
    billed = InvoiceLine.objects.filter(credits=None, invoice__voucher__posted_on__gt=on).order_by()
    undone = Transaction.objects.filter(MIRROR, voucher__posted_on__gt=on).order_by()
    return now.union(billed.values("transaction"), undone.values("adjusts"))


def _lines(on: date, **which: Any) -> Coalesce:
    """How many lines of documents that were in the ledger by `on` a transaction stands on."""
    rows = InvoiceLine.objects.filter(
        transaction=OuterRef("pk"), invoice__voucher__posted_on__lte=on, **which
    )
    count = rows.order_by().values("transaction").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(count), 0)


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
    found: Any = rows.order_by().values("currency", "currency__code", "currency__digits")
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
