"""Giving invoices back, in whole or in part (PR-15)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from servicemgmt.core.display import money
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, next_url, page, status_of, ticked
from servicemgmt.masterdata.queries import company_today

from .. import operations
from ..billing.approval import is_credit_approved
from ..billing.notes import price_notes
from ..forms import CreditForm
from ..models import Invoice, InvoiceProposal
from ..queries import newer_invoices


@require_http_methods(["GET", "POST"])
@allow("projects.add_invoice")
def invoice_credit(request: HttpRequest, number: str) -> HttpResponse:
    """Choose the amounts to give back, the date and the reason; then post at once, or look at the draft first."""
    found = get_object_or_404(Invoice.objects.select_related("currency"), number=number)
    now = timezone.now()
    left = operations.left_of(found)
    lines = [(line, left[line.pk]) for line in found.lines.all() if line.pk in left]
    form = CreditForm(
        request.POST or None, initial={"on": max(company_today(), found.invoice_date)}, lines=lines
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            make = operations.propose_credit if "draft" in request.POST else operations.credit_invoice
            made = submit(form, lambda: make(found.pk, by=request.user, at=now, **form.wanted))
            if isinstance(made, InvoiceProposal):
                return redirect("projects:proposal", made.number)
            if made is not None:
                messages.success(request, _("%(number)s is posted.") % {"number": made.number})
                return redirect("projects:invoice", made.number)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "invoice": found,
        "title": _("Credit %(number)s") % {"number": found.number},
        "help": _(
            "%(amount)s in all. Amounts are copied with the opposite sign, at the invoice's own exchange rate."
        )
        % {"amount": money(found.gross, found.currency)},
        "newer": newer_invoices(found),
        "price_notes": price_notes(found, request.user),
        "is_approved": is_credit_approved(),
        "submit_label": _("Post the credit note"),
        "cancel_url": reverse("projects:invoice", args=[found.number]),
        "action_url": request.path,
    }
    return page(request, "projects/credit.html", context, status=status)


@require_POST
@allow("projects.add_invoice")
def select_for_credit(request: HttpRequest) -> HttpResponse:
    """Mark the ticked transactions for a credit note; the next proposals take them."""
    keys = ticked(request)
    try:
        count = operations.select_for_credit(keys, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            ngettext(
                "%(count)s transaction waits for a credit note: make proposals for credit notes next.",
                "%(count)s transactions wait for a credit note: make proposals for credit notes next.",
                count,
            )
            % {"count": count},
        )
    return redirect(next_url(request, reverse("projects:transactions")))


@require_POST
@allow("projects.add_invoice")
def do_not_credit(request: HttpRequest) -> HttpResponse:
    """Take the ticked transactions out of what waits for a credit note."""
    try:
        count = operations.do_not_credit(ticked(request), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            ngettext("%(count)s transaction stays invoiced.", "%(count)s transactions stay invoiced.", count)
            % {"count": count},
        )
    return redirect(next_url(request, reverse("projects:transactions")))
