from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.quoting.signing import MOST_BYTES
from servicemgmt.core.forms import DateInput, JSONField, dress


class AnswerForm(forms.Form):
    """What was said to a quote, as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "on" in self.fields:
            self.fields["on"].initial = today
        dress(self)


class AgreeForm(AnswerForm):
    """That the customer agreed, when and how."""

    on = forms.DateField(label=_("Agreed on"), widget=DateInput)
    how = forms.CharField(
        label=_("Who agreed, and how"), max_length=160, help_text=_("Such as: Ms Huber, by e-mail.")
    )


class SignForm(AnswerForm):
    """Who signed, and the drawing or the paper."""

    on = forms.DateField(label=_("Signed on"), widget=DateInput)
    signer_name = forms.CharField(max_length=120, label=_("Name of who signs"))
    signer_role = forms.CharField(max_length=80, required=False, label=_("Role"))
    document = forms.FileField(
        required=False,
        label=_("Signed document"),
        help_text=_("Where it was signed on paper: the PDF of it, kept as it is."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    strokes = JSONField(required=False, widget=forms.HiddenInput)

    def clean_document(self) -> bytes | None:
        """The bytes, read only where they are not too many."""
        file = self.cleaned_data["document"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The document is larger than 10 MB."))
        return file.read() if file else None


class DeclineForm(AnswerForm):
    """That nothing comes of it, when and why."""

    on = forms.DateField(label=_("Declined on"), widget=DateInput)
    reason = forms.CharField(label=_("Why"), max_length=160)


class OfferForm(AnswerForm):
    """Until when it stands now."""

    until = forms.DateField(
        label=_("Stands until"), widget=DateInput, required=False, help_text=_("Empty: until it is decided.")
    )
