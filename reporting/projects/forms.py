from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from servicemgmt.core.forms import DateInput, dress, in_order
from servicemgmt.masterdata.models import Customer
from servicemgmt.projects.models import Project


class WipForm(forms.Form):
    """The day that ages are reckoned from, and whose work."""

    on = forms.DateField(label=gettext_lazy("Day"), widget=DateInput)
    project = forms.ModelChoiceField(
        label=gettext_lazy("Project"), queryset=Project.objects.all(), required=False
    )
    customer = forms.ModelChoiceField(
        label=gettext_lazy("Customer"), queryset=Customer.objects.all(), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class StatementForm(forms.Form):
    """Which project, over which days of the work (both inclusive), and by what."""

    project = forms.ModelChoiceField(label=gettext_lazy("Project"), queryset=Project.objects.all())
    start = forms.DateField(label=gettext_lazy("From"), widget=DateInput, required=False)
    end = forms.DateField(label=gettext_lazy("To"), widget=DateInput, required=False)
    group = forms.ChoiceField(
        label=gettext_lazy("Grouped by"),
        choices=[
            ("category", gettext_lazy("Category")),
            ("month", gettext_lazy("Month")),
            ("both", gettext_lazy("Month and category")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        in_order(self, "start", "end")
        return cleaned
