"""Posting proposals: the invoice, its voucher and the work it invoices, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run, User
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.ledger.models import TaxCode
from servicemgmt.masterdata.queries import Rates, company

from ..accruals.deferring import barred
from ..billing.approval import is_credit_approved, why_not_own
from ..billing.crediting import CREDITED, credit_document, given_back
from ..billing.invoicing import Document, check_reverse_charge, document_of
from ..billing.lines import Proposed, lines_of
from ..models import Invoice, InvoiceLine, InvoiceProposal, ProposalStatus
from .proposals import kind_of, locked_draft
from .writing import tell_documents, write_documents


@dataclass(slots=True)
class Posted:
    """What posting proposals gave: the invoices, and for each proposal that was refused the sentence why."""

    invoices: list[Invoice] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def post_proposal(proposal_id: int, *, version: int, by: User | None, at: datetime) -> Invoice:
    """Post one reviewed proposal; returns its invoice with a gapless number.

    Raises Stale where the proposal was changed since `version`, and Refused where it is posted or deleted already, has
    no lines, lacks an exchange rate on its date, lies in a closed period (unless its voucher moves, by setting), misses
    an account, charges in reverse who has no VAT number or is a credit note of `by`'s own that another has to post.
    """
    locked_draft(proposal_id, version)
    posted = post_proposals([proposal_id], by=by, at=at)
    if posted.refused:
        raise Refused(posted.refused[proposal_id])
    return posted.invoices[0]


@transaction.atomic
def post_proposals(
    proposal_ids: Collection[int], *, by: User | None, at: datetime, run: Run | None = None
) -> Posted:
    """Post many drafts, whatever their version.

    Whoever is posted or deleted already, has no lines, no exchange rate or no open period is left alone with a
    sentence; all else is posted, or nothing where the database or the posting profile refuses. Numbers are taken when
    every document is ready: per sequence and year in one order, the vouchers' last. A worker archives the PDFs.
    """
    posted = Posted()
    firm = company()
    documents: list[Document] = []
    proposals = _drafts(proposal_ids, posted)
    earlier = _given_back(proposals)
    lines = _lines_of(proposals)
    codes = TaxCode.objects.in_bulk({line.tax_code_id for rows in lines.values() for line in rows})
    refusals = barred(lines)
    calendar, rates, approved = LedgerDays.read(), Rates(), is_credit_approved()
    keys = iter(take_keys(Invoice, len(proposals)))
    line_keys = iter(take_keys(InvoiceLine, sum(map(len, lines.values()))))
    for proposal in proposals:
        try:
            of_proposal = lines.get(proposal.pk, [])
            rate = _rate(proposal, of_proposal, calendar, rates)
            if proposal.pk in refusals:
                raise Refused(refusals[proposal.pk])
            if not proposal.credits:
                proposal.kind = kind_of(of_proposal)
            if approved and (sentence := why_not_own(proposal, by)):
                raise Refused(sentence)
            if not proposal.credits:
                check_reverse_charge(proposal, of_proposal, codes)
        except Refused as refusal:
            posted.refused[proposal.pk] = f"{proposal.number}: {refusal}"
            continue
        if proposal.credits:
            document = credit_document(
                proposal,
                of_proposal,
                home_digits=firm.currency.digits,
                key=next(keys),
                line_keys=line_keys,
                earlier=earlier[proposal.credits.pk],
            )
            earlier[proposal.credits.pk] = document.given_back
        else:
            document = document_of(
                proposal, of_proposal, firm, codes, rate=rate, key=next(keys), line_keys=line_keys
            )
        document.invoice.run = run
        documents.append(document)
    write_documents(documents, home_digits=firm.currency.digits, by=by, at=at)
    tell_documents(documents, by=by, run=run)
    posted.invoices = [document.invoice for document in documents]
    return posted


def _drafts(proposal_ids: Collection[int], posted: Posted) -> list[InvoiceProposal]:
    """The drafts among them, under lock; a note for those that are none any more."""
    rows = (
        InvoiceProposal.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=proposal_ids)
        .select_related("customer", "project")
        .prefetch_related("currency", "customer__payment_term", *CREDITED)
        .order_by("pk")
    )
    drafts = []
    for row in rows:
        if row.status == ProposalStatus.DRAFT:
            drafts.append(row)
        else:
            posted.refused[row.pk] = _("%(proposal)s is not a draft: it is %(status)s.") % {
                "proposal": row.number,
                "status": row.get_status_display().lower(),
            }
    return drafts


def _given_back(proposals: Sequence[InvoiceProposal]) -> dict[int, Mapping[int, Decimal]]:
    """What was given back so far of the invoices that are credited now, by invoice; locks them."""
    keys = {proposal.credits_id for proposal in proposals if proposal.credits_id}
    if not keys:
        return {}
    rows = Invoice.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return {**given_back(list(rows.values_list("pk", flat=True)))}


def _lines_of(proposals: Sequence[InvoiceProposal]) -> dict[int, list[Proposed]]:
    rows = lines_of([proposal.pk for proposal in proposals])
    return {key: list(group) for key, group in groupby(rows, key=lambda line: line.proposal_id)}


def _rate(
    proposal: InvoiceProposal, lines: Sequence[Proposed], calendar: LedgerDays, rates: Rates
) -> Decimal:
    """The day's rate of a proposal that can be posted; Refused where it cannot."""
    if not lines:
        raise Refused(_("It has no lines."))
    calendar.of(proposal.invoice_date)
    if proposal.credits:
        return proposal.credits.exchange_rate
    return rates.on(proposal.currency, proposal.invoice_date)
