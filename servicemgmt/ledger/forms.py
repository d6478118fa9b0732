from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.forms import DateInput


class YearForm(forms.Form):
    """The year whose fiscal periods are to be made."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1900, max_value=2200)


class RangeForm(forms.Form):
    """A range of ledger dates, both inclusive."""

    start = forms.DateField(label=gettext_lazy("From"), widget=DateInput)
    end = forms.DateField(label=gettext_lazy("To"), widget=DateInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("start") and cleaned.get("end") and cleaned["end"] < cleaned["start"]:
            raise ValidationError({"end": _("The end lies before the start.")})
        return cleaned
