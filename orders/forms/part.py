"""The dialog for a part of a service BOM: what is put in, on which order, and how it is billed (TB-06)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.boms.forms import QUANTITY, LineChoice
from agreements.boms.queries import present_lines
from agreements.boms.trees import flat
from agreements.models import ServiceBom
from orders.models import OrderProgress, ServiceOrder
from orders.operations.part import Billing
from orders.queries.boms import orders_for
from orders.queries.parameters import parameters
from servicemgmt.core.forms import offer
from servicemgmt.core.models import User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.queries import main_store
from servicemgmt.masterdata.models import Item, Unit
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import Category, LineKind

from .small import DressedForm

#: How far from today the orders lie that are offered.
SPAN = timedelta(days=90)


class OrderChoice(forms.ModelChoiceField):
    def label_from_instance(self, order: Any) -> str:
        return f"{order.number} {order.service_on:%Y-%m-%d} {order.description}"


class PartForm(DressedForm):
    """A part that is put into a service BOM."""

    item = forms.ModelChoiceField(Item.objects.all(), label=_("Item"))
    quantity = forms.DecimalField(label=_("Quantity"), **QUANTITY)
    unit = forms.ModelChoiceField(
        Unit.objects.all(),
        label=_("Unit"),
        required=False,
        help_text=_("Empty: the item's; nothing converts from another."),
    )
    lot_number = forms.CharField(label=_("Batch or serial number"), max_length=60, required=False)
    parent = LineChoice(label=_("Part of"))
    on = forms.DateField(label=_("Date"))
    text = forms.CharField(label=_("Text"), max_length=160, required=False, help_text=_("Why it was done."))
    order = OrderChoice(
        ServiceOrder.objects.none(),
        label=_("Service order"),
        required=False,
        help_text=_("Open ones of the service BOM’s agreement, up to 90 days away."),
    )
    billing = forms.ChoiceField(label=_("Then"), choices=Billing.choices, initial=Billing.NOTHING)
    category = forms.ModelChoiceField(
        Category.objects.filter(kind=LineKind.ITEM, is_active=True), label=_("Category"), required=False
    )
    warehouse = forms.ModelChoiceField(Warehouse.objects.all(), label=_("Warehouse"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, bom: ServiceBom, user: User, **kwargs: Any) -> None:
        first = {
            "on": company_today(),
            "version": bom.version,
            "quantity": 1,
            "category": parameters().item_category_id,
            "warehouse": main_store,
        }
        kwargs["initial"] = first | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        offer(self.fields["order"], open_orders(bom, user))
        rows = present_lines(bom)
        if "parent" in self.fields:
            self.fields["parent"].offer(rows, flat(rows))
        if not user.has_perm("projects.add_itemrequirement"):
            self.fields["billing"].choices = [
                choice for choice in Billing.choices if choice[0] != Billing.REQUIREMENT
            ]

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        names = [name for name, field in self.fields.items() if not field.widget.is_hidden]
        split = names.index("order")
        return [
            {"legend": _("Part"), "fields": [self[name] for name in names[:split]]},
            {"legend": _("On an order"), "fields": [self[name] for name in names[split:]]},
        ]


class ChangePartForm(PartForm):
    """A part that is replaced, or of which there are more or fewer."""

    replacement = forms.BooleanField(
        label=_("Replacement"),
        required=False,
        help_text=_("That many are replaced. Without it the quantity becomes that; 0 takes the part out."),
    )
    field_order = ["replacement", "item", "quantity"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["parent"]


def open_orders(bom: ServiceBom, user: User) -> QuerySet[ServiceOrder]:
    """The orders that a change may be made on, of those the user may see."""
    today = company_today()
    keys = orders_for(bom).values("pk")
    rows = ServiceOrder.objects.visible_to(user).filter(
        pk__in=keys, progress=OrderProgress.IN_PROCESS, service_on__range=(today - SPAN, today + SPAN)
    )
    found: QuerySet[ServiceOrder] = rows.order_by("-service_on", "-pk")
    return found
