"""What people add to a draft invoice by hand: fees, amounts on account and their deduction."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.queries import company_today
from servicemgmt.masterdata.views.editing import crumb

from .. import operations
from ..billing.forms import DeductForm, FeeForm, OnAccountForm
from ..billing.lists import ON_ACCOUNT
from ..billing.on_account import on_account_listed, open_on_account
from ..forms import PlainForm
from ..models import InvoiceProposal, Project
from ..operations.additions import projects_of


@require_http_methods(["GET", "POST"])
@allow("projects.change_invoiceproposal")
def fee_add(request: HttpRequest, number: str) -> HttpResponse:
    """Add a fee to a draft (PR-13)."""
    found = draft_of(number)
    form = FeeForm(request.POST or None, projects=projects_of(found), initial={"version": found.version})
    return asked(
        request,
        form,
        lambda: operations.add_fee(found.pk, by=request.user, at=timezone.now(), **form.cleaned_data),
        title=_("Add a fee"),
        help=_(
            "Posted to the project on the invoice date, in %(currency)s. Dropping its line takes the fee back."
        )
        % {"currency": found.currency.code},
        crumbs=above(found),
        submit_label=_("Add"),
        done=_("The fee is added."),
    )


@require_http_methods(["GET", "POST"])
@allow("projects.change_invoiceproposal")
def deduct(request: HttpRequest, number: str) -> HttpResponse:
    """Deduct from a draft what was invoiced on account."""
    found = draft_of(number)
    rows = open_on_account(projects_of(found)).filter(currency=found.currency)
    form = DeductForm(
        request.POST or None,
        rows=rows.select_related("invoice", "currency"),
        initial={"version": found.version},
    )
    return asked(
        request,
        form,
        lambda: operations.deduct_on_account(
            found.pk,
            version=form.cleaned_data["version"],
            amounts=form.amounts,
            by=request.user,
            at=timezone.now(),
        ),
        title=_("Deduct what was invoiced on account"),
        help=_("The net to deduct, at the tax that it was invoiced with."),
        crumbs=above(found),
        submit_label=_("Deduct"),
        done=_("The amounts are deducted."),
    )


@require_GET
@allow("projects.view_transaction")
def on_account(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, ON_ACCOUNT, on_account_listed())


@require_http_methods(["GET", "POST"])
@allow("projects.add_invoiceproposal")
def on_account_new(request: HttpRequest, number: str) -> HttpResponse:
    """Propose to invoice an amount of a project ahead."""
    found = get_object_or_404(Project, number=number)
    now = timezone.now()
    form = OnAccountForm(request.POST or None, initial={"on": company_today()})
    return asked(
        request,
        form,
        lambda: operations.invoice_on_account(found.pk, by=request.user, at=now, **form.cleaned_data),
        title=_("Invoice on account"),
        help=_("An amount is invoiced ahead and owed to the customer until later invoices deduct it."),
        crumbs=[crumb(_("Projects"), "projects:projects"), crumb(found.number, "projects:project", number)],
        submit_label=_("Propose"),
        done=_("The amount is proposed; post the proposal to invoice it."),
    )


def draft_of(number: str) -> InvoiceProposal:
    rows = InvoiceProposal.objects.select_related("project", "currency")
    return get_object_or_404(rows, number=number)


def above(proposal: InvoiceProposal) -> list[dict[str, str]]:
    return [
        crumb(_("Invoice proposals"), "projects:proposals"),
        crumb(proposal.number, "projects:proposal", proposal.number),
    ]


def asked(
    request: HttpRequest, form: PlainForm, work: Callable[[], InvoiceProposal], *, done: str, **context: Any
) -> HttpResponse:
    """The form on a page of its own; when it is posted and `work` does not refuse, the proposal."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            proposal = submit(form, work)
            if proposal:
                messages.success(request, done)
                return redirect(reverse("projects:proposal", args=[proposal.number]))
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context |= {"form": form, "cancel_url": context["crumbs"][-1]["url"]}
    return page(request, "core/form.html", context, status=status)
