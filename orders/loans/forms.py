from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceObject
from orders.forms.small import DressedForm, VersionedForm
from orders.models import ServiceOrder
from orders.queries.related import objects_of
from servicemgmt.core.forms import DateInput, offer
from servicemgmt.masterdata.models import Customer, Site


class LendForm(DressedForm):
    """What is lent to whom, for how long."""

    service_object = forms.ModelChoiceField(
        ServiceObject.objects.all(), label=_("Loaner"), help_text=_("An object of ours that may be lent.")
    )
    stands_in_for = forms.ModelChoiceField(
        ServiceObject.objects.all(),
        label=_("Stands in for"),
        required=False,
        help_text=_("The customer’s object that is repaired meanwhile."),
    )
    customer = forms.ModelChoiceField(
        Customer.objects.all(),
        label=_("Customer"),
        required=False,
        help_text=_("Empty: that of the order, or of what it stands in for."),
    )
    site = forms.ModelChoiceField(
        Site.objects.all(),
        label=_("Site"),
        required=False,
        help_text=_("Empty: that of the order or of what it stands in for, else the customer’s only one."),
    )
    order = forms.ModelChoiceField(ServiceOrder.objects.all(), label=_("Service order"), required=False)
    lent_on = forms.DateField(label=_("Lent on"), widget=DateInput)
    due_on = forms.DateField(label=_("Due back"), widget=DateInput)
    condition = forms.CharField(
        label=_("Condition"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("How it goes out: scratches, what comes with it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service_object"].widget.narrow = {"is_loaner": True}


class OrderLendForm(LendForm):
    """The same for an order, which knows the customer and the site, and whose objects it may stand in for."""

    def __init__(self, *args: Any, order: ServiceOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["customer"], self.fields["site"], self.fields["order"]
        offer(self.fields["stands_in_for"], objects_of(order).filter(customer=order.customer))


class ExtendForm(VersionedForm):
    """Until when the customer keeps it."""

    due_on = forms.DateField(label=_("Due back"), widget=DateInput)


class TakeBackForm(VersionedForm):
    """Since when it is back, and how."""

    returned_on = forms.DateField(label=_("Returned on"), widget=DateInput)
    condition = forms.CharField(
        label=_("Condition"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("How it came back: damage, what is missing."),
    )
