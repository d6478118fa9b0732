"""Copying lines from a template or another agreement (AG-13, AG-14)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements import operations
from agreements.forms import SourceForm
from agreements.models import ServiceAgreement, ServiceAgreementLine, TemplateGroup
from servicemgmt.core.errors import Refused
from servicemgmt.core.web import allow, page, status_of, ticked, version_of

from .find import CHANGE, agreement_of


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def copy_lines(request: HttpRequest, number: str) -> HttpResponse:
    """First the source (?source=), then its lines to tick."""
    agreement = agreement_of(number)
    if request.method == "GET":
        return copy_page(request, agreement)
    wanted = ticked(request, "line")
    options = {name: name in request.POST for name in ("with_objects", "with_tasks")}
    try:
        made = operations.copy_lines(
            agreement.pk, wanted, version=version_of(request), by=request.user, **options
        )
    except Refused as refusal:
        return copy_page(request, agreement, refused=str(refusal), ticked=wanted, status=status_of(refusal))
    text = ngettext("%(count)d line copied.", "%(count)d lines copied.", len(made))
    messages.success(request, text % {"count": len(made)})
    return redirect("agreements:agreement", number)


def copy_page(
    request: HttpRequest, agreement: ServiceAgreement, *, status: int = 200, **more: Any
) -> HttpResponse:
    form = SourceForm(request.GET if "source" in request.GET or "source-typed" in request.GET else None)
    source = form.cleaned_data["source"] if form.is_valid() else None
    context = {
        "agreement": ServiceAgreement.objects.get(pk=agreement.pk),
        "form": form,
        "source": source,
        "lines": offered_lines(source) if source else [],
        "left_out": source.lines.filter(stopped=True).count() if source and not source.suspended else 0,
        "tree": template_tree(),
        "cancel_url": reverse("agreements:agreement", args=[agreement.number]),
    }
    return page(request, "agreements/copy_lines.html", context | more, status=status)


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


def template_tree() -> list[dict[str, Any]]:
    """AG-13: the groups of templates as a tree, flattened with each one's depth, and the templates in them."""
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
            if templates.get(group.pk) or inside:
                found.append({"group": group, "depth": depth, "templates": templates.get(group.pk, [])})
                found += inside
        return found

    return rows(None, 0)
