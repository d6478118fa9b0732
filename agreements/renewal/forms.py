from django import forms
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import DateInput


class NoticeForm(forms.Form):
    """When notice was given and why."""

    on = forms.DateField(label=_("Notice given on"), widget=DateInput)
    reason = forms.CharField(label=_("Why it ends"), max_length=160)
    version = forms.IntegerField(widget=forms.HiddenInput)


class RenewForm(forms.Form):
    """Nothing but the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
