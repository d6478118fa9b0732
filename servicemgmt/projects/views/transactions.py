"""Transactions: what was posted on projects."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from servicemgmt.core.display import money, quantity, unit_price
from servicemgmt.core.errors import Refused
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, next_url, page, reachable, ticked
from servicemgmt.ledger.lists import subject_text
from servicemgmt.masterdata.queries import company, company_today

from ..lists import STATUS_TONES, TRANSACTIONS
from ..models import Coverage, Transaction
from ..operations import make_proposals
from ..pricing.explain import explain_both
from ..queries import transactions_listed


@require_GET
@allow("projects.view_transaction")
def transactions(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, TRANSACTIONS, transactions_listed())


@require_GET
@allow("projects.view_transaction")
def transaction(request: HttpRequest, pk: int) -> HttpResponse:
    """One transaction: its money, why it has that price, and the way to its document, voucher and invoice."""
    row = get_object_or_404(
        Transaction.objects.select_related(
            "project", "customer", "category", "line_property", "worker", "item", "unit", "currency", "cost_currency",
            "voucher", "proposal", "invoice", "adjusts", "tax_group", "posted_by",
            "accrual_rule",
        ),
        pk=pk,
    )  # fmt: skip
    context = {
        "row": row,
        "title": row.text or row.category.description,
        "subtitle": f"{row.get_kind_display()} · {row.project}",
        "badges": [
            {"label": row.get_status_display(), "tone": STATUS_TONES[row.status]},
            {
                "label": row.get_coverage_display(),
                "tone": "green" if row.coverage == Coverage.CHARGED else "gray",
            },
        ],
        "facts": facts_of(row),
        "side_facts": reachable(request.user, links_of(row)),
        "reasons": explain_both(row.price_reason, sees_cost=True),
        "adjustments": row.adjustments.all(),
    }
    return page(request, "projects/transaction.html", context)


def facts_of(row: Transaction) -> list[tuple[Any, ...]]:
    cost_currency = row.cost_currency or company().currency
    facts: list[tuple[Any, ...]] = [
        (_("Project date"), row.executed_on),
        (_("Quantity"), f"{quantity(row.quantity)} {row.unit.code if row.unit else ''}"),
        (_("Cost price"), unit_price(row.cost_price, cost_currency)),
        (_("Cost"), money(row.cost_amount, cost_currency)),
        (_("Sales price"), unit_price(row.sales_price, row.currency)),
        (_("Sales amount"), money(row.sales_amount, row.currency)),
    ]
    if row.covered_amount:
        facts.append((_("Covered value"), money(row.covered_amount, row.currency)))
    if row.coverage_reason:
        facts.append((_("Why not charged"), row.coverage_reason))
    if row.service_period:
        facts.append((_("Service period"), period_text(row.service_period)))
    facts += [
        (_("Category"), row.category),
        (_("Line property"), row.line_property),
        (_("Worker"), row.worker),
        (_("Item"), row.item),
        (_("Tax group"), row.tax_group),
    ]
    return facts


def period_text(period: Any) -> str:
    """A half-open range of days as people write it, both ends inclusive."""
    return f"{date_format(period.lower)} – {date_format(period.upper - timedelta(days=1))}"


def links_of(row: Transaction) -> list[tuple[Any, ...]]:
    """The way to everything this transaction hangs on."""
    voucher = row.voucher
    links: list[tuple[Any, ...]] = [
        (_("Project"), row.project.number, reverse("projects:project", args=[row.project.number])),
        (_("Customer"), row.customer, reverse("masterdata:customer", args=[row.customer.number])),
        (_("Source"), row.get_source_display()),
    ]
    if voucher:
        if voucher.subject:
            document = subject_text(voucher.subject, voucher.subject_label)
            links.append((_("Document"), document, reverse("core:open_subject", args=[voucher.subject])))
        links.append((_("Voucher"), voucher.number, reverse("ledger:voucher", args=[voucher.number])))
    if row.proposal:
        links.append(
            (_("Proposal"), row.proposal.number, reverse("projects:proposal", args=[row.proposal.number]))
        )
    if row.invoice:
        links.append(
            (_("Invoice"), row.invoice.number, reverse("projects:invoice", args=[row.invoice.number]))
        )
    if row.accrual_rule:
        links.append((_("Accruals"), row.accrual_rule, reverse("projects:accruals_of", args=[row.pk])))
    if row.adjusts:
        links.append((_("Adjusts"), row.adjusts.text, reverse("projects:transaction", args=[row.adjusts.pk])))
    links.append((_("Posted by"), row.posted_by or _("System")))
    return links


@require_POST
@allow("projects.add_invoiceproposal")
def propose_ticked(request: HttpRequest) -> HttpResponse:
    """Put the ticked transactions into proposals, dated today."""
    keys = ticked(request)
    now = timezone.now()
    try:
        made = make_proposals(
            Transaction.objects.filter(pk__in=keys),
            invoice_date=company_today(),
            by=request.user,
            at=now,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(next_url(request, reverse("projects:transactions")))
    if len(made) == 1:
        return redirect("projects:proposal", made[0].number)
    messages.success(request, _("%(count)s proposals made.") % {"count": len(made)})
    return redirect("projects:proposals")
