"""Builders for people, invitations and second factors."""

from datetime import datetime
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from servicemgmt.core.accounts import operations
from servicemgmt.core.models import Event, Invitation, RolePolicy, User
from servicemgmt.core.roles import ADMINISTRATOR, PLANNER
from tests.cast import user_in

PASSWORD = "a long password"


def role(name: str) -> Group:
    return Group.objects.get(name=name)


def open_invitation(
    *,
    email: str = "eve@example.com",
    roles: tuple[str, ...] = (PLANNER,),
    by: User | None = None,
    at: datetime | None = None,
) -> tuple[Invitation, str]:
    """Eve is invited; the invitation and the token of her link."""
    return operations.invite(
        email=email,
        name="Eve",
        roles=[role(name) for name in roles],
        by=by or user_in(ADMINISTRATOR),
        at=at or timezone.now(),
    )


def set_up_app(user: User) -> str:
    """The user has an authenticator app and recovery codes; the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def require_second_factor(name: str, *, by: User | None = None) -> RolePolicy:
    """From now on people in that role need a second factor."""
    return operations.set_role_policy(
        role(name).pk, requires_mfa=True, version=0, by=by or user_in(ADMINISTRATOR)
    )


def sign_in(client: Client, user: User, password: str = PASSWORD, **data: str) -> HttpResponse:
    """Through the page, as people do."""
    answer: Any = client.post(reverse("account_login"), {"login": user.email, "password": password, **data})
    return answer


def confirm(client: Client, password: str = PASSWORD) -> HttpResponse:
    """Type the password once more."""
    answer: Any = client.post(reverse("account_reauthenticate"), {"password": password})
    return answer


def actions(subject: Any = None) -> list[str]:
    """What the trail says was done, oldest first: about one row, or all of it."""
    events = Event.objects.order_by("pk")
    if subject is not None:
        name = subject if isinstance(subject, str) else f"{subject._meta.model_name}:{subject.pk}"
        events = events.filter(subject=name)
    return list(events.values_list("action", flat=True))


def text_of(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())
