"""What people add to proposals by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ..forms import PlainForm
from ..models import Category, LineKind, Project


class FeeForm(PlainForm):
    """A fee for a draft; the project is asked for where the draft invoices several."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    category = forms.ModelChoiceField(
        Category.objects.filter(kind=LineKind.FEE, is_active=True), label=gettext_lazy("Category")
    )
    text = forms.CharField(label=gettext_lazy("Text"), max_length=250)
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), initial=1, max_digits=13, decimal_places=6)
    price = forms.DecimalField(
        label=gettext_lazy("Price"),
        max_digits=19,
        decimal_places=6,
        required=False,
        help_text=gettext_lazy("Empty: as the price search finds it."),
    )
    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("Project"))

    def __init__(self, *args: Any, projects: Sequence[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(projects) == 1:
            del self.fields["project"]
        else:
            keys = [project.pk for project in projects]
            self.fields["project"].queryset = Project.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
            self.fields["project"].widget = forms.Select(choices=self.fields["project"].choices)  # type: ignore[attr-defined]
