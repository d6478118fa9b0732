from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceAgreement
from servicemgmt.core.forms import SearchSelect, replace


class SourceForm(forms.Form):
    """Which agreement the lines are copied from."""

    source = forms.ModelChoiceField(label=_("Agreement"), queryset=ServiceAgreement.objects.all())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        replace(self.fields["source"], SearchSelect())
