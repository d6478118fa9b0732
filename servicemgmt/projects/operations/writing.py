"""Writing the documents that posting made ready: their rows, numbers, vouchers, items and Events."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, plain, record_each, subject_of
from servicemgmt.core.bulk import check_early, insert_rows, insert_values, take_keys, update_rows
from servicemgmt.core.documents import keep_later
from servicemgmt.core.errors import refusing
from servicemgmt.core.models import Run, User
from servicemgmt.core.numbers import take_numbers
from servicemgmt.ledger.models import Account, Voucher
from servicemgmt.ledger.operations import VoucherDraft, ready_vouchers, write_vouchers

from ..accruals.deferring import Deferrals, plan_deferrals, write_deferrals
from ..billing.crediting import credit_voucher_lines, takes_back_whole
from ..billing.invoicing import Document, voucher_lines
from ..billing.lines import STORED, TAX_STORED
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
from .settlements import lock_credited, open_items
from .status import move_each, move_transactions

#: What an Event tells of one of many: its subject, label and changes.
type Told = tuple[str, str, Changes]
#: The number sequences of documents: gapless per year of the document's date (billing-rules 64).
SEQUENCES: dict[str, str] = {InvoiceKind.INVOICE: "invoice", InvoiceKind.CREDIT_NOTE: "credit_note"}


def write_documents(
    documents: Sequence[Document], *, home_digits: int, by: User | None, at: datetime
) -> None:
    """Insert documents whose amounts are final, move what they invoice, and take all numbers last (billing-rules 64).

    To be called once for all of a transaction: the number of statements does not grow with the documents. `home_digits`
    are the decimals of the company's currency. Raises Refused where an account is missing or more
    is deducted than was paid on account.
    """
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
    _give_numbers([document.invoice for document in documents])
    insert_rows([document.invoice for document in documents])
    on_account = accounts_of({line.on_account_id for line in lines if line.on_account_id and line.deducts})
    drafts = [*(_voucher(document, deferrals, on_account) for document in documents), *deferrals.drafts()]
    posted_on = {row.id: row.posted_on for row in write_vouchers([ready_vouchers(drafts, by=by)])}
    settle_on_account(lines, by=by)
    open_items([document.invoice for document in documents], posted_on, by=by)
    mail_invoices([document.invoice for document in documents], by=by, at=at)
    keep_later("invoice", [document.invoice.pk for document in documents])


def tell_documents(documents: Sequence[Document], *, by: User | None, run: Run | None) -> None:
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


def _give_numbers(invoices: Iterable[Invoice]) -> None:
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
