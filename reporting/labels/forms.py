from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .sheets import SHEETS

#: So many labels are printed at once.
MOST_AT_ONCE = 500


class LabelForm(forms.Form):
    """On which sheet, and where on it printing begins."""

    sheet = forms.ChoiceField(
        label=_("Sheet"), choices=[(sheet.code, sheet.label) for sheet in SHEETS.values()]
    )
    start = forms.IntegerField(
        label=_("First free label"),
        initial=1,
        min_value=1,
        help_text=_("Counted in rows from the top left, so that a sheet begun before can be used up."),
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        sheet = SHEETS.get(given.get("sheet", ""))
        if sheet and given.get("start", 1) > sheet.labels:
            self.add_error("start", _("This sheet has %(labels)s labels.") % {"labels": sheet.labels})
        return given
