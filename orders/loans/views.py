"""The list of loans, one of them, lending, extending and taking back: from here, and from an order's page."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.models import ServiceObject
from orders.models import Loan
from orders.views.show import find_order, reply
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, reachable, status_of, whole
from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.queries import company_today
from servicemgmt.masterdata.views.editing import crumb

from . import operations
from .forms import ExtendForm, LendForm, OrderLendForm, TakeBackForm
from .lists import USUAL, loans_spec, state_of
from .queries import told

VIEW, ADD, CHANGE = "orders.view_loan", "orders.add_loan", "orders.change_loan"

#: How many loans the page of an object shows.
FEW = 8


@require_GET
@allow(VIEW)
def loans(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, loans_spec(company_today()), Loan.objects.all())


@require_GET
@allow(VIEW)
def object_loans(request: HttpRequest, number: str) -> HttpResponseBase:
    """Where the object is lent and was; as a region of its page the latest few."""
    found = get_object_or_404(ServiceObject.objects.visible_to(request.user), number=number)
    rows, today = Loan.objects.filter(service_object=found), company_today()
    if not (request.htmx.target or "").endswith("loans"):
        spec = replace(
            loans_spec(today),
            name=f"loans-{number}",
            title=_("Loans of %(number)s") % {"number": number},
            help=found.description,
            create=None,
        )
        parents = [
            (_("Service objects"), reverse("agreements:objects")),
            (number, reverse("agreements:object", args=[number])),
        ]
        return list_page(
            request, spec, rows, template="orders/plan_related.html", context={"parents": parents}
        )
    latest = told(list(rows.select_related("customer", "site", "order")[:FEW]), today)
    may_lend = request.user.has_perm(ADD) and all(row.returned_on for row in latest)
    context = {"object": found, "loans": latest, "may_lend": may_lend and not found.ended_on}
    return page(request, "orders/loans/of_object.html", context)


@require_GET
@allow(VIEW)
def loan(request: HttpRequest, pk: int) -> HttpResponse:
    found = loan_of(pk)
    label, tone = state_of(found.due_on, found.returned_on, company_today())
    context = {
        "row": found,
        "title": found.service_object.description,
        "subtitle": f"{found.service_object.number} · {found.customer.name}",
        "badges": [{"label": label, "tone": tone}],
        "facts": reachable(request.user, facts_of(found)),
        "subject": subject_of(found),
    }
    return page(request, "orders/loans/loan.html", context)


def loan_of(pk: int) -> Loan:
    parts = ("service_object", "customer", "site", "order", "stands_in_for", "lent_by", "taken_back_by")
    return get_object_or_404(Loan.objects.select_related(*parts), pk=pk)


def facts_of(found: Loan) -> list[tuple[Any, ...]]:
    stands_in_for, order = found.stands_in_for, found.order
    return [
        (_("Loaner"), found.service_object, reverse("agreements:object", args=[found.service_object.number])),
        (_("Customer"), found.customer, reverse("masterdata:customer", args=[found.customer.number])),
        (_("Site"), found.site, reverse("masterdata:site", args=[found.site.number])),
        (
            _("Stands in for"),
            stands_in_for,
            stands_in_for and reverse("agreements:object", args=[stands_in_for.number]),
        ),
        (_("Service order"), order and order.number, order and reverse("orders:order", args=[order.number])),
        (_("Lent on"), moment(found.lent_on)),
        (_("Lent by"), found.lent_by and found.lent_by.name),
        (_("Due back"), moment(found.due_on)),
        (_("Condition when lent"), found.condition_lent),
        (_("Returned on"), moment(found.returned_on)),
        (_("Taken back by"), found.taken_back_by and found.taken_back_by.name),
        (_("Condition when returned"), found.condition_returned),
    ]


@require_http_methods(["GET", "POST"])
@allow(ADD)
def loan_new(request: HttpRequest) -> HttpResponse:
    """?service_object= and ?customer= (keys) fill in beforehand."""
    today = company_today()
    chosen = {
        name: model.objects.filter(pk=whole(request.GET.get(name))).first()
        for name, model in (("service_object", ServiceObject), ("customer", Customer))
    }
    form = LendForm(request.POST or None, initial={**chosen, "lent_on": today, "due_on": today + USUAL})
    return asked(
        request,
        form,
        lambda: operations.lend(**form.cleaned_data, today=today, by=request.user),
        title=_("Lend"),
        help=_("From that day on nobody else gets it, until it is back."),
        label=_("Lend"),
    )


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def loan_extend(request: HttpRequest, pk: int) -> HttpResponse:
    found = loan_of(pk)
    first = {"version": found.version, "due_on": found.due_on + USUAL}
    form = ExtendForm(request.POST or None, initial=first)
    return asked(
        request,
        form,
        lambda: operations.extend(pk, **form.cleaned_data, by=request.user),
        title=_("Lend for longer"),
        help=str(found),
        label=_("Lend for longer"),
        found=found,
    )


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def loan_return(request: HttpRequest, pk: int) -> HttpResponse:
    found, today = loan_of(pk), company_today()
    form = TakeBackForm(request.POST or None, initial={"version": found.version, "returned_on": today})
    return asked(
        request,
        form,
        lambda: operations.take_back(pk, **form.cleaned_data, today=today, by=request.user),
        title=_("Take back"),
        help=str(found),
        label=_("Take back"),
        found=found,
    )


def asked(
    request: HttpRequest,
    form: Form,
    work: Callable[[], Loan],
    *,
    title: str,
    help: str,
    label: str,
    found: Loan | None = None,
) -> HttpResponse:
    """The form's page; once its work is done, the loan's."""
    crumbs = [crumb(_("Loans"), "orders:loans")]
    if found:
        crumbs.append(crumb(found, "orders:loan", found.pk))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = submit(form, work)
            if done is not None:
                messages.success(request, said(done))
                return redirect("orders:loan", done.pk)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "title": title,
        "help": help,
        "submit_label": label,
        "crumbs": crumbs,
        "cancel_url": crumbs[-1]["url"],
    }
    return page(request, "core/form.html", context, status=status)


def said(done: Loan) -> str:
    names = {"object": done.service_object.number, "day": moment(done.returned_on or done.due_on)}
    if done.returned_on:
        return _("%(object)s is back since %(day)s.") % names
    return _("%(object)s is lent until %(day)s.") % names


@require_POST
@allow(ADD)
def order_lend(request: HttpRequest, number: str) -> HttpResponse:
    """Lend to the customer of the order."""
    order = find_order(request, number)
    form = OrderLendForm(request.POST, order=order)
    return reply(
        request,
        order,
        lambda: operations.lend(**form.cleaned_data, order=order, today=company_today(), by=request.user),
        form=form,
        opened="lend",
        done=_("The loaner is lent."),
    )


@require_POST
@allow(CHANGE)
def order_return(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Take back what was lent for the order."""
    order = find_order(request, number)
    found = get_object_or_404(order.loans, pk=pk)
    form = TakeBackForm(request.POST, initial={"version": found.version})
    return reply(
        request,
        order,
        lambda: operations.take_back(pk, **form.cleaned_data, today=company_today(), by=request.user),
        form=form,
        opened=f"take_back:{pk}",
        done=_("The loaner is back."),
    )
