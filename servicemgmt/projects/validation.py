"""AG-09: which workers and categories may be chosen together on a project."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from .models import ProjectValidation


@dataclass(frozen=True, slots=True)
class NotTogether:
    """Why a combination is refused, and at which field."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """The categories and workers some combination of a project names; None where any may be chosen."""

    categories: frozenset[int] | None
    workers: frozenset[int] | None


type Combination = tuple[int | None, int | None]


def combinations(project_id: int | None) -> list[Combination]:
    """(worker, category) of the rows that speak of the project; None in a pair means any."""
    speaks = Q(project__isnull=True) | Q(project=project_id)
    return list(ProjectValidation.objects.filter(speaks).order_by().values_list("worker", "category"))


def allowed(rows: list[Combination]) -> Allowed:
    """What there is to choose from at all. Pure."""
    workers = {worker for worker, _category in rows}
    categories = {category for _worker, category in rows}
    return Allowed(
        None if not rows or None in categories else frozenset(c for c in categories if c is not None),
        None if not rows or None in workers else frozenset(w for w in workers if w is not None),
    )


def fits(rows: list[Combination], worker: int | None, category: int | None) -> bool:
    """Whether some row allows the pair; who or what is not chosen (None) does not narrow. Pure."""
    return not rows or any(
        (row_worker is None or worker is None or row_worker == worker)
        and (row_category is None or category is None or row_category == category)
        for row_worker, row_category in rows
    )


def why_not_together(project_id: int | None, worker: int | None, category: int | None) -> NotTogether | None:
    """Why this worker and category cannot be chosen together on the project; None where they can."""
    rows = combinations(project_id)
    if fits(rows, worker, category):
        return None
    if not fits(rows, None, category):
        return NotTogether("category", _("This category is not allowed on the project."))
    return NotTogether("worker", _("This worker is not allowed for the category on this project."))
