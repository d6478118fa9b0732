"""What goes with a requirement. Apps to the right of this one keep rows in step with it: orders their lines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from servicemgmt.core.models import User

from ..models import ItemRequirement


@dataclass(frozen=True, slots=True)
class Follower:
    """How rows that a requirement is kept for go with it.

    `lock` holds them before the requirement itself is locked, for the root's lock comes first. `step` is told of
    every step, `change` of another quantity; both after it was written.
    """

    lock: Callable[[int], None]
    step: Callable[[ItemRequirement, User | None], None]
    change: Callable[[ItemRequirement, User | None, datetime], None]


FOLLOWERS: list[Follower] = []


def register(follower: Follower) -> None:
    """Keep rows in step with requirements; called when the app is ready."""
    FOLLOWERS.append(follower)
