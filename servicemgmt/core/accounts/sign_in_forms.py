"""allauth's forms with our labels, and with Events where allauth sends no signal."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..audit import record
from ..models import User
from . import trail
from .operations import record_reset_request

EMAIL, PASSWORD, CODE = _("E-mail address"), _("Password"), _("Code")
NEW_PASSWORD, AGAIN = _("New password"), _("The same again")
PASSWORD_RULES = _("At least 10 characters, not a common password, and not like your name or address.")

REVEAL = {"data-behaviour": "reveal", "data-reveal": _("Show the password")}


class Labelled:
    """Labels above the fields instead of placeholders inside them."""

    fields: dict[str, forms.Field]
    data: Any
    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}
    focus = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")
            if name == self.focus:
                field.widget.attrs["autofocus"] = True
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.attrs |= REVEAL


class LoginForm(Labelled, account.LoginForm):
    labels = {"login": EMAIL, "password": PASSWORD, "remember": _("Stay signed in on this device")}
    focus = "login"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        if self.data.get("login"):
            del self.fields["login"].widget.attrs["autofocus"]
            self.fields["password"].widget.attrs["autofocus"] = True


class ReauthenticateForm(Labelled, account.ReauthenticateForm):
    labels = {"password": PASSWORD}
    focus = "password"


class ChangePasswordForm(Labelled, account.ChangePasswordForm):
    labels = {"oldpassword": _("Current password"), "password1": NEW_PASSWORD, "password2": AGAIN}
    helps = {"password1": PASSWORD_RULES}


class SetPasswordForm(Labelled, account.SetPasswordForm):
    labels = {"password1": NEW_PASSWORD, "password2": AGAIN}
    helps = {"password1": PASSWORD_RULES}


class ResetPasswordKeyForm(Labelled, account.ResetPasswordKeyForm):
    labels = {"password1": NEW_PASSWORD, "password2": AGAIN}
    helps = {"password1": PASSWORD_RULES}
    focus = "password1"


class ResetPasswordForm(Labelled, account.ResetPasswordForm):
    labels = {"email": EMAIL}
    focus = "email"

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Mail the link. Asked for by an administrator, the Event says so."""
        by = request.user if isinstance(request.user, User) else None
        email = self.cleaned_data["email"]
        record_reset_request(User.objects.filter(email=email).first(), email=email, by=by)
        return str(super().save(request, **kwargs))


class Code(Labelled):
    labels = {"code": CODE}
    focus = "code"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {
            "inputmode": "numeric",
            "class": "code-input",
            "spellcheck": "false",
        }


class AuthenticateForm(Code, mfa.AuthenticateForm):
    pass


class CodeReauthenticateForm(Code, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(Code, totp.ActivateTOTPForm):
    labels = {"code": _("Code the app shows")}
    focus = ""


class PasskeyEvents:
    """A passkey that does not fit leaves an Event; allauth has no signal for it."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            record("second_factor_failed", getattr(self, "user", None) or trail.UNKNOWN, by=None)
            raise


class LoginWebAuthnForm(PasskeyEvents, webauthn.LoginWebAuthnForm):
    pass


class AuthenticateWebAuthnForm(PasskeyEvents, webauthn.AuthenticateWebAuthnForm):
    pass


class ReauthenticateWebAuthnForm(PasskeyEvents, webauthn.ReauthenticateWebAuthnForm):
    pass


class AddWebAuthnForm(Labelled, webauthn.AddWebAuthnForm):
    labels = {"name": _("Name"), "passwordless": _("Sign in with this passkey alone, without a password")}
    helps = {
        "name": _("Something you will know it by, such as “Work laptop”."),
        "passwordless": _("The device then asks for your fingerprint, face or PIN."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class EditWebAuthnForm(Labelled, webauthn.EditWebAuthnForm):
    labels = {"name": _("Name")}
    focus = "name"

    def save(self) -> Authenticator:
        old = str(self.instance)
        renamed = super().save()
        trail.record_renamed_factor(renamed.user, old, str(renamed))
        return renamed
