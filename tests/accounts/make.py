"""Builders for people and invitations, through the operations."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.utils import timezone

from servicemgmt.core.accounts import operations
from servicemgmt.core.models import Event, Invitation, User
from servicemgmt.core.roles import ADMINISTRATOR, PLANNER
from tests.cast import user_in

PASSWORD = "a long password"


def role(name: str) -> Group:
    return Group.objects.get(name=name)


def open_invitation(
    *, email: str = "eve@example.com", roles: tuple[str, ...] = (PLANNER,), by: User | None = None, at: datetime | None = None
) -> tuple[Invitation, str]:
    """Eve is invited; the invitation and the token of her link."""
    return operations.invite(
        email=email,
        name="Eve",
        roles=[role(name) for name in roles],
        by=by or user_in(ADMINISTRATOR),
        at=at or timezone.now(),
    )


def actions(subject: object = None) -> list[str]:
    """What the trail says was done, oldest first; about one row, or all of it."""
    events = Event.objects.order_by("pk")
    if subject is not None:
        events = events.filter(subject=f"{subject._meta.model_name}:{subject.pk}")  # type: ignore[attr-defined]
    return list(events.values_list("action", flat=True))
