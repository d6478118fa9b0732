"""What lines can be copied from: the tree of templates, and the lines a source offers (AG-13 … AG-15)."""

from typing import Any

from django.utils.translation import gettext as _

from .models import ServiceAgreement, ServiceAgreementLine, TemplateGroup


def offered_by(source: ServiceAgreement | None) -> dict[str, Any]:
    """What the dialog shows of an agreement: its lines, how many stopped ones are left out, why there are none."""
    if source is None:
        return {"lines": []}
    if source.suspended:
        return {"lines": [], "why_none": _("This agreement is suspended, so its lines are not copied.")}
    return {"lines": offered_lines(source), "left_out": source.lines.filter(stopped=True).count()}


def offered_lines(source: ServiceAgreement) -> list[ServiceAgreementLine]:
    """AG-06, scenario 7: stopped lines are not offered, nor any of a suspended agreement."""
    if source.suspended:
        return []
    parts = [
        "interval",
        "time_window",
        "category",
        "object_relation__service_object",
        "task_relation__service_task",
    ]
    return list(source.lines.filter(stopped=False).select_related(*parts))


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
