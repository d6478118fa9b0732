"""Who has which factor, and how an invitation stands."""

import hashlib
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextChoices
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ..models import Invitation, RolePolicy, User

#: What counts as a second factor; recovery codes only replace one that is lost.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def has_second_factor(user: User) -> bool:
    """Whether the user has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_second_factor_required(user: User) -> bool:
    """Whether one of the user's roles asks for a second factor."""
    return RolePolicy.objects.filter(requires_mfa=True, role__user=user).exists()


def is_second_factor_missing(user: User) -> bool:
    """Whether a role of the user asks for a second factor that he has not set up yet."""
    return is_second_factor_required(user) and not has_second_factor(user)


def with_second_factor(users: QuerySet[User]) -> QuerySet[User]:
    """The users, each with `has_factor`: whether he has set up a second factor."""
    return users.annotate(
        has_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS))
    )


class SecondFactor(TextChoices):
    """How a user stands with his second factor."""

    SET_UP = "set-up", _("set up")
    NONE = "none", _("none")
    MISSING = "missing", _("missing, though a role asks for it")


#: The same as conditions on `with_second_factor`.
SECOND_FACTOR = {
    SecondFactor.SET_UP: Q(has_factor=True),
    SecondFactor.NONE: Q(has_factor=False),
    SecondFactor.MISSING: Q(has_factor=False)
    & Exists(RolePolicy.objects.filter(requires_mfa=True, role__user=OuterRef("pk"))),
}


def people_of_roles() -> dict[str, tuple[int, int]]:
    """{role: (people who may sign in, those of them without a second factor)}."""
    users = with_second_factor(User.objects.filter(is_active=True))
    rows = users.values("groups__name").annotate(
        people=Count("pk", distinct=True), bare=Count("pk", distinct=True, filter=Q(has_factor=False))
    )
    return {row["groups__name"]: (row["people"], row["bare"]) for row in rows if row["groups__name"]}


class Standing(TextChoices):
    """How an invitation stands."""

    OPEN = "open", _("Open")
    EXPIRED = "expired", _("Expired")
    ACCEPTED = "accepted", _("Accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def standing(invitation: Invitation, at: datetime) -> Standing:
    """How the invitation stands at that moment; the link is good while it is OPEN."""
    if invitation.accepted_at:
        return Standing.ACCEPTED
    if invitation.withdrawn_at:
        return Standing.WITHDRAWN
    return Standing.EXPIRED if invitation.expires_at <= at else Standing.OPEN


WAITING = Q(accepted_at=None, withdrawn_at=None)

#: The same as conditions for lists, at the moment of the query.
STANDS = {
    Standing.OPEN: WAITING & Q(expires_at__gt=Now()),
    Standing.EXPIRED: WAITING & Q(expires_at__lte=Now()),
    Standing.ACCEPTED: Q(accepted_at__isnull=False),
    Standing.WITHDRAWN: Q(withdrawn_at__isnull=False),
}


def with_roles[Rows: QuerySet[Any]](rows: Rows) -> Rows:
    """Users or invitations, each with `role_names`: the names of its roles."""
    roles = Group.objects.filter(**{str(rows.model._meta.model_name): OuterRef("pk")}).order_by("pk")
    return rows.annotate(role_names=ArraySubquery(roles.values("name")))


def digest_of(token: str) -> str:
    """What is stored of a link's token: its SHA-256 in hex. The token itself is nowhere but in the link."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """The invitation a link's token belongs to, however it stands; None for an unknown or replaced token."""
    return Invitation.objects.filter(token_digest=digest_of(token)).select_related("invited_by").first()
