"""What allauth does leaves Events too. Its signals are a library's; our own apps have none between them."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth_signals
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpRequest

from ..audit import record
from ..models import User
from .queries import has_second_factor

UNKNOWN = "user:unknown"
LOCKOUT_SECONDS = 300


@receiver(account_signals.user_logged_in)
def record_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    methods = [
        used.get("type") or used["method"]
        for used in request.session.get("account_authentication_methods", [])
    ]
    record("signed_in", user, by=user, changes={"with": [None, ", ".join(methods) or "invitation"]})


@receiver(auth_signals.user_logged_out)
def record_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record("signed_out", user, by=user)


@receiver(auth_signals.user_login_failed)
def record_failure(credentials: dict[str, Any], **kwargs: Any) -> None:
    _about_address("sign_in_failed", credentials.get("email") or "")


@receiver(mfa_signals.authentication_failed)
def record_wrong_code(user: User, **kwargs: Any) -> None:
    record("second_factor_failed", user, by=None)


@receiver(account_signals.authentication_step_completed)
def record_step(user: User, method: str, **kwargs: Any) -> None:
    """A step that is not yet, or no longer, a sign-in: the password before the code, and proving it is still you."""
    if kwargs.get("reauthenticated"):
        record("identity_confirmed", user, by=user, changes={"with": [None, kwargs.get("type") or method]})
    elif method == "password" and has_second_factor(user):
        record("password_accepted", user, by=user)


@receiver([account_signals.password_changed, account_signals.password_set])
def record_password_change(user: User, **kwargs: Any) -> None:
    record("password_changed", user, by=user)


@receiver(account_signals.password_reset)
def record_password_reset(user: User, **kwargs: Any) -> None:
    record("password_reset", user, by=user)


@receiver(mfa_signals.authenticator_added)
def record_factor_added(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record("factor_added", user, by=user, changes={"factor": [None, _name(authenticator)]})


@receiver(mfa_signals.authenticator_removed)
def record_factor_removed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record("factor_removed", user, by=user, changes={"factor": [_name(authenticator), None]})


@receiver(mfa_signals.authenticator_reset)
def record_new_codes(user: User, **kwargs: Any) -> None:
    record("recovery_codes_renewed", user, by=user)


def record_renamed_factor(user: User, old: str, new: str) -> None:
    """A passkey got another name."""
    record("factor_renamed", user, by=user, changes={"factor": [old, new]})


def record_ended_sessions(request: HttpRequest, count: int) -> None:
    """The user signed himself out on other devices."""
    user = request.user
    assert isinstance(user, User)
    record("sessions_ended", user, by=user, changes={"sessions": [count, 0]})


def record_lockout(email: str) -> None:
    """Signing in was locked after too many failures: said once while it lasts, not once per attempt."""
    if cache.add(f"lockout:{email}", True, LOCKOUT_SECONDS):
        _about_address("sign_in_locked", email)


def record_refusal(user: User) -> None:
    """The right password of somebody who may not sign in."""
    record("sign_in_refused", user, by=None)


def _about_address(action: str, email: str) -> None:
    user = User.objects.filter(email=email.lower()).first()
    record(action, user or UNKNOWN, by=None, label=str(user or email))


def _name(authenticator: Authenticator) -> str:
    return str(authenticator)
