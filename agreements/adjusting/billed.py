"""Which batches of prices made what was invoiced (billing-rules 63)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import AdjustmentRow, PriceAdjustment
from servicemgmt.core.display import moment, quantity
from servicemgmt.projects.billing import notes
from servicemgmt.projects.models import Invoice, Transaction


def batches_of(invoice: Invoice) -> list[PriceAdjustment]:
    """The applied batches, taken back since or not, that made prices of the invoice; the earliest first."""
    sold = Transaction.objects.filter(invoice_lines__invoice=invoice).exclude(agreement_number="")
    latest: dict[tuple[str, Decimal, date | None], date] = {}
    for row in sold.order_by("executed_on"):
        latest[row.agreement_number, *_found(row)] = row.executed_on
    asked = Q(pk__in=[])
    for (number, price, since), day in latest.items():
        days = Q(adjustment__effective_on=since, line=None) if since else Q(line__isnull=False)
        asked |= Q(agreement__number=number, new_price=price, adjustment__effective_on__lte=day) & days
    rows = AdjustmentRow.objects.filter(asked, adjustment__applied_at__isnull=False)
    return list(
        PriceAdjustment.objects.filter(pk__in=rows.values("adjustment")).order_by("effective_on", "pk")
    )


def _found(row: Transaction) -> tuple[Decimal, date | None]:
    """The price that was found for a transaction, before markup and discount, and from when the price row is.

    None for a row: it is the agreement line's own price.
    """
    chosen = row.price_reason.get("sales", {}).get("chosen")
    if not chosen:
        return row.sales_price, None
    return Decimal(chosen["price"]), date.fromisoformat(chosen["valid_from"])


def notes_of(invoice: Invoice) -> Iterator[notes.Note]:
    for batch in batches_of(invoice):
        names = {
            "batch": batch.description,
            "percent": quantity(batch.percent),
            "day": moment(batch.effective_on),
        }
        holds = batch.undone_at is None
        text = (
            _("“%(batch)s” (%(percent)s %% from %(day)s) made prices here and holds. Crediting leaves it so.")
            if holds
            else _("“%(batch)s” (%(percent)s %% from %(day)s) made prices here and is taken back.")
        )
        url = reverse("agreements:adjustment", args=[batch.pk])
        yield notes.Note(text % names, url, _("Price adjustment"), holds)


notes.register(notes_of)
