"""The list of orders, the page of one, and what is done to it as a whole."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements.models import ServiceAgreement, ServiceObject
from orders import operations
from orders.forms import OrderEditForm, OrderForm
from orders.listing import ORDERS, listed_orders
from orders.models import ServiceOrder
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, page, status_of, version_of, whole
from servicemgmt.masterdata.models import Customer
from servicemgmt.projects.models import Project

from .show import allowed, find_order, reply, show


@require_GET
@allow("orders.view_serviceorder")
def orders(request: HttpRequest) -> HttpResponseBase:
    """Every order, by tabs and filters."""
    return list_page(request, ORDERS, listed_orders(ServiceOrder.objects.visible_to(request.user)))


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """One order. A technician sees those he is on."""
    return show(request, find_order(request, number), opened=request.GET.get("open", ""))


@allow("orders.add_serviceorder")
def order_new(request: HttpRequest) -> HttpResponse:
    """A new order by hand (SO-01, SO-04, SO-05). `?agreement=`, `?project=`, `?customer=` and `?object=` prefill it."""
    given = request.POST if request.method == "POST" else request.GET
    known = prefilled(given)
    if request.method == "POST":
        form = OrderForm(request.POST, customer=known.get("customer"))
        if form.is_valid():
            made = submit(
                form, lambda: operations.create_order(by=request.user, at=timezone.now(), **form.values)
            )
            if made:
                messages.success(request, _("%(order)s created.") % {"order": made.number})
                return redirect("orders:order", made.number)
    else:
        form = OrderForm(initial={**typed(request), **known}, customer=known.get("customer"))
    status = status_of(form.refusal) if getattr(form, "refusal", None) else 422 if form.errors else 200
    context = {"form": form, "title": _("New service order"), "cancel_url": reverse("orders:orders"), **known}
    return page(request, "orders/order_new.html", context, regions=["choices"], status=status)


def prefilled(given: Any) -> dict[str, Any]:
    """Agreement, project, object and customer that the address or the form names, each from the one before."""
    agreement = ServiceAgreement.objects.filter(pk=whole(given.get("agreement"))).first()
    project = Project.objects.filter(pk=whole(given.get("project"))).first()
    key = given.get("service_object") or given.get("object") or ""
    thing = ServiceObject.objects.filter(pk=whole(key)).first()
    customer = Customer.objects.filter(pk=whole(given.get("customer"))).first()
    project = project or (agreement.project if agreement else None)
    customer = customer or (project.customer if project else thing.customer if thing else None)
    found = {"agreement": agreement, "project": project, "service_object": thing, "customer": customer}
    return {name: value for name, value in found.items() if value}


def typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed already when the page asks for the choices of another customer."""
    return {name: value for name, value in request.GET.items() if name in OrderForm.base_fields and value}


@allow("orders.change_serviceorder")
def order_edit(request: HttpRequest, number: str) -> HttpResponse:
    """The header of an order."""
    row = find_order(request, number)
    form = OrderEditForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        saved = submit(
            form,
            lambda: operations.change_order(
                row.pk, version=form.version, by=request.user, at=timezone.now(), **form.values
            ),
        )
        if saved:
            messages.success(request, _("%(order)s saved.") % {"order": saved.number})
            return redirect("orders:order", saved.number)
    status = status_of(form.refusal) if getattr(form, "refusal", None) else 422 if form.errors else 200
    context = {
        "form": form,
        "order": row,
        "title": _("Edit %(order)s") % {"order": row.number},
        "cancel_url": reverse("orders:order", args=[row.number]),
    }
    if allowed(request.user, row)["delete"]:
        context["danger"] = {
            "label": _("Delete order"),
            "url": reverse("orders:order_delete", args=[row.number]),
            "confirm": _("Delete %(order)s with its lines?") % {"order": row.number},
        }
    return page(request, "orders/order_edit.html", context, status=status)


@require_POST
@allow("orders.delete_serviceorder")
def order_delete(request: HttpRequest, number: str) -> HttpResponse:
    """Delete an order for good (SO-15); where that is refused, the order says why."""
    row = find_order(request, number)
    version = version_of(request) or None

    def delete() -> None:
        operations.delete_order(row.pk, version=version, by=request.user)

    answer = attempt(request, delete, done=_("%(order)s deleted.") % {"order": number}, to="orders:orders")
    if ServiceOrder.objects.filter(pk=row.pk).exists():
        return redirect("orders:order", number)
    return answer


@require_POST
@allow("orders.change_serviceorder")
def order_cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel all Created lines (SO-13)."""
    row = find_order(request, number)
    return reply(
        request,
        row,
        lambda: operations.cancel_order(
            row.pk, version=version_of(request), by=request.user, at=timezone.now()
        ),
        done=_("The order is cancelled."),
    )


@require_POST
@allow("orders.change_serviceorder")
def order_revoke(request: HttpRequest, number: str) -> HttpResponse:
    """Take the cancelling of an order back (SO-13)."""
    row = find_order(request, number)
    return reply(
        request,
        row,
        lambda: operations.revoke_order(
            row.pk, version=version_of(request), by=request.user, at=timezone.now()
        ),
        done=_("The order is in process again."),
    )
