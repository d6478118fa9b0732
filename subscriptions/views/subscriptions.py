from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.models import ServiceAgreement
from servicemgmt.core import display
from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Invalid
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, page, status_of, version_of
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import Project

from .. import operations
from ..forms import SubscriptionForm
from ..lists import SUBSCRIPTIONS
from ..models import Subscription, SubscriptionGroup
from ..planning import Series, next_start
from ..queries import covered_periods, find_price


@require_GET
@allow("subscriptions.view_subscription")
def subscriptions(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, SUBSCRIPTIONS, Subscription.objects.all())


@require_GET
@allow("subscriptions.view_subscription")
def subscription(request: HttpRequest, number: str) -> HttpResponse:
    row = get_object_or_404(
        Subscription.objects.select_related(
            "group__period_type", "project__customer", "category", "currency", "agreement"
        ),
        number=number,
    )
    series = Series.of(row.group.period_type, row.starts_on)
    start = next_start(series, row.starts_on, covered_periods([row.pk]).get(row.pk, []))
    found = find_price(row, row.group.period_type, company_today())
    context = {
        "subscription": row,
        "title": row.name,
        "subtitle": row.number,
        "badges": [
            {"label": _("Active"), "tone": "green"}
            if row.is_active
            else {"label": _("Inactive"), "tone": "gray"}
        ],
        "facts": facts_of(row, found),
        "next_period": series.around(start),
        "next_start": start,
        "fees": row.fees.select_related("transaction__invoice", "transaction__currency").order_by(
            "-starts_on"
        )[:24],
        "subject": subject_of(row),
    }
    return page(request, "subscriptions/subscription.html", context)


def facts_of(row: Subscription, found: Any) -> list[tuple[Any, ...]]:
    """What the page tells of a subscription."""
    facts: list[tuple[Any, ...]] = [
        (_("Project"), row.project, reverse("projects:project", args=[row.project.number])),
        (_("Customer"), row.project.customer.name),
        (_("Group"), f"{row.group.description} ({row.group.period_type.description})"),
        (_("Category"), row.category.description),
        (_("Base price"), display.money(row.base_price, row.currency)),
        (_("Index"), display.quantity(row.index)),
        (_("From"), row.starts_on),
        (_("To"), row.ends_on),
    ]
    if row.agreement:
        facts.append(
            (_("Agreement"), row.agreement, reverse("agreements:agreement", args=[row.agreement.number]))
        )
    if found:
        facts.append(
            (
                _("Price table today"),
                _("%(price)s since %(day)s")
                % {
                    "price": display.money(found.price, row.currency),
                    "day": date_format(found.row.valid_from),
                },
            )
        )
    return facts


def edited(request: HttpRequest, row: Subscription | None) -> HttpResponse:
    """The form of a subscription, new or known."""
    initial = None if row else first_values(request)
    form = SubscriptionForm(request.POST or None, instance=row, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            saved = submit(form, lambda: save(request, form, row))
            if saved:
                messages.success(request, _("“%(row)s” is saved.") % {"row": saved})
                return redirect("subscriptions:subscription", saved.number)
            status = status_of(form.refusal)
    crumbs = [{"label": _("Subscriptions"), "url": reverse("subscriptions:subscriptions")}]
    if row:
        crumbs.append({"label": row.number, "url": reverse("subscriptions:subscription", args=[row.number])})
    context = {
        "form": form,
        "title": _("Edit %(name)s") % {"name": row.name} if row else _("New subscription"),
        "crumbs": crumbs,
        "cancel_url": crumbs[-1]["url"],
    }
    return page(request, "core/form.html", context, status=status)


def first_values(request: HttpRequest) -> dict[str, Any]:
    """What is known already when the form is opened from a group, an agreement or a project."""
    agreement = ServiceAgreement.objects.contracts().filter(number=request.GET.get("agreement", "")).first()
    project = Project.objects.filter(number=request.GET.get("project", "")).first()
    project = project or (agreement and agreement.project)
    group = SubscriptionGroup.objects.filter(code=request.GET.get("group", "")).first()
    return {
        "project": project and project.pk,
        "agreement": agreement and agreement.pk,
        "group": group and group.pk,
        "starts_on": company_today(),
    }


def save(request: HttpRequest, form: SubscriptionForm, row: Subscription | None) -> Subscription:
    """Save what was typed; an empty base price is taken from the price table (SB-01)."""
    values = form.values
    if values["base_price"] is None:
        draft = Subscription(**{k: v for k, v in values.items() if k != "base_price"})
        found = operations.suggested_price(draft, values["starts_on"])
        if found is None:
            raise Invalid(_("The price table has no price for this; enter one."), field="base_price")
        values["base_price"] = found.price
    if row is None:
        return operations.create_subscription(by=request.user, **values)
    return operations.save_subscription(row.pk, version=form.version, by=request.user, **values)


@require_http_methods(["GET", "POST"])
@allow("subscriptions.add_subscription")
def subscription_new(request: HttpRequest) -> HttpResponse:
    return edited(request, None)


@require_http_methods(["GET", "POST"])
@allow("subscriptions.change_subscription")
def subscription_edit(request: HttpRequest, number: str) -> HttpResponse:
    return edited(request, get_object_or_404(Subscription, number=number))


@require_POST
@allow("subscriptions.change_subscription")
def subscription_active(request: HttpRequest, number: str) -> HttpResponse:
    row = get_object_or_404(Subscription, number=number)
    active = request.POST.get("active") == "1"
    return attempt(
        request,
        lambda: operations.set_active(row.pk, active=active, version=version_of(request), by=request.user),
        done=_("The subscription is active.") if active else _("The subscription is not active any more."),
        to="subscriptions:subscription",
        number=number,
    )
