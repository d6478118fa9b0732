from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import DateTimeInput, ModelForm

from .models import Contact, Customer, Employee, Site, Skill
from .queries import company_today


def zone_field(value: str) -> str:
    """An IANA name that this machine knows."""
    if value not in available_timezones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone; write it like Europe/Berlin."), params={"zone": value}
        )
    return value


def not_ahead(value: date) -> None:
    """Raises ValidationError for a day that is yet to come, in the company's zone: what is done is dated by then."""
    if value > company_today():
        raise ValidationError(_("This day is yet to come."), code="ahead")


class CustomerForm(ModelForm):
    """A customer; his documents and mails are in a language that we speak, or the one that was kept before."""

    language = forms.ChoiceField(label=_("Language"))

    class Meta:
        model = Customer
        fields = [
            "name", "street", "postal_code", "city", "country", "phone", "email",
            "invoice_email", "language", "currency",
            "tax_group", "tax_number", "payment_term", "one_invoice_per", "notes", "ended_on",
        ]  # fmt: skip
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.language
        spoken = dict(settings.DOCUMENT_LANGUAGES)
        self.fields["language"].choices = [*spoken.items(), *([] if kept in spoken else [(kept, kept)])]  # type: ignore[attr-defined]


class ContactForm(ModelForm):
    class Meta:
        model = Contact
        fields = ["name", "role", "phone", "email", "ended_on"]


class SiteForm(ModelForm):
    class Meta:
        model = Site
        fields = [
            "customer", "name", "street", "postal_code", "city", "country", "latitude", "longitude", "time_zone",
            "calendar", "phone", "access_note", "ended_on",
        ]  # fmt: skip
        widgets = {"access_note": forms.Textarea(attrs={"rows": 3})}

    def clean_time_zone(self) -> str:
        return zone_field(self.cleaned_data["time_zone"])


class EmployeeForm(ModelForm):
    class Meta:
        model = Employee
        fields = ["name", "kind", "user", "team", "calendar", "time_zone", "phone", "email", "ended_on"]

    def clean_time_zone(self) -> str:
        return zone_field(self.cleaned_data["time_zone"])


class SkillForm(forms.Form):
    skill = forms.ModelChoiceField(Skill.objects.all(), label=_("Skill"))
    expires_on = forms.DateField(
        label=_("Expires"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class AbsenceForm(forms.Form):
    start = forms.DateTimeField(label=_("From"), widget=DateTimeInput())
    end = forms.DateTimeField(label=_("Until"), widget=DateTimeInput())
    reason = forms.CharField(label=_("Reason"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["autocomplete"] = "off"
