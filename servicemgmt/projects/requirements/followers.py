"""What goes with a requirement. Apps to the right of this one keep rows in step with it: orders their lines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from servicemgmt.core.models import User

from ..models import ItemRequirement


class Place(NamedTuple):
    """What the document that needs the goods says of where they are used; invoices are grouped by it."""

    site_id: int | None = None
    agreement_number: str = ""


@dataclass(frozen=True, slots=True)
class Follower:
    """How rows that a requirement is kept for go with it.

    `place` says where its document is now (None: it is not his). `lock` holds the rows before the requirement itself
    is locked, for the root's lock comes first. `step` is told of every step, `change` of another quantity; both after
    it was written.
    """

    place: Callable[[ItemRequirement], Place | None]
    lock: Callable[[int], None]
    step: Callable[[ItemRequirement, User | None], None]
    change: Callable[[ItemRequirement, User | None, datetime], None]


FOLLOWERS: list[Follower] = []


def register(follower: Follower) -> None:
    """Keep rows in step with requirements; called when the app is ready."""
    FOLLOWERS.append(follower)


def place_of(row: ItemRequirement) -> Place:
    """Where the document is that needs the goods; nowhere for what is needed by the project itself."""
    found = (follower.place(row) for follower in FOLLOWERS)
    return next((place for place in found if place), Place())
