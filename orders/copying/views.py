"""The dialog that copies lines into an order: first the source, then its lines to tick."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements.models import ServiceAgreement
from agreements.sources import offered_lines, template_tree
from orders.models import LineStatus, ServiceOrder
from orders.views.show import find_order
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, form_status, page, status_of, ticked, version_of, whole

from .forms import SourceForm, TargetForm
from .operations import PARTS, copy_from_order, copy_from_template
from .to_agreement import copy_to_agreement


@require_http_methods(["GET", "POST"])
@allow("orders.change_serviceorder")
def copy_lines(request: HttpRequest, number: str) -> HttpResponse:
    """AG-15 (?template=) and AG-16 (?order=)."""
    order = find_order(request, number)
    if request.method == "GET":
        return show(request, order)
    wanted = ticked(request, "line")
    source = source_order(source_form(request))
    said: dict[str, Any] = {"version": version_of(request), "by": request.user, "at": timezone.now()}
    try:
        if source:
            made = copy_from_order(order.pk, source, wanted, **said)
        else:
            made = copy_from_template(order.pk, wanted, **said)
    except Refused as refusal:
        fresh = find_order(request, number)
        return show(request, fresh, refused=str(refusal), ticked=wanted, status=status_of(refusal))
    text = ngettext("%(count)d line copied.", "%(count)d lines copied.", len(made))
    messages.success(request, text % {"count": len(made)})
    return redirect("orders:order", number)


def source_form(request: HttpRequest) -> SourceForm:
    asked = "order" in request.GET or "order-typed" in request.GET
    return SourceForm(request.GET if asked else None, user=request.user)


def source_order(form: SourceForm) -> ServiceOrder | None:
    return form.cleaned_data["order"] if form.is_valid() else None


def show(request: HttpRequest, order: ServiceOrder, *, status: int = 200, **more: Any) -> HttpResponse:
    form = source_form(request)
    source, template = source_order(form), None
    if source is None:
        found = ServiceAgreement.objects.templates().filter(pk=whole(request.GET.get("template")))
        template = found.first()
    context = {
        "target": order,
        "form": form,
        "tree": template_tree(),
        "source": source or template,
        "is_order": source is not None,
        "lines": lines_of(source, template),
        "cancel_url": reverse("orders:order", args=[order.number]),
    }
    return page(request, "orders/copy_lines.html", context | more, status=status)


def lines_of(source: ServiceOrder | None, template: ServiceAgreement | None) -> list[Any]:
    if source:
        return list(source.lines.select_related(*PARTS))
    return offered_lines(template) if template else []


@require_http_methods(["GET", "POST"])
@allow("agreements.change_serviceagreement")
def to_agreement(request: HttpRequest, number: str) -> HttpResponse:
    """Lines of the order as lines of an agreement, with a form that says from when and how often."""
    order = find_order(request, number)
    initial = {"agreement": order.agreement_id, "start_date": timezone.localdate()}
    form, wanted = TargetForm(request.POST or None, initial=initial), ticked(request, "line")
    if form.is_valid():
        said = dict(form.cleaned_data)
        target = said.pop("agreement")
        made = submit(form, lambda: copy_to_agreement(target.pk, order, wanted, by=request.user, **said))
        if form.refusal is None:
            text = ngettext("%(count)d line copied.", "%(count)d lines copied.", len(made))
            messages.success(request, text % {"count": len(made)})
            return redirect("agreements:agreement", target.number)
    context = {
        "order": order,
        "form": form,
        "title": _("Copy lines into an agreement"),
        "lines": order.lines.exclude(status=LineStatus.CANCELLED).select_related(*PARTS),
        "was_sent": form.is_bound,
        "ticked": wanted,
        "submit_label": _("Copy the ticked lines"),
        "cancel_url": reverse("orders:order", args=[number]),
    }
    return page(request, "orders/to_agreement.html", context, status=form_status(form))
