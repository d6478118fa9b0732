from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import DateInput, dress


class NoticeForm(forms.Form):
    """When notice was given and why."""

    on = forms.DateField(label=_("Notice given on"), widget=DateInput)
    reason = forms.CharField(label=_("Why it ends"), max_length=160)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].validators.append(
            MaxValueValidator(today, _("Notice cannot be given ahead of today."))
        )
        dress(self)


class RenewForm(forms.Form):
    """Nothing but the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
