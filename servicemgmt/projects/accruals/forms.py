"""Forms of deferred revenue."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.forms import in_order
from servicemgmt.masterdata.models import Customer

from ..forms import PlainForm
from ..models import AccrualRule, Transaction
from .choices import CHOICES
from .queries import asked_of

#: So long a roll-forward may be.
MOST_YEARS = 10


class AccrueForm(PlainForm):
    """Up to when revenue is recognised, and of what."""

    until = forms.DateField(
        label=gettext_lazy("Posting date"),
        help_text=gettext_lazy(
            "Slices that end by then are recognised, each on its own last day where that can be."
        ),
    )
    rule = forms.ModelChoiceField(
        AccrualRule.objects.all(),
        label=gettext_lazy("Accrual rule"),
        required=False,
        empty_label=gettext_lazy("All rules"),
    )
    customer = forms.ModelChoiceField(Customer.objects.all(), label=gettext_lazy("Customer"), required=False)
    transaction = forms.ModelChoiceField(Transaction.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in CHOICES.values():
            self.fields[choice.name] = forms.ModelChoiceField(
                choice.model._default_manager.all(),
                label=choice.label,
                required=False,
                empty_label=choice.all_label,
            )

    @property
    def parameters(self) -> dict[str, Any]:
        """What a run is given; plain values."""
        values = self.cleaned_data
        chosen = {name: row.pk if row else None for name, row in values.items() if name != "until"}
        return {"until": values["until"].isoformat(), **asked_of(chosen)}


class RollForwardForm(PlainForm):
    """The days of a roll-forward, both included, and what its lines are."""

    first = forms.DateField(label=gettext_lazy("From"))
    last = forms.DateField(label=gettext_lazy("To"))
    by = forms.ChoiceField(
        label=gettext_lazy("By"),
        choices=[
            ("month", gettext_lazy("Month")),
            ("agreement", gettext_lazy("Service agreement")),
            ("project", gettext_lazy("Project")),
            ("customer", gettext_lazy("Customer")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        in_order(self, "first", "last")
        if first and not 1900 <= first.year <= 2200:
            raise ValidationError({"first": _("Choose a day between 1900 and 2200.")})
        if first and last and last.year - first.year > MOST_YEARS:
            raise ValidationError({"last": _("Choose ten years at most.")})
        return cleaned


class TakeBackForm(PlainForm):
    """The date that recognised revenue is taken back on."""

    on = forms.DateField(label=gettext_lazy("Date"))
