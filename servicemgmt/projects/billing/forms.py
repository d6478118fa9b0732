"""What people add to proposals by hand."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from servicemgmt.core.display import money
from servicemgmt.core.forms import dress

from ..forms import PlainForm
from ..models import Category, LineKind, Project, Transaction


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


class OnAccountForm(PlainForm):
    """What is invoiced ahead, and as what."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=16,
        decimal_places=4,
        help_text=gettext_lazy("Net, in the project's currency."),
    )
    text = forms.CharField(label=gettext_lazy("Text"), max_length=120)
    category = forms.ModelChoiceField(
        Category.objects.filter(kind=LineKind.FEE, is_active=True),
        label=gettext_lazy("Category"),
        help_text=gettext_lazy("Leads to the tax."),
    )
    on = forms.DateField(label=gettext_lazy("Invoice date"))


class DeductForm(PlainForm):
    """How much of what was invoiced on account is deducted from a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rows: Iterable[Transaction], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for row in self.rows:
            self.fields[f"amount-{row.pk}"] = forms.DecimalField(
                label=row.text,
                max_digits=19,
                decimal_places=4,
                required=False,
                help_text=gettext("%(open)s open, invoiced as %(invoice)s.")
                % {"open": money(row.open - row.held, row.currency), "invoice": row.invoice},  # type: ignore[attr-defined]
            )
        dress(self)

    @property
    def amounts(self) -> dict[int, Decimal]:
        """The amounts by the key of what they deduct."""
        return {row.pk: self.cleaned_data[f"amount-{row.pk}"] or Decimal(0) for row in self.rows}
