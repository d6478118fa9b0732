"""What lines can be copied from: the tree of templates, and the lines a source offers (AG-13 … AG-15)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused

from .models import ServiceAgreement, ServiceAgreementLine, TemplateGroup


def offered_by(source: ServiceAgreement | None) -> dict[str, Any]:
    """What the dialog shows of an agreement: its lines, how many stopped ones are left out, why there are none."""
    if source is None:
        return {"lines": []}
    if source.suspended:
        return {"lines": [], "why_none": _("This agreement is suspended, so its lines are not copied.")}
    return {"lines": offered_lines(source), "left_out": source.lines.filter(stopped=True).count()}


def copyable_lines(source: ServiceAgreement) -> QuerySet[ServiceAgreementLine]:
    """AG-05, AG-06, scenario 7: stopped lines are not copied, nor any of a suspended agreement."""
    return source.lines.none() if source.suspended else source.lines.filter(stopped=False)


def require_copyable(lines: Iterable[ServiceAgreementLine]) -> None:
    """The same of lines that somebody ticked, their agreements loaded: Refused with the first that is stopped."""
    for line in lines:
        if line.stopped or line.agreement.suspended:
            raise Refused(_("“%(line)s” is stopped and cannot be copied.") % {"line": line.description})


def offered_lines(source: ServiceAgreement) -> list[ServiceAgreementLine]:
    """The lines that may be copied, with what a dialog shows of them."""
    parts = [
        "interval",
        "time_window",
        "category",
        "object_relation__service_object",
        "task_relation__service_task",
    ]
    return list(copyable_lines(source).select_related(*parts))


def template_tree(*, with_empty: bool = False) -> list[dict[str, Any]]:
    """AG-13: the groups of templates as a tree, flattened with each one's depth, and the templates in them.

    Groups without a template inside are left out unless asked for."""
    groups = list(TemplateGroup.objects.order_by("code"))
    templates: dict[int | None, list[ServiceAgreement]] = {}
    for template in ServiceAgreement.objects.templates().order_by("description", "pk"):
        templates.setdefault(template.template_group_id, []).append(template)
    children: dict[int | None, list[TemplateGroup]] = {}
    for group in groups:
        children.setdefault(group.parent_id, []).append(group)

    def rows(parent: int | None, depth: int) -> list[dict[str, Any]]:
        found = []
        for group in children.get(parent, []):
            inside = rows(group.pk, depth + 1)
            if with_empty or templates.get(group.pk) or inside:
                found.append({"group": group, "depth": depth, "templates": templates.get(group.pk, [])})
                found += inside
        return found

    return rows(None, 0)
