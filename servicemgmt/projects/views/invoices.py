"""Invoices and credit notes."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import exchange_rate, money
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, reachable
from servicemgmt.ledger.lists import subject_text
from servicemgmt.masterdata.queries import company, company_today

from ..billing.einvoice import why_none
from ..billing.notes import price_notes
from ..billing.printed import heading_of, origins_of, purchase_order_of
from ..lists import INVOICES, KIND_TONES
from ..models import AccrualPosting, Invoice, InvoiceKind, InvoiceLine
from ..operations import left_of
from ..queries import documents_behind, invoices_listed, pdf_of
from ..receivables.queries import state_of
from .payments import settled_rows


@require_GET
@allow("projects.view_invoice")
def invoices(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, INVOICES, invoices_listed())


@require_GET
@allow("projects.view_invoice")
def invoice(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Invoice.objects.select_related(
            "customer", "project", "currency", "voucher", "credits", "proposal", "run", "posted_by", "item"
        ),
        number=number,
    )
    notes = list(found.credit_notes.order_by("pk"))
    left = left_of(found) if found.kind == InvoiceKind.INVOICE else {}
    badges = [{"label": found.get_kind_display(), "tone": KIND_TONES[found.kind]}]
    if notes:
        badges.append({"label": _("Credited in part") if left else _("Credited"), "tone": "gray"})
    label, tone = state_of(found.item, company_today())
    if label:
        badges.append({"label": label, "tone": tone})
    may_settle = request.user.has_perm("projects.add_settlement")
    context = {
        "invoice": found,
        "item": found.item,
        "settlements": settled_rows(found.item),
        "may_settle": may_settle and found.item.open,
        "may_undo": may_settle,
        "subject": subject_of(found),
        "title": found.number,
        "subtitle": f"{found.customer} · {money(found.gross, found.currency)}",
        "badges": badges,
        "facts": facts_of(found),
        "side_facts": reachable(request.user, links_of(found, notes)),
        "lines": lines_of(found),
        "taxes": found.taxes.select_related("tax_code"),
        "notes": notes,
        "price_notes": price_notes(found, request.user) if found.credits else [],
        "is_credited": not left,
        "no_einvoice": why_none(found),
        "pdf_url": pdf_url(found),
        "may_credit": left and request.user.has_perm("projects.add_invoice"),
    }
    return page(request, "projects/invoice.html", context)


def lines_of(found: Invoice) -> list[InvoiceLine]:
    """The lines, each with the `heading` of its group."""
    rows = list(found.lines.select_related("tax_code", "transaction"))
    for row in rows:
        row.heading = heading_of(found, row.position)  # type: ignore[attr-defined]
    return rows


def facts_of(found: Invoice) -> list[tuple[Any, ...]]:
    home = company().currency
    facts: list[tuple[Any, ...]] = [
        (_("Date"), found.invoice_date),
        (_("Due"), found.due_date),
        (_("Net"), money(found.net, found.currency)),
        (_("Tax"), money(found.tax, found.currency)),
        (_("Total"), money(found.gross, found.currency)),
        (_("Open"), money(found.item.open, found.currency)),
    ]
    if found.currency_id != home.pk:
        facts += [
            (_("Exchange rate"), exchange_rate(found.exchange_rate)),
            (_("Total in company currency"), money(found.company_gross, home)),
        ]
    if number := purchase_order_of(found):
        facts.append((_("Customer's order number"), number))
    facts += origins_of(found)
    if found.text:
        facts.append((_("Reason"), found.text))
    return facts


def links_of(found: Invoice, notes: Sequence[Invoice]) -> list[tuple[Any, ...]]:
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
    links += [
        (_("Credited by"), note.number, reverse("projects:invoice", args=[note.number])) for note in notes
    ]
    for subject, label in documents_behind(found):
        links.append((_("For"), subject_text(subject, label), reverse("core:open_subject", args=[subject])))
    if AccrualPosting.objects.filter(line__invoice=found).exists():
        query = urlencode({"tab": "all", "q": found.number})
        links.append((_("Accruals"), _("Open"), f"{reverse('projects:accruals')}?{query}"))
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
