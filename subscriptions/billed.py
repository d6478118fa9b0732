"""What invoiced fees were made at, and what fees will be made at from now on (billing-rules 63)."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from servicemgmt.core.display import quantity
from servicemgmt.projects.billing import notes
from servicemgmt.projects.models import Invoice

from .models import Fee


def notes_of(invoice: Invoice) -> Iterator[notes.Note]:
    """A note for each subscription: crediting its fees changes neither its base price nor its index."""
    fees = Fee.objects.filter(transaction__invoice_lines__invoice=invoice).select_related("subscription")
    latest = {fee.subscription: fee for fee in fees.order_by("subscription__number", "starts_on", "pk")}
    for row, fee in latest.items():
        holds = (fee.base_price, fee.index) == (row.base_price, row.index)
        names = {
            "number": row.number,
            "base": quantity(fee.base_price),
            "index": quantity(fee.index),
            "new_base": quantity(row.base_price),
            "new_index": quantity(row.index),
        }
        text = (
            _("%(number)s stays at base price %(base)s and index %(index)s. Crediting leaves it so.")
            if holds
            else _(
                "%(number)s was at base price %(base)s and index %(index)s, and is at %(new_base)s and %(new_index)s."
            )
        )
        url = reverse("subscriptions:subscription", args=[row.number])
        yield notes.Note(text % names, url, _("Subscription"), holds)


notes.register(notes_of)
