"""Invoices and credit notes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import money, quantity
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, reachable, status_of
from servicemgmt.masterdata.queries import company

from .. import operations
from ..forms import CreditForm
from ..lists import INVOICES, KIND_TONES
from ..models import Invoice, InvoiceKind
from ..queries import documents_behind, invoices_listed, pdf_of


@require_GET
@allow("projects.view_invoice")
def invoices(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, INVOICES, invoices_listed())


@require_GET
@allow("projects.view_invoice")
def invoice(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Invoice.objects.select_related(
            "customer", "project", "currency", "voucher", "credits", "proposal", "run", "posted_by"
        ),
        number=number,
    )
    note = found.credit_notes.first()
    badges = [{"label": found.get_kind_display(), "tone": KIND_TONES[found.kind]}]
    if note:
        badges.append({"label": _("Credited"), "tone": "gray"})
    context = {
        "invoice": found,
        "subject": subject_of(found),
        "title": found.number,
        "subtitle": f"{found.customer} · {money(found.gross, found.currency)}",
        "badges": badges,
        "facts": facts_of(found),
        "side_facts": reachable(request.user, links_of(found, note)),
        "lines": found.lines.select_related("tax_code", "transaction"),
        "taxes": found.taxes.select_related("tax_code"),
        "note": note,
        "pdf_url": pdf_url(found),
        "may_credit": found.kind == InvoiceKind.INVOICE
        and not note
        and request.user.has_perm("projects.add_invoice"),
    }
    return page(request, "projects/invoice.html", context)


def facts_of(found: Invoice) -> list[tuple[Any, ...]]:
    home = company().currency
    facts: list[tuple[Any, ...]] = [
        (_("Date"), found.invoice_date),
        (_("Due"), found.due_date),
        (_("Net"), money(found.net, found.currency)),
        (_("Tax"), money(found.tax, found.currency)),
        (_("Total"), money(found.gross, found.currency)),
    ]
    if found.currency_id != home.pk:
        facts += [
            (_("Exchange rate"), quantity(found.exchange_rate)),
            (_("Total in company currency"), money(found.company_gross, home)),
        ]
    if found.text:
        facts.append((_("Reason"), found.text))
    return facts


def links_of(found: Invoice, note: Invoice | None) -> list[tuple[Any, ...]]:
    """The way to the voucher, the documents behind, and what takes this one back."""
    links: list[tuple[Any, ...]] = [
        (_("Customer"), found.customer, reverse("masterdata:customer", args=[found.customer.number])),
        (_("Voucher"), found.voucher.number, reverse("ledger:voucher", args=[found.voucher.number])),
    ]
    if found.project:
        links.append((_("Project"), found.project, reverse("projects:project", args=[found.project.number])))
    if found.proposal:
        url = reverse("projects:proposal", args=[found.proposal.number])
        links.append((_("Proposal"), found.proposal.number, url))
    if found.credits:
        links.append(
            (_("Credits"), found.credits.number, reverse("projects:invoice", args=[found.credits.number]))
        )
    if note:
        links.append((_("Credited by"), note.number, reverse("projects:invoice", args=[note.number])))
    for subject, label in documents_behind(found):
        links.append((_("For"), label or subject, reverse("core:open_subject", args=[subject])))
    links.append((_("Posted by"), found.posted_by or _("System")))
    kept = pdf_of(found)
    if kept:
        links.append((_("Archived PDF"), f"SHA-256 {kept.sha256[:16]}…"))
    return links


def pdf_url(found: Invoice) -> str:
    """Where the printed invoice is had; '' as long as no app right of this one offers it."""
    try:
        return reverse("reporting:invoice_pdf", args=[found.number])
    except NoReverseMatch:
        return ""


@require_http_methods(["GET", "POST"])
@allow("projects.add_invoice")
def invoice_credit(request: HttpRequest, number: str) -> HttpResponse:
    """Credit an invoice in whole, after asking for the date and the reason."""
    found = get_object_or_404(Invoice.objects.select_related("currency"), number=number)
    now = timezone.now()
    today = max(timezone.localdate(now), found.invoice_date)
    form = CreditForm(request.POST or None, initial={"on": today})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            note = submit(
                form,
                lambda: operations.credit_invoice(found.pk, by=request.user, at=now, **form.cleaned_data),
            )
            if note is not None:
                messages.success(request, _("%(number)s is posted.") % {"number": note.number})
                return redirect("projects:invoice", note.number)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "invoice": found,
        "title": _("Credit %(number)s") % {"number": found.number},
        "text": _("A credit note over %(amount)s takes this invoice back in whole.")
        % {"amount": money(found.gross, found.currency)},
        "consequences": [
            _("Every amount is copied with the opposite sign, at the invoice's own exchange rate."),
            _("The work on it is not invoiced again."),
        ],
        "submit_label": _("Post the credit note"),
        "cancel_url": reverse("projects:invoice", args=[found.number]),
        "action_url": request.path,
    }
    return page(request, "projects/credit.html", context, status=status)
