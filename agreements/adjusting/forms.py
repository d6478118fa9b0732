from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import AgreementGroup, PriceAdjustment, ServiceAgreement
from servicemgmt.core.forms import ModelForm


class AdjustmentForm(ModelForm):
    """By how much prices change, from when, within which bounds; of the ticked agreements, or of a group's."""

    group = forms.ModelChoiceField(
        label=_("Only of the group"),
        queryset=AgreementGroup.objects.all(),
        required=False,
        help_text=_("Empty: all agreements that run on the day."),
    )
    pk = forms.ModelMultipleChoiceField(
        queryset=ServiceAgreement.objects.contracts(),
        widget=forms.MultipleHiddenInput,
        required=False,
        label=_("Agreements"),
    )

    class Meta:
        model = PriceAdjustment
        fields = ["description", "effective_on", "percent", "floor", "cap"]

    def __init__(self, *args: Any, chosen: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]
        self.fields["effective_on"].help_text = _("Work from this day on has the new prices.")
        self.fields["percent"].help_text = _("With a minus they go down.")
        self.fields["floor"].help_text = _("No price changes by less than this.")
        self.fields["cap"].help_text = _("No price changes by more than this, not even by rounding.")
        self.fields["pk"].initial = chosen
        if chosen:
            del self.fields["group"]

    def _post_clean(self) -> None:
        """The operation decides; here only what was typed is read."""


class BatchForm(forms.Form):
    """Nothing but the version of the batch that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
