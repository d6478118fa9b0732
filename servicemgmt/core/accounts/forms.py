"""Forms of our own pages about people."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ..forms import ModelForm
from ..models import Invitation, User
from ..models.user import Theme
from ..roles import DESCRIPTIONS, GRANTS, LABELS
from .sign_in_forms import PASSWORD_RULES, REVEAL


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Roles by their translated names, each with what it is for."""

    def __init__(self, **kwargs: Any) -> None:
        roles = Group.objects.filter(name__in=GRANTS).order_by("pk")
        super().__init__(roles, label=_("Roles"), widget=forms.CheckboxSelectMultiple, **kwargs)

    def label_from_instance(self, role: Group) -> str:
        label, description = LABELS[role.name], DESCRIPTIONS[role.name]
        return format_html("<span><strong>{}</strong> <small>{}</small></span>", label, description)


class InviteForm(ModelForm):
    roles = RolesField()

    class Meta:
        model = Invitation
        fields = ["name", "email", "roles"]


class UserForm(ModelForm):
    roles = RolesField(required=False)

    class Meta:
        model = User
        fields = ["name", "email"]
        help_texts = {"email": _("This is also the login.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["roles"] = list(self.instance.groups.all())


class AcceptForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        help_text=PASSWORD_RULES,
        widget=forms.PasswordInput({"autocomplete": "new-password", **REVEAL}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "password" in data:
            user = User(email=self.invitation.email, name=data.get("name", ""))
            try:
                validate_password(data["password"], user)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class ProfileForm(ModelForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "theme"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        zone.choices = [("", _("As the company")), *zones()]  # type: ignore[attr-defined]
        zone.widget.attrs["data-behaviour"] = "combobox"


class RolePolicyForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    requires_mfa = forms.BooleanField(label=_("Second factor required"), required=False)


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The IANA time zones people live in, by continent, for a select with groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(zoneinfo.available_timezones()):
        region, _slash, city = zone.partition("/")
        if city and region not in {"Etc", "SystemV", "posix", "right"}:
            groups.setdefault(region, []).append((zone, city.replace("_", " ").replace("/", " / ")))
    groups["UTC"] = [("UTC", "UTC")]
    return list(groups.items())
