from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import dress, offer_current
from servicemgmt.masterdata.models import Item

from .models import Warehouse


class StockForm(forms.Form):
    """What every movement by hand says."""

    item = forms.ModelChoiceField(Item.objects.filter(is_stocked=True), label=_("Item"))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=13, decimal_places=6, min_value=0)
    on = forms.DateField(label=_("Date"))
    text = forms.CharField(label=_("Text"), max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                offer_current(field, None)


class ReceiveForm(StockForm):
    """Goods that come in."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.all(), label=_("Warehouse"))
    value = forms.DecimalField(
        label=_("Value"),
        max_digits=15,
        decimal_places=4,
        min_value=0,
        help_text=_("What all of it cost together, in company currency."),
    )
    field_order = ["item", "warehouse", "quantity", "value", "on", "text"]


class TransferForm(StockForm):
    """Goods that go from one warehouse to another."""

    source = forms.ModelChoiceField(Warehouse.objects.all(), label=_("From"))
    target = forms.ModelChoiceField(Warehouse.objects.all(), label=_("To"))
    field_order = ["item", "quantity", "source", "target", "on", "text"]
