"""What allauth asks us: who may sign up (nobody), what its sentences say, how its mail is sent."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..templatetags.people import device
from . import encryption, mails, trail
from .queries import FACTORS, is_second_factor_required


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account may not sign in. Ask your administrator."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: try the newest one."),
        "incorrect_password": _("The password is not right."),
        "rate_limited": _("Too many attempts. Wait a minute, then try again."),
        "too_many_login_attempts": _(
            "Too many failed attempts: signing in is locked for five minutes. "
            "Wait, or set a new password with “Forgot your password?”."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up is closed: an Administrator invites."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            trail.record_lockout(credentials.get("email", ""))
            raise

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        trail.record_refusal(user)
        return redirect("account_inactive")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("core:profile")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sent once what it tells is committed; a mail server that is down spoils no page."""
        transaction.on_commit(partial(mails.send, _request(), template_prefix, email, context))


class MfaAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": _(
            "Your role asks for a second factor. Add a passkey first, then you can remove the app."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """Proposed for a new passkey: the device it is made with."""
        return device(_request().headers.get("User-Agent", ""))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody whose role asks for one."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(
            pk=authenticator.pk
        )
        return others.exists() or not is_second_factor_required(authenticator.user)


class SessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        ended = list(sessions)
        super().end_sessions(ended)
        trail.record_ended_sessions(_request(), len(ended))


def _request() -> HttpRequest:
    request: HttpRequest = context.request
    return request
