"""Inviting people: the only way to become a user."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...audit import record
from ...errors import Invalid, Refused, refusing
from ...models import Invitation, User
from ..queries import Standing, digest_of, standing

VALID_FOR = timedelta(days=7)

ALREADY_A_USER = gettext_lazy("Someone with this e-mail address is a user already.")
ALREADY_INVITED = gettext_lazy(
    "This address has an open invitation already. Send that one again, or withdraw it."
)
NO_LONGER_GOOD = {
    Standing.ACCEPTED: gettext_lazy(
        "This invitation was used already. Sign in with your e-mail address and password."
    ),
    Standing.WITHDRAWN: gettext_lazy(
        "This invitation was withdrawn. Ask your administrator if you still need one."
    ),
    Standing.EXPIRED: gettext_lazy("This invitation has expired. Ask your administrator to send it again."),
}
UNKNOWN = gettext_lazy("This link is not good: it is incomplete, or a newer invitation has replaced it.")


@transaction.atomic
def invite(
    *, email: str, name: str, roles: Collection[Group], by: User, at: datetime
) -> tuple[Invitation, str]:
    """Invite someone, good for a week. Returns the invitation and the token for the link, shown once.

    Not for somebody who is a user already or has an open invitation (Invalid, Refused); one that has expired
    is withdrawn first.
    """
    email = email.strip().lower()
    if not roles:
        raise Invalid(_("Choose at least one role: without any, one sees nothing."), field="roles")
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(ALREADY_A_USER, field="email")
    _clear_expired(email, by=by, at=at)
    token = secrets.token_urlsafe(32)
    with refusing(invitation_one_open_per_address=ALREADY_INVITED):
        invitation = Invitation.objects.create(
            email=email,
            name=name.strip(),
            token_digest=digest_of(token),
            invited_by=by,
            invited_at=at,
            expires_at=at + VALID_FOR,
        )
    invitation.roles.set(roles)
    record("invited", invitation, by=by, changes={"roles": [None, sorted(role.name for role in roles)]})
    return invitation, token


@transaction.atomic
def resend_invitation(invitation_id: int, *, by: User, at: datetime) -> tuple[Invitation, str]:
    """Give the invitation a new link, good for another week; the old link ends. Expired ones may be sent again.

    Raises Refused for one that was accepted or withdrawn.
    """
    invitation = _locked(invitation_id)
    token = secrets.token_urlsafe(32)
    before, invitation.expires_at = invitation.expires_at, at + VALID_FOR
    invitation.token_digest = digest_of(token)
    invitation.save(update_fields=["expires_at", "token_digest"])
    expires = [before.isoformat(), invitation.expires_at.isoformat()]
    record("invitation_sent_again", invitation, by=by, changes={"expires_at": expires})
    return invitation, token


@transaction.atomic
def withdraw_invitation(invitation_id: int, *, by: User, at: datetime) -> Invitation:
    """End the invitation's link for good. Raises Refused for one that was accepted or withdrawn."""
    return _withdraw(_locked(invitation_id), by=by, at=at)


def check_invitation(invitation: Invitation | None, *, at: datetime) -> Invitation:
    """The invitation, if its link is good at that moment; else Refused with what to do about it."""
    if invitation is None:
        raise Refused(UNKNOWN)
    now = standing(invitation, at)
    if now is not Standing.OPEN:
        raise Refused(NO_LONGER_GOOD[now])
    return invitation


@transaction.atomic
def accept_invitation(token: str, *, name: str, password: str, at: datetime) -> User:
    """Make the invited person a user with his roles. Works once: who comes second is Refused.

    The password's strength is the form's affair.
    """
    invitation = (
        Invitation.objects.select_for_update(of=["self"], no_key=True)
        .filter(token_digest=digest_of(token))
        .first()
    )
    invitation = check_invitation(invitation, at=at)
    with refusing(user_email_once=ALREADY_A_USER, core_user_email_key=ALREADY_A_USER):
        user = User.objects.create_user(invitation.email, password, name=name.strip())
    roles = list(invitation.roles.all())
    user.groups.set(roles)
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record("invitation_accepted", invitation, by=user)
    record("created", user, by=user, changes={"roles": [None, sorted(role.name for role in roles)]})
    return user


def _locked(invitation_id: int) -> Invitation:
    invitation = Invitation.objects.select_for_update(of=["self"], no_key=True).get(pk=invitation_id)
    if invitation.accepted_at:
        raise Refused(_("This invitation was accepted already."))
    if invitation.withdrawn_at:
        raise Refused(_("This invitation was withdrawn already."))
    return invitation


def _withdraw(invitation: Invitation, *, by: User, at: datetime) -> Invitation:
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    record("invitation_withdrawn", invitation, by=by)
    return invitation


def _clear_expired(email: str, *, by: User, at: datetime) -> None:
    expired = Invitation.objects.select_for_update(of=["self"], no_key=True).filter(
        email__iexact=email, accepted_at=None, withdrawn_at=None, expires_at__lte=at
    )
    for invitation in expired:
        _withdraw(invitation, by=by, at=at)
