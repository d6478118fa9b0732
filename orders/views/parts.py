"""Parts of service BOMs, changed on orders (TB-03, TB-06)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.boms.forms import AttachForm
from agreements.boms.queries import boms_for
from agreements.models import ServiceBom, ServiceBomLine
from orders import operations
from orders.forms.part import ChangePartForm, PartForm, open_orders
from servicemgmt.core.display import quantity as shown
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, page, status_of, whole
from servicemgmt.masterdata.queries import company_today

from .show import find_order

CHANGE = ("agreements.change_servicebom", "dispatch.work_own_day")


@require_http_methods(["GET", "POST"])
@allow(*CHANGE)
def bom_part_new(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-07: put a part in; `?item=`, `?parent=` and `?order=` fill in beforehand."""
    bom = get_object_or_404(boms_for(request.user).select_related("service_object"), pk=pk)
    first = {name: whole(request.GET.get(name)) or None for name in ("item", "parent")} | order_in(
        request, bom
    )
    form = PartForm(request.POST or None, bom=bom, user=request.user, initial=first)
    return answered(
        request,
        form,
        bom,
        lambda: operations.put_part_in(bom.pk, by=request.user, at=timezone.now(), **form.cleaned_data),
        title=_("Add a part"),
        help=str(bom.service_object),
    )


@require_http_methods(["GET", "POST"])
@allow(*CHANGE)
def bom_part(request: HttpRequest, pk: int) -> HttpResponse:
    """TB-06: replace a part, or change how many there are; `?order=` fills in the order."""
    rows = ServiceBomLine.objects.filter(bom__in=boms_for(request.user), quantity__gt=0)
    line = get_object_or_404(rows.select_related("item", "bom__service_object"), pk=pk)
    first = {"replacement": True, "item": line.item_id} | order_in(request, line.bom)
    form = ChangePartForm(request.POST or None, bom=line.bom, user=request.user, initial=first)
    return answered(
        request,
        form,
        line.bom,
        lambda: operations.replace_part(line.pk, by=request.user, at=timezone.now(), **form.cleaned_data),
        title=_("Replace or change %(part)s") % {"part": line.item.name},
        help=_("%(object)s has %(quantity)s of them.")
        % {"object": line.bom.service_object, "quantity": shown(line.quantity)},
    )


def order_in(request: HttpRequest, bom: ServiceBom) -> dict[str, Any]:
    number = request.GET.get("order", "")
    found = open_orders(bom, request.user).filter(number=number).first() if number else None
    return {"order": found.pk, "billing": operations.Billing.LINE} if found else {}


def answered(
    request: HttpRequest, form: PartForm, bom: ServiceBom, work: Callable[[], Any], *, title: str, help: str
) -> HttpResponse:
    """The form, or the page of the service BOM once its work is done."""
    back, status = reverse("agreements:service_bom", args=[bom.pk]), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            change = submit(form, work)
            if form.refusal is None:  # type: ignore[attr-defined]
                messages.success(request, f"{change.get_action_display()}.")
                return redirect(back)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "fieldsets": form.fieldsets,
        "title": title,
        "help": help,
        "crumbs": [{"label": bom.service_object.number, "url": back}],
        "cancel_url": back,
    }
    return page(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow("agreements.add_servicebom")
def bom_attach(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """TB-03: give an object of an order its service BOM."""
    order = find_order(request, number)
    relation = get_object_or_404(order.object_relations.select_related("service_object"), pk=pk)
    form = AttachForm(request.POST or None, initial={"template": relation.service_object.template_bom_id})
    status, back = 200, reverse("orders:order", args=[number])
    if form.is_bound:
        status = 422
        if form.is_valid():
            made = submit(
                form,
                lambda: operations.attach_bom_on_order(
                    order.pk,
                    relation.pk,
                    form.cleaned_data["template"],
                    on=company_today(),
                    version=None,
                    by=request.user,
                ),
            )
            if made:
                messages.success(request, _("The parts of %(row)s are copied.") % {"row": made})
                return redirect("agreements:service_bom", made.pk)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "title": _("Attach a template BOM"),
        "help": str(relation.service_object),
        "crumbs": [{"label": number, "url": back}],
        "cancel_url": back,
    }
    return page(request, "core/form.html", context, status=status)
