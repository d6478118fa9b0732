"""The dialog that copies lines into an order: first the source, then its lines to tick."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements.forms import SourceForm
from agreements.models import ServiceAgreement
from agreements.sources import offered_by, template_tree
from orders.models import LineStatus, ServiceOrder
from orders.views.show import find_order
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, form_status, page, status_of, ticked, version_of
from servicemgmt.masterdata.queries import company_today

from .forms import OrderSourceForm, TargetForm
from .operations import PARTS, copy_from_agreement, copy_from_order
from .to_agreement import copy_to_agreement


@require_http_methods(["GET", "POST"])
@allow("orders.change_serviceorder")
def copy_lines(request: HttpRequest, number: str) -> HttpResponse:
    """AG-15 (?source=, a template or an agreement) and AG-16 (?order=)."""
    order = find_order(request, number)
    if request.method == "GET":
        return show(request, order)
    wanted = ticked(request, "line")
    source, _form = source_order(request)
    said: dict[str, Any] = {"version": version_of(request), "by": request.user, "at": timezone.now()}
    try:
        if source:
            made = copy_from_order(order.pk, source, wanted, **said)
        else:
            made = copy_from_agreement(order.pk, wanted, **said)
    except Refused as refusal:
        fresh = find_order(request, number)
        return show(request, fresh, refused=str(refusal), ticked=wanted, status=status_of(refusal))
    text = ngettext("%(count)d line copied.", "%(count)d lines copied.", len(made))
    messages.success(request, text % {"count": len(made)})
    return redirect("orders:order", number)


def source_order(request: HttpRequest) -> tuple[ServiceOrder | None, OrderSourceForm]:
    form = OrderSourceForm(asked(request, "order"), user=request.user)
    return form.cleaned_data["order"] if form.is_valid() else None, form


def source_agreement(request: HttpRequest) -> tuple[ServiceAgreement | None, SourceForm]:
    form = SourceForm(asked(request, "source"))
    return form.cleaned_data["source"] if form.is_valid() else None, form


def asked(request: HttpRequest, name: str) -> QueryDict | None:
    """What the address says, where it names such a source."""
    return request.GET if name in request.GET or f"{name}-typed" in request.GET else None


def show(request: HttpRequest, order: ServiceOrder, *, status: int = 200, **more: Any) -> HttpResponse:
    source, order_form = source_order(request)
    agreement, agreement_form = source_agreement(request)
    context = {
        "target": order,
        "order_form": order_form,
        "agreement_form": agreement_form,
        "tree": template_tree(),
        "source": source or agreement,
        "is_order": source is not None,
        "cancel_url": reverse("orders:order", args=[order.number]),
    }
    offered = {"lines": list(source.lines.select_related(*PARTS))} if source else offered_by(agreement)
    return page(request, "orders/copy_lines.html", context | offered | more, status=status)


@require_http_methods(["GET", "POST"])
@allow("agreements.change_serviceagreement")
def to_agreement(request: HttpRequest, number: str) -> HttpResponse:
    """Lines of the order as lines of an agreement, with a form that says from when and how often."""
    order = find_order(request, number)
    initial = {"agreement": order.agreement_id, "start_date": company_today()}
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
