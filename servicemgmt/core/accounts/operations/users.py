"""Changing other people's access. Nobody locks himself out, and the last Administrator stays."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from ...audit import changed, record
from ...errors import Invalid, Refused, Stale, refusing
from ...models import User
from ...roles import ADMINISTRATOR
from .invitations import ALREADY_A_USER


@transaction.atomic
def change_user(
    user_id: int, *, version: int, name: str, email: str, roles: Collection[Group], by: User
) -> User:
    """Change a user's name, address (his login) and roles; without a difference nothing is written.

    Raises Stale, Invalid for an address that somebody else has, Refused where he would lose his own
    Administrator role or the last Administrator would go.
    """
    user = _locked(user_id, version=version, by=by)
    held, wanted = sorted(user.groups.values_list("name", flat=True)), sorted(role.name for role in roles)
    before = {"name": user.name, "email": user.email, "roles": held}
    after = {"name": name.strip(), "email": email.strip().lower(), "roles": wanted}
    changes = changed(before, after)
    if not changes:
        return user
    if ADMINISTRATOR in held and ADMINISTRATOR not in wanted:
        _let_administrator_go(user, by=by)
    user.name, user.email = name.strip(), email.strip().lower()
    user.version += 1
    _save_unless_taken(user)
    if "email" in changes:
        EmailAddress.objects.filter(
            user=user
        ).delete()  # allauth's copy of the old address would still sign in
    user.groups.set(roles)
    record("changed", user, by=by, changes=changes)
    return user


@transaction.atomic
def deactivate_user(user_id: int, *, version: int, by: User) -> User:
    """Take away the right to sign in and end all sessions. Not for oneself and the last Administrator (Refused)."""
    user = _locked(user_id, version=version, by=by)
    if user.pk == by.pk:
        raise Refused(_("You cannot take away your own access. Ask another administrator."))
    if not user.is_active:
        raise Refused(_("%(name)s may not sign in as it is.") % {"name": user})
    if user.groups.filter(name=ADMINISTRATOR).exists():
        _let_administrator_go(user, by=by)
    return _set_active(user, False, "deactivated", by=by)


@transaction.atomic
def reactivate_user(user_id: int, *, version: int, by: User) -> User:
    """Give back the right to sign in; password, roles and second factor are as they were."""
    user = _locked(user_id, version=version, by=by)
    if user.is_active:
        raise Refused(_("%(name)s may sign in as it is.") % {"name": user})
    return _set_active(user, True, "reactivated", by=by)


@transaction.atomic
def reset_second_factor(user_id: int, *, by: User) -> User:
    """Remove app, passkeys and recovery codes of somebody who has lost them, and end his sessions.

    He signs in with his password and sets up a new one. Not for oneself: there is a page for that (Refused).
    """
    user = _locked(user_id, by=by)
    if user.pk == by.pk:
        raise Refused(_("Change your own second factor under your profile."))
    removed = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if not removed:
        raise Refused(_("%(name)s has no second factor.") % {"name": user})
    Authenticator.objects.filter(user=user).delete()
    _end_sessions(user)
    record("second_factor_reset", user, by=by, changes={"factors": [removed, []]})
    return user


@transaction.atomic
def end_sessions(user_id: int, *, by: User) -> int:
    """Sign the user out everywhere. Returns from how many devices."""
    user = _locked(user_id, by=by)
    ended = _end_sessions(user)
    record("sessions_ended", user, by=by, changes={"sessions": [ended, 0]})
    return ended


@transaction.atomic
def record_reset_request(user: User | None, *, email: str, by: User | None) -> None:
    """Note that a link to set a new password was asked for, by its owner or by an administrator.

    `user` is None for an address nobody here has: no mail goes out then. Raises Refused for a user who may not
    sign in, when an administrator asks.
    """
    if user and by:
        _locked(user.pk, by=by)
        if not user.is_active:
            raise Refused(_("%(name)s may not sign in. Give the access back first.") % {"name": user})
    record("password_reset_requested", user or "user:unknown", by=by, label=str(user or email))


def _locked(user_id: int, *, by: User, version: int | None = None) -> User:
    """The user, locked; all who change access queue at the Administrator role, so that they count rightly."""
    Group.objects.select_for_update(no_key=True).get(name=ADMINISTRATOR)
    user = User.objects.select_for_update(of=["self"], no_key=True).get(pk=user_id)
    if user.is_superuser and not by.is_superuser:
        raise Refused(_("%(name)s is kept by the operator of this installation, not here.") % {"name": user})
    if version is not None and user.version != version:
        raise Stale(
            _("%(name)s was changed by someone else meanwhile. This is how it stands now.") % {"name": user}
        )
    return user


def _let_administrator_go(user: User, *, by: User) -> None:
    if user.pk == by.pk:
        raise Refused(_("You cannot give up your own Administrator role. Ask another administrator."))
    others = User.objects.filter(is_active=True, groups__name=ADMINISTRATOR).exclude(pk=user.pk)
    if user.is_active and not others.exists():
        raise Refused(_("%(name)s is the last administrator. Make somebody else one first.") % {"name": user})


def _save_unless_taken(user: User) -> None:
    try:
        with refusing(user_email_once=ALREADY_A_USER, core_user_email_key=ALREADY_A_USER):
            user.save(update_fields=["name", "email", "version"])
    except Refused as refusal:
        raise Invalid(refusal.sentence, field="email") from refusal


def _set_active(user: User, is_active: bool, action: str, *, by: User) -> User:
    user.is_active = is_active
    user.version += 1
    user.save(update_fields=["is_active", "version"])
    if not is_active:
        _end_sessions(user)
    record(action, user, by=by, changes={"is_active": [not is_active, is_active]})
    return user


def _end_sessions(user: User) -> int:
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
