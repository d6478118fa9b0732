from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceAgreement, ServiceInterval
from orders.models import ServiceOrder
from servicemgmt.core.forms import DateInput, SearchSelect, dress, offer_current, replace
from servicemgmt.core.models import User


class OrderSourceForm(forms.Form):
    """Which order the lines are copied from, of those the user may see."""

    order = forms.ModelChoiceField(label=_("Order"), queryset=ServiceOrder.objects.none())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].queryset = ServiceOrder.objects.visible_to(user)
        replace(self.fields["order"], SearchSelect())


class TargetForm(forms.Form):
    """Which agreement the lines go to, from when and how often they come there."""

    agreement = forms.ModelChoiceField(label=_("Agreement"), queryset=ServiceAgreement.objects.all())
    start_date = forms.DateField(label=_("From"), widget=DateInput)
    interval = forms.ModelChoiceField(
        label=_("How often"),
        queryset=ServiceInterval.objects.all(),
        required=False,
        help_text=_("Empty: once only."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        offer_current(self.fields["interval"], None)
