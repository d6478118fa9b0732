"""The forms of item requirements."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.queries import main_store
from servicemgmt.masterdata.forms import not_ahead
from servicemgmt.masterdata.models import Item

from ..forms import PlainForm
from ..models import Category, LineKind, Project


class RequireForm(PlainForm):
    """What is needed, from where and when."""

    item = forms.ModelChoiceField(Item.objects.filter(is_stocked=True), label=_("Item"))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=13, decimal_places=6, min_value=0)
    warehouse = forms.ModelChoiceField(Warehouse.objects.all(), label=_("Reserve in"), initial=main_store)
    needed_on = forms.DateField(label=_("Needed on"))
    category = forms.ModelChoiceField(
        Category.objects.filter(kind=LineKind.ITEM, is_active=True), label=_("Category")
    )
    sales_price = forms.DecimalField(
        label=_("Sales price"),
        max_digits=15,
        decimal_places=6,
        min_value=0,
        required=False,
        help_text=_("Empty: found when the goods are used."),
    )
    text = forms.CharField(label=_("Text"), max_length=160, required=False)


class ProjectRequireForm(RequireForm):
    """The same, saying for which project."""

    project = forms.ModelChoiceField(Project.objects.filter(ended_on=None), label=_("Project"))
    field_order = ["project"]


class ChangeRequirementForm(PlainForm):
    """More, less, or on another day."""

    quantity = forms.DecimalField(label=_("Quantity"), max_digits=13, decimal_places=6, min_value=0)
    needed_on = forms.DateField(label=_("Needed on"))
    text = forms.CharField(label=_("Text"), max_length=160, required=False)


class StepForm(PlainForm):
    """How much is picked, consumed or returned, and when."""

    quantity = forms.DecimalField(label=_("Quantity"), max_digits=13, decimal_places=6, min_value=0)
    on = forms.DateField(label=_("Date"), validators=[not_ahead])
    place = forms.ModelChoiceField(
        Warehouse.objects.all(),
        label=_("Pick into"),
        required=False,
        help_text=_("A van; empty leaves the goods set aside where they are."),
    )
    lot = forms.CharField(label=_("Batch or serial number"), max_length=60, required=False)

    def __init__(self, *args: Any, item: Item, picks: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not item.is_tracked:
            del self.fields["lot"]
        if not picks:
            del self.fields["place"]
