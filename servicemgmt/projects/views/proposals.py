"""Invoice proposals: made, reviewed and posted (PR-13)."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Refused
from servicemgmt.core.lists import list_page
from servicemgmt.core.money import ZERO
from servicemgmt.core.runs import start_run
from servicemgmt.core.web import allow, next_url, page, status_of, ticked, version_of
from servicemgmt.masterdata.queries import company, company_today

from .. import operations
from ..billing.approval import is_credit_approved, why_not_own
from ..billing.crediting import CREDITED, credit_document
from ..billing.grouping import expected_credits, expected_invoices
from ..billing.invoicing import TaxOfRate, taxes_of
from ..billing.on_account import open_on_account
from ..forms import DateForm, LineForm, ProposeForm
from ..lists import KIND_TONES, PROPOSAL_TONES, PROPOSALS
from ..models import InvoiceProposal, LineKind, ProposalLine, ProposalStatus
from ..operations.additions import projects_of
from ..pricing.explain import explain_both
from ..queries import chosen_credits, chosen_work, proposals_listed
from ..receivables.credit import credit_of


@require_GET
@allow("projects.view_invoiceproposal")
def proposals(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, PROPOSALS, proposals_listed())


@require_http_methods(["GET", "POST"])
@allow("projects.add_invoiceproposal")
def propose(request: HttpRequest) -> HttpResponse:
    """Choose posted work, see what it would be invoiced for, and make the proposals as a run."""
    asked = request.POST if request.method == "POST" else request.GET
    form = ProposeForm(asked.copy())
    form.data.setdefault("invoice_date", company_today().isoformat())
    if not form.is_valid():
        return page(request, "projects/propose.html", {"form": form, "preview": []}, status=422)
    cleaned = form.parameters
    if request.method == "POST":
        run = start_run("make_proposals", by=request.user, parameters=cleaned)
        return redirect("core:run", run.pk)
    preview = [
        *expected_invoices(chosen_work(cleaned), cleaned["grouping"]),
        *expected_credits(chosen_credits(cleaned)),
    ]
    return page(request, "projects/propose.html", {"form": form, "preview": preview})


@require_GET
@allow("projects.view_invoiceproposal")
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, number)


def show(request: HttpRequest, number: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The proposal as it stands; after a refusal with its sentence above."""
    found = get_object_or_404(
        InvoiceProposal.objects.select_related(
            "customer__payment_term", "project", "currency", "run", "made_by", "credits__currency"
        ).prefetch_related(*CREDITED),
        number=number,
    )
    lines = list(
        found.lines.select_related(
            "transaction__worker", "transaction__item", "transaction__unit", "tax_code"
        )
    )
    taxes, sums = sums_of(found, lines)
    sees_cost = request.user.has_perm("projects.view_transaction")
    for line in lines:
        line.why = why_price(line, sees_cost=sees_cost)  # type: ignore[attr-defined]
    context = {
        "proposal": found,
        "subject": subject_of(found),
        "title": found.number,
        "subtitle": " · ".join(str(part) for part in (found.customer, found.project) if part),
        "badges": [
            {"label": found.get_status_display(), "tone": PROPOSAL_TONES[found.status]},
            {"label": found.get_kind_display(), "tone": KIND_TONES[found.kind]},
        ],
        "facts": facts_of(found),
        "lines": lines,
        "taxes": taxes,
        "sums": sums,
        "invoice": getattr(found, "invoice", None),
        "is_draft": found.status == ProposalStatus.DRAFT,
        "may_change": found.status == ProposalStatus.DRAFT
        and request.user.has_perm("projects.change_invoiceproposal"),
        "problem": problem,
        "remark": dated_before_its_work(found, lines),
        "awaits": why_not_own(found, request.user)
        if found.status == ProposalStatus.DRAFT and is_credit_approved()
        else None,
        "credit": credit_of(found.customer_id, company_today()),
    }
    if context["may_change"] and not found.credits_id:
        context["can_deduct"] = open_on_account(projects_of(found)).exists()
    return page(request, "projects/proposal.html", context, status=status)


def dated_before_its_work(proposal: InvoiceProposal, lines: list[ProposalLine]) -> str:
    """That a draft asks for work done after its date, or nothing; fees may be asked for ahead, credits ask for none."""
    days = [
        line.transaction.executed_on
        for line in lines
        if line.transaction.kind != LineKind.FEE and not line.credits_id
    ]
    if proposal.status != ProposalStatus.DRAFT or not days or max(days) <= proposal.invoice_date:
        return ""
    return _("The invoice is dated %(on)s, before its work: the last was done on %(last)s.") % {
        "on": moment(proposal.invoice_date),
        "last": moment(max(days)),
    }


def why_price(line: ProposalLine, *, sees_cost: bool) -> list[tuple[str, list[str]]]:
    """Why a line has its price; nothing for what is given back or deducted, which has that of its invoice."""
    if line.credits_id or line.is_deduction:
        return []
    reason, price = line.transaction.price_reason, line.price
    if price != line.transaction.sales_price:
        reason = reason | {"sales": {"by_hand": True}}
    return explain_both(reason, sees_cost=sees_cost)


