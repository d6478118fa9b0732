"""Service requests: the list, the form for a phone call, and what becomes of a call."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agreements.models import ServiceAgreement, ServiceObject
from agreements.queries import sla_for
from orders import operations
from orders.forms import AnswerForm, RequestForm
from orders.listing import PRIORITY_TONES, REQUESTS
from orders.models import RequestStatus, ServiceRequest
from orders.operations.request import day_at
from orders.queries.agreements import agreement_for, open_orders, open_requests, running_agreements
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, status_of, version_of, whole
from servicemgmt.masterdata.models import Customer, Site
from servicemgmt.masterdata.queries import company_today


@require_GET
@allow("orders.view_servicerequest")
def requests(request: HttpRequest) -> HttpResponseBase:
    """Every request, by tabs."""
    return list_page(request, REQUESTS, ServiceRequest.objects.all())


@allow("orders.add_servicerequest")
def request_new(request: HttpRequest) -> HttpResponse:
    """Take a call. As soon as the customer is known, his objects, agreement, SLA and open work are shown beside it."""
    given = request.POST if request.method == "POST" else request.GET
    customer = Customer.objects.filter(pk=whole(given.get("customer"))).first()
    if request.method == "POST":
        form = RequestForm(request.POST, customer=customer)
        if form.is_valid():
            row = submit(form, lambda: take(request, form))
            if row:
                return answered(request, row)
    else:
        initial = {name: value for name, value in request.GET.items() if name in RequestForm.base_fields}
        form = RequestForm(initial=initial, customer=customer)
    status = status_of(form.refusal) if getattr(form, "refusal", None) else 422 if form.errors else 200
    thing = ServiceObject.objects.filter(pk=whole(given.get("service_object")), customer=customer).first()
    context = {"form": form, "title": _("New service request"), **known(customer, thing, None)}
    return page(request, "orders/request_new.html", context, regions=["choices", "about"], status=status)


@transaction.atomic
def take(request: HttpRequest, form: RequestForm) -> ServiceRequest:
    """The request, and with the other button the order as well: both or neither."""
    now = timezone.now()
    row = operations.receive_request(by=request.user, at=now, **form.values)
    if request.POST.get("then") == "order":
        operations.order_from_request(row.pk, version=row.version, by=request.user, at=now)
    return row


def answered(request: HttpRequest, row: ServiceRequest) -> HttpResponse:
    row.refresh_from_db()
    if row.order:
        messages.success(request, _("%(order)s made.") % {"order": row.order.number})
        return redirect("orders:order", row.order.number)
    messages.success(request, _("%(request)s taken.") % {"request": row.number})
    return redirect("orders:request", row.number)


def known(
    customer: Customer | None, thing: ServiceObject | None, site: Site | None, *, without: int | None = None
) -> dict[str, Any]:
    """What to know about a customer and his object while he is on the phone."""
    if customer is None:
        return {"customer": None}
    place = site or (thing.site if thing else None)
    today = day_at(place, timezone.now()) if place else company_today()
    agreement = agreement_for(customer, thing, today)
    same = set(open_orders(customer, thing).values_list("pk", flat=True)) if thing else set()
    return {
        "customer": customer,
        "thing": thing,
        "agreement": agreement,
        "agreements": running_agreements(customer, today),
        "sla": sla_for(agreement, thing),
        "open_orders": sorted(open_orders(customer)[:200], key=lambda row: row.pk not in same)[:8],
        "same_object": same,
        "open_requests": open_requests(customer).exclude(pk=without)[:8],
    }


@require_GET
@allow("orders.view_servicerequest")
def request_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One request with what is known about its object."""
    return show_request(request, find_request(number))


def find_request(number: str) -> ServiceRequest:
    rows = ServiceRequest.objects.select_related(
        "customer",
        "site",
        "service_object__site",
        "service_object__group__sla",
        "order__stage",
        "received_by",
    )
    return get_object_or_404(rows, number=number)


def show_request(
    request: HttpRequest,
    row: ServiceRequest,
    *,
    form: AnswerForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, with the form for an answer or a refusal."""
    is_open = row.status == RequestStatus.OPEN
    context = {
        "row": row,
        "title": row.number,
        "is_open": is_open,
        "priority_tone": PRIORITY_TONES[row.priority],  # type: ignore[index]
        "may_change": request.user.has_perm("orders.change_servicerequest"),
        "may_order": is_open and request.user.has_perm("orders.add_serviceorder"),
        "form": form or AnswerForm(initial={"version": row.version}),
        "refusal": refusal,
        "subject": f"servicerequest:{row.pk}",
        **known(row.customer, row.service_object, row.site, without=row.pk),
    }
    return page(request, "orders/request.html", context, status=status)


@allow("orders.change_servicerequest")
def request_edit(request: HttpRequest, number: str) -> HttpResponse:
    """Change an open request."""
    row = find_request(number)
    form = RequestForm(request.POST or None, instance=row, customer=row.customer)
    form.fields["customer"].disabled = True
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.values.items() if name != "customer"}
        if submit(
            form,
            lambda: operations.change_request(row.pk, version=form.version, by=request.user, **values),
        ):
            messages.success(request, _("%(request)s saved.") % {"request": row.number})
            return redirect("orders:request", number)
    status = status_of(form.refusal) if getattr(form, "refusal", None) else 422 if form.errors else 200
    context = {
        "form": form,
        "title": _("Edit %(request)s") % {"request": row.number},
        "cancel_url": reverse("orders:request", args=[number]),
    }
    return page(request, "orders/request_edit.html", context, status=status)


@require_POST
@allow("orders.add_serviceorder")
def request_order(request: HttpRequest, number: str) -> HttpResponse:
    """Make the order, in one press; of several agreements the one ticked."""
    row = find_request(number)
    chosen = ServiceAgreement.objects.filter(
        pk=whole(request.POST.get("agreement")), customer=row.customer
    ).first()
    try:
        order = operations.order_from_request(
            row.pk,
            version=version_of(request),
            by=request.user,
            at=timezone.now(),
            agreement=chosen,
        )
    except Refused as refusal:
        return show_request(request, find_request(number), refusal=str(refusal), status=status_of(refusal))
    messages.success(request, _("%(order)s made.") % {"order": order.number})
    return redirect("orders:order", order.number)


@require_POST
@allow("orders.change_servicerequest")
def request_close(request: HttpRequest, number: str) -> HttpResponse:
    """Close with an answer."""
    row = find_request(number)
    form = AnswerForm(request.POST, initial={"version": row.version})
    if form.is_valid() and submit(
        form, lambda: operations.close_request(row.pk, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, _("%(request)s closed.") % {"request": row.number})
        return redirect("orders:request", number)
    status = status_of(form.refusal) if getattr(form, "refusal", None) else 422
    return show_request(request, find_request(number), form=form, status=status)


@require_POST
@allow("orders.change_servicerequest")
def request_reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Open a closed request again."""
    row = find_request(number)
    try:
        operations.reopen_request(row.pk, version=version_of(request), by=request.user)
    except Refused as refusal:
        return show_request(request, find_request(number), refusal=str(refusal), status=status_of(refusal))
    messages.success(request, _("%(request)s is open again.") % {"request": row.number})
    return redirect("orders:request", number)
