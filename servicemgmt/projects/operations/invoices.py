"""Posting proposals: the invoice, its voucher and the work it invoices, in one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, plain, record_each, subject_of
from servicemgmt.core.bulk import check_early, insert_rows, insert_values, take_keys, update_rows
from servicemgmt.core.documents import keep_later
from servicemgmt.core.errors import Refused, refusing
from servicemgmt.core.models import Run, User
from servicemgmt.core.numbers import take_numbers
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.ledger.models import Account, TaxCode, Voucher
from servicemgmt.ledger.operations import VoucherDraft, ready_vouchers, write_vouchers
from servicemgmt.masterdata.queries import Rates, company

from ..accruals.deferring import Deferrals, barred, plan_deferrals, write_deferrals
from ..billing.approval import is_credit_approved, why_not_own
from ..billing.crediting import CREDITED, credit_document, credit_voucher_lines, given_back, takes_back_whole
from ..billing.invoicing import Document, check_reverse_charge, document_of, voucher_lines
from ..billing.lines import STORED, TAX_STORED, Proposed, lines_of
from ..billing.on_account import accounts_of
from ..models import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceProposal,
    InvoiceTax,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from .mailing import mail_invoices
from .on_account import over_deducted, settle_on_account
from .proposals import kind_of, locked_draft
from .settlements import lock_credited, open_items
from .status import move_each, move_transactions

#: What an Event tells of one of many: its subject, label and changes.
type Told = tuple[str, str, Changes]
#: The number sequences of documents: gapless per year of the document's date (billing-rules 64).
SEQUENCES: dict[str, str] = {InvoiceKind.INVOICE: "invoice", InvoiceKind.CREDIT_NOTE: "credit_note"}


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
    _write(documents, home_digits=firm.currency.digits, by=by, at=at)
    _tell(documents, by=by, run=run)
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


def _write(documents: Sequence[Document], *, home_digits: int, by: User | None, at: datetime) -> None:
    """Insert the documents, move what they invoice, and take all numbers last."""
    if not documents:
        return
    for document, key in zip(documents, take_keys(Voucher, len(documents)), strict=True):
        document.invoice.voucher_id = key
        document.invoice.posted_at, document.invoice.posted_by = at, by
        proposal = document.invoice.proposal
        assert proposal
        proposal.status = ProposalStatus.POSTED
        proposal.version += 1
    _move_work(documents)
    update_rows([d.invoice.proposal for d in documents if d.invoice.proposal], ["status", "kind", "version"])
    lines = [line for document in documents for line in document.lines]
    with refusing(invoiceline_on_account_within_open=over_deducted()):
        insert_values(InvoiceLine, STORED, (line[: len(STORED)] for line in lines))
    taxes = (tax for document in documents for tax in document.taxes)
    insert_values(InvoiceTax, TAX_STORED, (tax[: len(TAX_STORED)] for tax in taxes))
    deferrals = plan_deferrals(documents, home_digits=home_digits)
    write_deferrals(deferrals)
    lock_credited(document.invoice for document in documents)
    check_early(Transaction, InvoiceProposal, InvoiceLine, InvoiceTax, but=[Invoice, Voucher])
    give_numbers([document.invoice for document in documents])
    insert_rows([document.invoice for document in documents])
    on_account = accounts_of({line.on_account_id for line in lines if line.on_account_id and line.deducts})
    drafts = [*(_voucher(document, deferrals, on_account) for document in documents), *deferrals.drafts()]
    posted_on = {row.id: row.posted_on for row in write_vouchers([ready_vouchers(drafts, by=by)])}
    settle_on_account(lines, by=by)
    open_items([document.invoice for document in documents], posted_on, by=by)
    mail_invoices([document.invoice for document in documents], by=by, at=at)
    keep_later("invoice", [document.invoice.pk for document in documents])


def _tell(documents: Sequence[Document], *, by: User | None, run: Run | None) -> None:
    """The Events of what was posted, in a number of statements that does not grow with them."""
    invoices: list[Told] = []
    notes: list[Told] = []
    credited: list[Told] = []
    proposals: list[Told] = []
    for document in documents:
        invoice = document.invoice
        proposal, subject = invoice.proposal, subject_of(invoice)
        assert proposal
        proposals.append((subject_of(proposal), proposal.number, {"invoice": [None, invoice.number]}))
        if not invoice.credits:
            invoices.append((subject, invoice.number, {"proposal": [None, proposal.number]}))
            continue
        source = invoice.credits
        told: Changes = {
            "credit_note": [None, invoice.number],
            "text": ["", invoice.text],
            "gross": [None, plain(invoice.gross)],
        }
        credited.append((subject_of(source), source.number, told))
        notes.append((subject, invoice.number, {"credits": [None, source.number]}))
    for action, rows in (
        ("invoice_posted", invoices),
        ("credit_note_posted", notes),
        ("invoice_credited", credited),
        ("proposal_posted", proposals),
    ):
        if rows:
            record_each(action, rows, by=by, run=run)


def _move_work(documents: Sequence[Document]) -> None:
    """What is invoiced becomes INVOICED; what is credited whole is done with, or waits to be invoiced once more."""
    invoiced: dict[int, int] = {}
    part: list[int] = []
    whole: list[int] = []
    again: list[int] = []
    for document in documents:
        note = document.invoice
        if not note.credits:
            invoiced |= {line.transaction_id: note.pk for line in document.lines}
            continue
        for line in document.lines:
            assert line.credits_id
            is_whole = document.given_back[line.credits_id] == line.credited
            (whole if is_whole else part).append(line.transaction_id)
            if is_whole and note.proposal and note.proposal.rebill:
                again.append(line.transaction_id)
    move_each(invoiced, to=TransactionStatus.INVOICED, field="invoice")
    move_transactions(part, to=TransactionStatus.INVOICED)
    move_transactions(whole, to=TransactionStatus.CREDITED)
    move_transactions(again, to=TransactionStatus.POSTED, proposal=None, invoice=None)


def give_numbers(invoices: Iterable[Invoice]) -> None:
    """Number documents by sequence and year, in the same order always, so that postings never lock in a circle."""

    def block(invoice: Invoice) -> tuple[str, int]:
        return SEQUENCES[invoice.kind], invoice.invoice_date.year

    for (sequence, year), group in groupby(
        sorted(invoices, key=lambda i: (*block(i), i.invoice_date, i.pk)), key=block
    ):
        rows = list(group)
        numbers = take_numbers(sequence, len(rows), on=date(year, 1, 1))
        for invoice, number in zip(rows, numbers, strict=True):
            invoice.number = number


def _voucher(document: Document, deferrals: Deferrals, on_account: Mapping[int, Account]) -> VoucherDraft:
    invoice = document.invoice
    names = {"number": invoice.number, "customer": invoice.customer.name}
    if invoice.credits:
        names["invoice"] = invoice.credits.number
        text = _("Credit note %(number)s for %(invoice)s")
    elif invoice.kind == InvoiceKind.INVOICE:
        text = _("Invoice %(number)s, %(customer)s")
    else:
        text = _("Credit note %(number)s, %(customer)s")
    lines = credit_voucher_lines(document) if invoice.credits else voucher_lines(document, on_account)
    return VoucherDraft(
        on=invoice.invoice_date,
        text=text % names,
        source="invoices",
        currency=invoice.currency,
        lines=lines + deferrals.of(document),
        subject=subject_of(invoice),
        label=invoice.number,
        key=invoice.voucher_id,
        reverses=invoice.credits.voucher if invoice.credits and takes_back_whole(document) else None,
    )
