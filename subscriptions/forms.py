from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import DateInput, ModelForm, offer
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import Category, ProjectKind

from .models import FeeKind, Subscription, SubscriptionGroup
from .operations import FeeOrder
from .planning import PriceSource


class SubscriptionForm(ModelForm):
    """A subscription; an empty base price is filled from the price table."""

    class Meta:
        model = Subscription
        fields = [
            "number", "name", "group", "project", "agreement", "category", "base_price", "index", "starts_on",
            "ends_on",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].required = False
        self.fields["number"].help_text = _("Only where the group has no number sequence.")
        self.fields["base_price"].required = False
        self.fields["base_price"].help_text = _("Of one whole period. Empty: as the price table says.")
        self.fields["project"].queryset = self.fields["project"].queryset.filter(
            kind=ProjectKind.TIME_AND_MATERIAL
        )
        fitting = Q(for_subscriptions=True, is_active=True) | Q(pk=self.instance.category_id)
        offer(self.fields["category"], Category.objects.filter(fitting))
        if self.instance.pk:
            del self.fields["number"]


class FeeForm(forms.Form):
    """SB-04: what a fee run is asked for."""

    start = forms.DateField(label=_("From"), widget=DateInput())
    end = forms.DateField(label=_("To"), widget=DateInput())
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (FeeKind.REGULAR, _("Regular: whole periods")),
            (FeeKind.NON_REGULAR, _("Non-regular: any dates, stubs by days")),
        ],
    )
    price_source = forms.ChoiceField(label=_("Price"), choices=PriceSource)
    continuous = forms.BooleanField(
        label=_("Append only"),
        required=False,
        help_text=_("Make nothing for subscriptions whose last fee ends on or after the first day."),
    )
    project_date = forms.DateField(
        label=_("Project date"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: the first day each fee covers."),
    )
    text = forms.CharField(
        label=_("Text"), max_length=120, required=False, help_text=_("Empty: the subscription's name.")
    )
    group = forms.ModelChoiceField(
        SubscriptionGroup.objects.all(), label=_("Group"), required=False, empty_label=_("All groups")
    )
    subscription = forms.ModelChoiceField(
        Subscription.objects.all(), required=False, widget=forms.HiddenInput
    )

    @property
    def order(self) -> FeeOrder:
        values = self.cleaned_data
        names = ("start", "end", "kind", "price_source", "continuous", "project_date", "text")
        return FeeOrder(**{name: values[name] for name in names})

    @property
    def chosen(self) -> list[int]:
        """The subscriptions asked for: the one, those of the group, or all that have not ended."""
        values = self.cleaned_data
        rows = Subscription.objects.order_by("number")
        if values["subscription"]:
            rows = rows.filter(pk=values["subscription"].pk)
        if values["group"]:
            rows = rows.filter(group=values["group"])
        return list(rows.values_list("pk", flat=True))


class InvoiceForm(forms.Form):
    """When the proposals of fees are dated."""

    invoice_date = forms.DateField(label=_("Invoice date"), widget=DateInput(), initial=company_today)
