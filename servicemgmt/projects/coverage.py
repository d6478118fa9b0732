"""Who bears a line: one set of rules, asked of a row in Python and of many rows in SQL."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, CharField, F, Q, Value, When

from .models import Coverage, LineKind, LineProperty, Project, ProjectKind


class Rule(NamedTuple):
    """Lines of these types on projects of these types, whose line property says one of `said`, are borne by `by`."""

    projects: Collection[str]
    kinds: Collection[str]
    said: Collection[str]
    by: Coverage


#: The first that fits counts; where none does, the line property does.
RULES = [
    # PR-12: nobody is charged for internal work.
    Rule([ProjectKind.INTERNAL, ProjectKind.TIME], LineKind.values, Coverage.values, Coverage.INTERNAL),
    # B.8: the work of a fixed price project is paid by its milestones, which are fees.
    Rule(
        [ProjectKind.FIXED_PRICE],
        [LineKind.HOUR, LineKind.EXPENSE, LineKind.ITEM],
        [Coverage.CHARGED],
        Coverage.COVERED,
    ),
]


def coverage_for(project: Project | None, kind: str, line_property: LineProperty) -> str:
    """Who bears a line of the kind on the project; without a project as the line property says."""
    said = line_property.coverage
    for rule in RULES if project else ():
        if project and project.kind in rule.projects and kind in rule.kinds and said in rule.said:
            return rule.by
    return said


def coverage_in_sql(project: str, *, kind: str = "kind", said: str = "line_property__coverage") -> Case:
    """The same of rows whose project's type, own type and line property's coverage stand under these names.

    NULL where a row has no line property."""
    whens = [
        When(
            Q(**{f"{project}__in": rule.projects, f"{kind}__in": rule.kinds, f"{said}__in": rule.said}),
            then=Value(rule.by.value),
        )
        for rule in RULES
    ]
    return Case(*whens, default=F(said), output_field=CharField())
