from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import dress
from servicemgmt.masterdata.queries import company_today

from ..models import HistoryMapping

MAX_BYTES = 64 * 1024 * 1024


class ImportForm(forms.Form):
    """One file and how to read it."""

    refusal: Refused | None = None

    file = forms.FileField(label=_("File"), help_text=_("CSV in UTF-8, at most 64 MB."))
    mapping = forms.ModelChoiceField(
        HistoryMapping.objects.none(),
        label=_("Mapping"),
        help_text=_("Which column is what, and the customer, site, project and currency of every row."),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=60,
        required=False,
        help_text=_(
            "Part of each row's identity. Empty: the mapping's code. A file read again adds nothing."
        ),
    )
    dry_run = forms.BooleanField(
        label=_("Dry run"),
        required=False,
        initial=True,
        help_text=_("Say what the file holds and change nothing."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = HistoryMapping.objects.current(company_today())
        mapping = cast(forms.ModelChoiceField, self.fields["mapping"])
        mapping.queryset = offered
        if offered.count() == 1:
            mapping.initial = offered.first()
        self.fields["file"].widget.attrs["accept"] = ".csv,text/csv"
        dress(self)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 64 MB; split it."))
        return file
