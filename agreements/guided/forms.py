from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceAgreement, ServiceObject, ServiceTask
from servicemgmt.core.forms import offer_current
from servicemgmt.masterdata.queries import company_today

#: How many objects of a customer are offered to tick; more are related on the agreement's page.
OFFERED = 200


class RelationsForm(forms.Form):
    """The second step: which of the customer's objects it is for, and what is done on them."""

    objects = forms.ModelMultipleChoiceField(
        label=_("Service objects"),
        queryset=ServiceObject.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    tasks = forms.ModelMultipleChoiceField(
        label=_("Tasks"),
        queryset=ServiceTask.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, agreement: ServiceAgreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement = agreement
        offer_current(self.fields["tasks"], None)
        of_customer = Q(customer=agreement.customer_id) if agreement.customer_id else Q(customer=None)
        rows = ServiceObject.objects.filter(of_customer).order_by("number")
        on = company_today()
        rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))
        self.fields["objects"].queryset = rows.filter(pk__in=rows.values("pk")[:OFFERED])
