from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _

from servicemgmt.core.forms import DateInput, ModelForm, dress, in_order, offer_current
from servicemgmt.masterdata.models import Customer, Employee, InvoiceGrouping, Item

from .billing.grouping import Method
from .models import Category, InvoiceLine, LineKind, PriceList, Project, TransactionSource


class ProjectForm(ModelForm):
    """A project. Who is invoiced and the currency are the customer's where left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            for name in ("invoice_customer", "currency"):
                self.fields[name].required = False
                self.fields[name].help_text = gettext_lazy("Empty: as the customer has it.")

    class Meta:
        model = Project
        fields = [
            "name", "kind", "group", "customer", "invoice_customer", "site", "currency", "price_list", "line_property",
            "purchase_order", "contract_value",
        ]  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        """The cleaned values; what was left empty to follow the customer is left out."""
        found = super().values
        return {n: v for n, v in found.items() if v is not None or n not in ("invoice_customer", "currency")}

    def _post_clean(self) -> None:
        """A new project's rules are judged by the operation, which fills in what follows the customer."""
        if self.instance.pk is not None:
            super()._post_clean()


class CloseForm(forms.Form):
    """From when no more work can be posted."""

    on = forms.DateField(label=gettext_lazy("Closed from"), widget=DateInput)
    version = forms.IntegerField(widget=forms.HiddenInput)


class PlainForm(forms.Form):
    """A form with the widgets of this product."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                offer_current(field, None)

    @property
    def sent(self) -> list[tuple[str, Any]]:
        """Name and value of every visible field as it was sent, to be sent again; a field of several has several."""
        found = []
        for field in self.visible_fields():
            value = field.value()
            values = value if isinstance(value, list) else [value]
            found += [(field.html_name, "" if one is None else one) for one in values]
        return found


class ProposeForm(PlainForm):
    """Which posted work goes into proposals, and the date of the invoices."""

    invoice_date = forms.DateField(label=gettext_lazy("Invoice date"))
    since = forms.DateField(label=gettext_lazy("Work done from"), required=False)
    until = forms.DateField(label=gettext_lazy("Work done until"), required=False)
    customer = forms.ModelChoiceField(
        Customer.objects.all(), label=gettext_lazy("Invoiced to"), required=False
    )
    project = forms.ModelChoiceField(Project.objects.all(), label=gettext_lazy("Project"), required=False)
    source = forms.ChoiceField(
        label=gettext_lazy("Source"),
        required=False,
        choices=[("", gettext_lazy("All")), *TransactionSource.choices],
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Types"),
        required=False,
        choices=LineKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: all of them."),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Make"), required=False, choices=Method.choices, initial=Method.BOTH
    )
    grouping = forms.ChoiceField(
        label=gettext_lazy("One invoice per"),
        required=False,
        choices=[("", gettext_lazy("As the customer wants it")), *InvoiceGrouping.choices],
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        in_order(self, "since", "until")
        return cleaned

    @property
    def parameters(self) -> dict[str, Any]:
        """What a run of proposals is given; plain values."""
        cleaned = self.cleaned_data
        return {
            "invoice_date": cleaned["invoice_date"].isoformat(),
            "since": cleaned["since"].isoformat() if cleaned["since"] else None,
            "until": cleaned["until"].isoformat() if cleaned["until"] else None,
            "kinds": cleaned["kinds"],
            "customer": cleaned["customer"].pk if cleaned["customer"] else None,
            "project": cleaned["project"].pk if cleaned["project"] else None,
            "source": cleaned["source"],
            "method": cleaned["method"] or Method.BOTH,
            "grouping": cleaned["grouping"],
        }


class LineForm(forms.Form):
    """A proposal line's price and text."""

    price = forms.DecimalField(label=gettext_lazy("Price"), max_digits=19, decimal_places=6)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=250)


class DateForm(PlainForm):
    """The date of an invoice to be."""

    invoice_date = forms.DateField(label=gettext_lazy("Invoice date"))


class CreditForm(PlainForm):
    """When an invoice is credited, why, and how much of each line; empty lines are left as they are."""

    on = forms.DateField(label=gettext_lazy("Date of the credit note"))
    text = forms.CharField(
        label=gettext_lazy("Reason"), max_length=160, help_text=gettext_lazy("Printed on the credit note.")
    )
    rebill = forms.BooleanField(
        label=gettext_lazy("Invoice the work once more"),
        required=False,
        help_text=gettext_lazy("Whole lines go back among the work to invoice."),
    )

    def __init__(self, *args: Any, lines: Iterable[tuple[InvoiceLine, Decimal]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line, left in self.lines:
            self.fields[self.name_of(line)] = forms.DecimalField(
                label=gettext("Credit of %(line)s") % {"line": line.text},
                max_digits=19,
                decimal_places=4,
                required=False,
                initial=format(left, f".{line.invoice.currency.digits}f"),
            )
        dress(self)

    @staticmethod
    def name_of(line: InvoiceLine) -> str:
        return f"amount-{line.pk}"

    @property
    def rows(self) -> list[tuple[InvoiceLine, Decimal, forms.BoundField]]:
        """The lines with what is left of them and the field for what is given back."""
        return [(line, left, self[self.name_of(line)]) for line, left in self.lines]

    @property
    def heads(self) -> list[forms.BoundField]:
        return [self[name] for name in ("on", "text", "rebill")]

    @property
    def wanted(self) -> dict[str, Any]:
        """What `propose_credit` is given. A whole credit names no amounts, so that lines of nothing go along."""
        cleaned = self.cleaned_data
        amounts = {line.pk: cleaned[self.name_of(line)] or Decimal(0) for line, _left in self.lines}
        is_whole = all(amounts[line.pk] == left for line, left in self.lines)
        return {
            "on": cleaned["on"],
            "text": cleaned["text"],
            "rebill": cleaned["rebill"],
            "amounts": None if is_whole else amounts,
        }


class PriceForm(PlainForm):
    """What would this cost?"""

    kind = forms.ChoiceField(label=gettext_lazy("Type"), choices=LineKind.choices)
    on = forms.DateField(label=gettext_lazy("Date"))
    project = forms.ModelChoiceField(Project.objects.all(), label=gettext_lazy("Project"), required=False)
    category = forms.ModelChoiceField(Category.objects.all(), label=gettext_lazy("Category"), required=False)
    worker = forms.ModelChoiceField(Employee.objects.all(), label=gettext_lazy("Worker"), required=False)
    item = forms.ModelChoiceField(Item.objects.all(), label=gettext_lazy("Item"), required=False)
    price_list = forms.ModelChoiceField(
        PriceList.objects.all(), label=gettext_lazy("Price list of the agreement"), required=False
    )
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), initial=1, max_digits=13, decimal_places=6)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        category, kind = cleaned.get("category"), cleaned.get("kind")
        if category and kind and category.kind != kind:
            raise ValidationError({"category": _("That category is of another type.")})
        if kind == LineKind.ITEM and not cleaned.get("item"):
            raise ValidationError({"item": _("Choose the item.")})
        return cleaned