def sums_of(found: InvoiceProposal, lines: Sequence[ProposalLine]) -> tuple[list[Any], dict[str, Any]]:
    """The taxes by rate and the totals, as posting would have them."""
    if found.credits and found.status == ProposalStatus.DRAFT:
        document = credit_document(
            found, lines, home_digits=company().currency.digits, key=0, line_keys=count()
        )
        note = document.invoice
        taxes = [TaxOfRate(row.code, row.percent, row.base, row.tax) for row in document.taxes]
        return taxes, {"net": note.net, "tax": note.tax, "gross": note.gross}
    rates = taxes_of(lines, {line.tax_code_id: line.tax_code for line in lines}, found.currency.digits)
    net, tax = sum((line.net for line in lines), ZERO), sum((row.tax for row in rates), ZERO)
    return list(rates), {"net": net, "tax": tax, "gross": net + tax}


def facts_of(found: InvoiceProposal) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [
        (_("Invoiced to"), found.customer, reverse("masterdata:customer", args=[found.customer.number])),
        (_("Invoice date"), found.invoice_date),
        (_("Payment term"), found.customer.payment_term),
        (_("Currency"), found.currency.code),
        (_("Made by"), found.made_by or _("System")),
    ]
    if found.project:
        facts.insert(
            1, (_("Project"), found.project, reverse("projects:project", args=[found.project.number]))
        )
        facts.append((_("Customer's order number"), found.project.purchase_order))
    if found.credits:
        url = reverse("projects:invoice", args=[found.credits.number])
        facts.append((_("Credits"), found.credits.number, url))
        facts.append((_("Reason"), found.text))
        if found.rebill:
            facts.append((_("Afterwards"), _("The work can be invoiced once more.")))
    if found.run:
        facts.append((_("Run"), found.run.pk, reverse("core:run", args=[found.run.pk])))
    return facts


def worked(request: HttpRequest, number: str, work: Callable[[int], Any], done: str) -> HttpResponse:
    """Do `work` with the version the page was read at; a refusal shows the proposal as it stands, with the sentence."""
    try:
        work(version_of(request))
    except Refused as refusal:
        return show(request, number, problem=str(refusal), status=status_of(refusal))
    messages.success(request, done)
    return redirect("projects:proposal", number)


def line_in(number: str, pk: int) -> ProposalLine:
    return get_object_or_404(ProposalLine, pk=pk, proposal__number=number)


@require_POST
@allow("projects.change_invoiceproposal")
def line_change(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    line = line_in(number, pk)
    form = LineForm(request.POST)
    if not form.is_valid():
        problem = " ".join(f"{form[name].label}: {' '.join(errors)}" for name, errors in form.errors.items())
        return show(request, number, problem=problem, status=422)
    return worked(
        request,
        number,
        lambda version: operations.change_line(
            line.pk, version=version, by=request.user, **form.cleaned_data
        ),
        _("The line is changed."),
    )


@require_POST
@allow("projects.change_invoiceproposal")
def line_drop(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    line = line_in(number, pk)
    return worked(
        request,
        number,
        lambda version: operations.drop_line(line.pk, version=version, by=request.user, at=timezone.now()),
        _("The line is dropped, and what was posted for it is taken back.")
        if line.is_added
        else _("The line is dropped; its work can be proposed again."),
    )


@require_POST
@allow("projects.change_invoiceproposal")
def proposal_date(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(InvoiceProposal, number=number)
    form = DateForm(request.POST)
    if not form.is_valid():
        return show(request, number, problem=" ".join(form.errors.get("invoice_date", [])), status=422)
    on = form.cleaned_data["invoice_date"]
    return worked(
        request,
        number,
        lambda version: operations.change_invoice_date(found.pk, version=version, on=on, by=request.user),
        _("The invoice date is changed."),
    )


@require_POST
@allow("projects.delete_invoiceproposal")
def proposal_delete(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(InvoiceProposal, number=number)
    return worked(
        request,
        number,
        lambda version: operations.delete_proposal(
            found.pk, version=version, by=request.user, at=timezone.now()
        ),
        _("The proposal is deleted; its work can be proposed again."),
    )


@require_POST
@allow("projects.add_invoice")
def proposal_post(request: HttpRequest, number: str) -> HttpResponse:
    """Post the proposal and show its invoice; whoever comes second is shown the invoice too."""
    found = get_object_or_404(InvoiceProposal, number=number)
    try:
        invoice = operations.post_proposal(
            found.pk, version=version_of(request), by=request.user, at=timezone.now()
        )
    except Refused as refusal:
        posted = InvoiceProposal.objects.filter(pk=found.pk, status=ProposalStatus.POSTED).first()
        if posted:
            messages.info(request, str(refusal))
            return redirect("projects:invoice", posted.invoice.number)
        return show(request, number, problem=str(refusal), status=status_of(refusal))
    messages.success(request, _("%(number)s is posted.") % {"number": invoice.number})
    return redirect("projects:invoice", invoice.number)


@require_POST
@allow("projects.add_invoice")
def post_ticked(request: HttpRequest) -> HttpResponse:
    """Post the ticked drafts as a run."""
    keys = ticked(request)
    drafts = InvoiceProposal.objects.filter(pk__in=keys, status=ProposalStatus.DRAFT)
    chosen = sorted(drafts.values_list("pk", flat=True))
    if not chosen:
        messages.error(request, _("Tick the drafts to post."))
        return redirect(next_url(request, reverse("projects:proposals")))
    run = start_run("post_invoices", by=request.user, parameters={"proposals": chosen})
    return redirect("core:run", run.pk)
