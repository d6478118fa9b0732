"""Forms of payments and of what customers owe."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from servicemgmt.core.forms import in_order
from servicemgmt.masterdata.models import Currency, Customer

from ..forms import PlainForm
from ..models import CustomerItem, PaymentMethod


class PaymentForm(PlainForm):
    """What was paid. The currency is the customer's where left empty."""

    customer = forms.ModelChoiceField(Customer.objects.all(), label=gettext_lazy("Customer"))
    paid_on = forms.DateField(label=gettext_lazy("Paid on"))
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=16,
        decimal_places=4,
        help_text=gettext_lazy("Negative for money paid back."),
    )
    currency = forms.ModelChoiceField(
        Currency.objects.all(),
        label=gettext_lazy("Currency"),
        required=False,
        help_text=gettext_lazy("Empty: as the customer has it."),
    )
    method = forms.ModelChoiceField(PaymentMethod.objects.all(), label=gettext_lazy("Payment method"))
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=160, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("customer") and not cleaned.get("currency"):
            cleaned["currency"] = cleaned["customer"].currency
        return cleaned


class SettleForm(PlainForm):
    """What an open item is settled with."""

    other = forms.ModelChoiceField(CustomerItem.objects.none(), label=gettext_lazy("With"))
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=16, decimal_places=4)
    on = forms.DateField(
        label=gettext_lazy("Date"), help_text=gettext_lazy("On which an exchange difference is posted.")
    )


class DayForm(PlainForm):
    """The date of an undoing."""

    on = forms.DateField(label=gettext_lazy("Date"))


class ReverseForm(DayForm):
    """When a payment is reversed, and why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=160)


class AgeingForm(PlainForm):
    """The day of the ageing report, and one customer of it."""

    as_of = forms.DateField(label=gettext_lazy("As of"))
    customer = forms.ModelChoiceField(Customer.objects.all(), label=gettext_lazy("Customer"), required=False)


class StatementForm(PlainForm):
    """The days of a statement, both included."""

    first = forms.DateField(label=gettext_lazy("From"))
    last = forms.DateField(label=gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        in_order(self, "first", "last")
        return cleaned


class RemindForm(PlainForm):
    """The date of reminders, and one customer to remind."""

    on = forms.DateField(label=gettext_lazy("Date"))
    customer = forms.ModelChoiceField(Customer.objects.all(), label=gettext_lazy("Customer"), required=False)

    @property
    def parameters(self) -> dict[str, Any]:
        """What a run of reminders is given; plain values."""
        customer = self.cleaned_data["customer"]
        return {"on": self.cleaned_data["on"].isoformat(), "customer": customer.pk if customer else None}
