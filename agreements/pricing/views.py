"""The page of an agreement's prices."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements.models import ServiceAgreement
from agreements.views.find import CHANGE, agreement_of, crumbs_of
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, attempt, form_status, page, version_of
from servicemgmt.masterdata.queries import company, company_today

from .forms import FORMS
from .operations import add_price, give_own_list
from .queries import cost_rows, other_users, priced_lines, sales_rows

SEE = "projects.view_salesprice"


@require_GET
@allow(SEE)
def prices(request: HttpRequest, number: str) -> HttpResponse:
    """What lines cost today and why, and the rows of the agreement's price list with who else uses it."""
    agreement = agreement_of(number)
    rows = agreement.price_list
    agreements, projects = other_users(rows, agreement) if rows else ([], [])
    sees_cost = request.user.has_perm("projects.view_costprice")
    may_add = request.user.has_perm(CHANGE) and request.user.has_perm("projects.add_salesprice")
    context = {
        "agreement": agreement,
        "crumbs": crumbs_of(agreement),
        "title": _("Prices of %(number)s") % {"number": number},
        "lines": priced_lines(agreement, company_today()),
        "currency": agreement.project.currency if agreement.project else None,
        "home_currency": company().currency,
        "tables": tables(agreement, sees_cost),
        "agreements": agreements,
        "projects": projects,
        "may_add": may_add,
    }
    return page(request, "agreements/prices.html", context)


def tables(agreement: ServiceAgreement, sees_cost: bool) -> list[dict[str, Any]]:
    """The rows of the price list: sales first, cost for whoever may see it."""
    if agreement.price_list is None:
        return []
    found = [
        {"title": _("Sales prices"), "name": "salesprice", "rows": list(sales_rows(agreement.price_list))}
    ]
    if sees_cost:
        rows = list(cost_rows(agreement.price_list))
        found.append({"title": _("Cost prices"), "name": "costprice", "rows": rows})
    return found


@require_POST
@allow(CHANGE)
def own_list(request: HttpRequest, number: str) -> HttpResponse:
    agreement, version = agreement_of(number), version_of(request)
    return attempt(
        request,
        lambda: give_own_list(agreement.pk, version=version, by=request.user),
        done=_("%(number)s has a price list of its own now.") % {"number": number},
        to="agreements:agreement_prices",
        number=number,
    )


@require_http_methods(["GET", "POST"])
@allow("projects.add_salesprice")
def price_new(request: HttpRequest, number: str, what: str) -> HttpResponse:
    """A new row of the agreement's price list: `what` is cost or sales."""
    agreement = agreement_of(number)
    if what not in FORMS:
        raise Http404
    form = FORMS[what](request.POST or None, initial={"valid_from": company_today()})
    if form.is_valid():
        table = form._meta.model
        submit(form, lambda: add_price(agreement.pk, table, by=request.user, **form.values))
        if form.refusal is None:
            messages.success(request, _("The price is added."))
            return redirect("agreements:agreement_prices", number)
    back = reverse("agreements:agreement_prices", args=[number])
    currency = agreement.project.currency if agreement.project and what == "sales" else company().currency
    context = {
        "crumbs": [*crumbs_of(agreement), {"label": _("Prices"), "url": back}],
        "form": form,
        "title": _("New sales price") if what == "sales" else _("New cost price"),
        "help": _("In %(currency)s, for whoever uses the price list.") % {"currency": currency},
        "cancel_url": back,
    }
    return page(request, "core/form.html", context, status=form_status(form))
