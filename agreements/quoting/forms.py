from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import DateInput, dress


class _Answer(forms.Form):
    """What was said to a quote, as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "on" in self.fields:
            self.fields["on"].initial = today
        dress(self)


class AgreeForm(_Answer):
    """That the customer agreed, when and how."""

    on = forms.DateField(label=_("Agreed on"), widget=DateInput)
    how = forms.CharField(
        label=_("Who agreed, and how"), max_length=160, help_text=_("Such as: Ms Huber, by e-mail.")
    )


class DeclineForm(_Answer):
    """That nothing comes of it, when and why."""

    on = forms.DateField(label=_("Declined on"), widget=DateInput)
    reason = forms.CharField(label=_("Why"), max_length=160)


class OfferForm(_Answer):
    """Until when it stands now."""

    until = forms.DateField(
        label=_("Stands until"), widget=DateInput, required=False, help_text=_("Empty: until it is decided.")
    )
