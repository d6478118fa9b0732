"""The cast: Ann dispatches, Bo drives, Pia plans, Cleo bills, Max manages, Ada administrates, Dag must see nothing."""

from django.contrib.auth.models import Group

from servicemgmt.core.models import User
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN

NAMES = {
    DISPATCHER: "Ann",
    TECHNICIAN: "Bo",
    PLANNER: "Pia",
    FINANCE: "Cleo",
    MANAGER: "Max",
    ADMINISTRATOR: "Ada",
}


def user_in(role: str, *, name: str = "") -> User:
    """The user of that role; made on first use. The same person each time within a test."""
    name = name or NAMES[role]
    found = User.objects.filter(email=f"{name.lower()}@example.com").first()
    if found:
        return found
    user = User.objects.create_user(f"{name.lower()}@example.com", "a long password", name=name)
    user.groups.add(Group.objects.get(name=role))
    return user


def stranger() -> User:
    """Dag: signed in, without any role."""
    return User.objects.filter(email="dag@example.com").first() or User.objects.create_user(
        "dag@example.com", "a long password", name="Dag"
    )
