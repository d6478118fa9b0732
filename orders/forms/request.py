"""The form for a phone call, and the answer that closes it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceObject
from orders.models import ServiceRequest
from servicemgmt.core.forms import ModelForm
from servicemgmt.masterdata.models import Customer, Site

#: With more objects than this the select is replaced by a search.
FEW = 60


class RequestForm(ModelForm):
    """Who, which object, what is wrong. Once the customer is known only his objects and sites are offered."""

    class Meta:
        model = ServiceRequest
        fields = [
            "customer", "service_object", "site", "summary", "details", "caller", "phone", "priority", "preferred_on",
        ]  # fmt: skip

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["details"].widget.attrs["rows"] = 3
        self.fields["summary"].wide = self.fields["details"].wide = True
        self.fields["customer"].widget.attrs["autofocus"] = not customer
        if customer:
            self.offer(customer)

    def offer(self, customer: Customer) -> None:
        """His objects and sites, as plain selects where they are few: quicker than searching."""
        objects = ServiceObject.objects.filter(customer=customer, ended_on__isnull=True)
        sites = Site.objects.filter(customer=customer, one_time=False, ended_on__isnull=True)
        for name, rows in (("service_object", objects), ("site", sites)):
            field = self.fields[name]
            if rows.count() <= FEW:
                self.fields[name] = forms.ModelChoiceField(
                    rows, required=False, label=field.label, initial=field.initial
                )
            else:
                field.widget.narrow = {"customer": customer.pk}
        self.fields["site"].empty_label = _("The object's")


class AnswerForm(forms.Form):
    """What the caller was told."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 3}))
