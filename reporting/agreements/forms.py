from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import AgreementGroup, ServiceAgreement
from servicemgmt.core.forms import DateInput, dress
from servicemgmt.masterdata.models import Customer


class ForecastForm(forms.Form):
    """From which day on, and of which agreements."""

    on = forms.DateField(label=_("Twelve months from"), widget=DateInput)
    group = forms.ModelChoiceField(label=_("Group"), queryset=AgreementGroup.objects.all(), required=False)
    customer = forms.ModelChoiceField(label=_("Customer"), queryset=Customer.objects.all(), required=False)
    agreement = forms.ModelChoiceField(
        label=_("Agreement"), queryset=ServiceAgreement.objects.contracts(), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
