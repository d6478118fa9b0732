"""Copying lines from a template or another agreement (AG-13, AG-14)."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements import operations
from agreements.forms import SourceForm
from agreements.models import ServiceAgreement, ServiceAgreementLine
from agreements.sources import offered_by, template_tree
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
    lines = ServiceAgreementLine.objects
    tell_left(request, lines.filter(pk__in=wanted), lines.filter(pk__in=[line.pk for line in made]))
    return redirect("agreements:agreement", number)


def tell_left(
    request: HttpRequest, sources: QuerySet[ServiceAgreementLine], copies: QuerySet[ServiceAgreementLine]
) -> None:
    """Say how many lines came without the object that they had where they were copied from (AG-14)."""
    with_object = Q(object_relation__isnull=False)
    left = sources.filter(with_object).count() - copies.filter(with_object).count()
    if left:
        text = ngettext(
            "%(count)d line came without its object: it belongs to another customer, or is not related here.",
            "%(count)d lines came without their objects: they belong to another customer, or are not related here.",
            left,
        )
        messages.warning(request, text % {"count": left})


def copy_page(
    request: HttpRequest, agreement: ServiceAgreement, *, status: int = 200, **more: Any
) -> HttpResponse:
    form = SourceForm(request.GET if "source" in request.GET or "source-typed" in request.GET else None)
    source = form.cleaned_data["source"] if form.is_valid() else None
    context = {
        "target": ServiceAgreement.objects.get(pk=agreement.pk),
        "form": form,
        "source": source,
        "tree": template_tree(),
        "cancel_url": reverse("agreements:agreement", args=[agreement.number]),
    }
    return page(request, "agreements/copy_lines.html", context | offered_by(source) | more, status=status)
