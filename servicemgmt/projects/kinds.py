"""The type of a project, and what stands on it. Apps to the right of this one say which types theirs can stand on."""

from collections.abc import Callable

from servicemgmt.core.errors import Sentence

from .models import Project

#: Asked with a project and the type it would get; says why not, or nothing.
type Objection = Callable[[Project, str], Sentence | None]

OBJECTIONS: list[Objection] = []


def register(objection: Objection) -> None:
    """Ask this too before a project gets another type; called when the app is ready."""
    OBJECTIONS.append(objection)


def why_not_kind(project: Project, kind: str) -> Sentence | None:
    """Why the project cannot be of that type, or None."""
    found = (objection(project, kind) for objection in OBJECTIONS)
    return next((sentence for sentence in found if sentence), None)
