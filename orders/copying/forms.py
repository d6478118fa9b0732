from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import ServiceOrder
from servicemgmt.core.forms import SearchSelect, replace
from servicemgmt.core.models import User


class SourceForm(forms.Form):
    """Which order the lines are copied from, of those the user may see."""

    order = forms.ModelChoiceField(label=_("Order"), queryset=ServiceOrder.objects.none())

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].queryset = ServiceOrder.objects.visible_to(user)
        replace(self.fields["order"], SearchSelect())
