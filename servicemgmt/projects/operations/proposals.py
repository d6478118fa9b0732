"""Invoice proposals (PR-13): made from posted work, reviewed, changed and dropped again."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, record, record_each, subject_of
from servicemgmt.core.bulk import insert_rows, insert_values, take_keys
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Run, User
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.core.numbers import take_numbers
from servicemgmt.ledger.queries import TaxFound, TaxMatrix
from servicemgmt.masterdata.models import CustomerTaxGroup, ItemTaxGroup

from ..billing.grouping import group_key
from ..billing.invoicing import tax_day
from ..billing.lines import NewLine, Proposed, Work, work_of
from ..models import (
    InvoiceKind,
    InvoiceProposal,
    ProposalLine,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from ..pricing.discounts import discount_in, warranty_in
from .reversing import reverse_transactions
from .status import move_each, move_transactions

#: The number sequence of proposals.
SEQUENCE = "proposal"


@transaction.atomic
def make_proposals(
    transactions: Iterable[Transaction],
    *,
    invoice_date: date,
    by: User | None,
    at: datetime,
    run: Run | None = None,
    grouping: str = "",
) -> list[InvoiceProposal]:
    """Put what can be invoiced of these transactions into proposals: one per invoiced customer, currency and rule.

    The rule is the customer's own (`one_invoice_per`), unless `grouping` names another (see `grouping.group_key`).

    Takes charged ones that are posted and in no proposal yet (PR-13); others are left alone, so that two people who
    propose the same work make one proposal. The tax of each line is found at its tax date. A proposal whose sum is
    below zero will be a credit note. Raises Refused where nothing can be invoiced (without a run) or the tax matrix
    has no cell.
    """
    rows = work_of(_locked(transactions))
    if not rows:
        if run:
            return []
        raise Refused(
            _("There is nothing to invoice: no charged work that is posted and in no proposal yet.")
        )
    of_row = {row.pk: group_key(row._asdict(), grouping) for row in rows}
    rows.sort(key=lambda row: (of_row[row.pk], row.executed_on, row.pk))
    groups = [list(group) for _key, group in groupby(rows, key=lambda row: of_row[row.pk])]
    numbers = take_numbers(SEQUENCE, len(groups))
    keys = take_keys(InvoiceProposal, len(groups))
    proposals = [
        _proposal(group, number, key, of_row[group[0].pk], invoice_date=invoice_date, by=by, run=run)
        for group, number, key in zip(groups, numbers, keys, strict=True)
    ]
    lines = _lines(groups, proposals, invoice_date)
    for proposal, of_proposal in zip(proposals, lines, strict=True):
        proposal.kind = kind_of(of_proposal)
    insert_rows(proposals)
    insert_values(ProposalLine, NewLine._fields, (line for of_proposal in lines for line in of_proposal))
    owners = {row.pk: proposal.pk for proposal, group in zip(proposals, groups, strict=True) for row in group}
    move_each(owners, to=TransactionStatus.IN_PROPOSAL, field="proposal")
    record_each(
        "proposal_made",
        (
            (subject_of(proposal), proposal.number, {"lines": [None, len(group)]})
            for proposal, group in zip(proposals, groups, strict=True)
        ),
        by=by,
        run=run,
    )
    return proposals


def kind_of(lines: Iterable[ProposalLine | Proposed | NewLine]) -> str:
    """Below zero in sum it is a credit note (SB-12), else an invoice."""
    net = sum((line.net for line in lines), ZERO)
    return InvoiceKind.CREDIT_NOTE if net < 0 else InvoiceKind.INVOICE


@transaction.atomic
def change_line(
    line_id: int, *, version: int, price: Decimal, by: User | None, text: str | None = None
) -> InvoiceProposal:
    """Invoice a line at another price (and under another text); the amount is quantity × price, rounded once.

    `version` is the proposal's. The posted transaction keeps its own price. Raises Stale, Refused where the proposal
    is not a draft or the line a credit's (PR-13), Invalid for a price below zero.
    """
    line = ProposalLine.objects.select_related("transaction").get(pk=line_id)
    proposal = locked_draft(line.proposal_id, version)
    if line.credits_id:
        raise Refused(_("A credit copies what was invoiced. Drop the line and credit another amount."))
    if line.is_deduction:
        raise Refused(_("Drop the line and deduct another amount."))
    if price < 0:
        raise Invalid(_("Enter a price of zero or more."), field="price")
    before = [plain(line.price), line.text]
    line.price, line.net = price, round_money(line.quantity * price, proposal.currency.digits)
    line.text = (text or line.text)[:250]
    if plain(price) != before[0]:
        line.list_price = line.discount = None  # the price is another than the discounted one
    line.save(update_fields=["price", "net", "text", "list_price", "discount"])
    changes = {"line": [None, line.text], "price": [before[0], plain(price)]}
    if before[1] != line.text:
        changes["text"] = [before[1], line.text]
    return touched(proposal, "proposal_line_changed", by, changes)


@transaction.atomic
def drop_line(line_id: int, *, version: int, by: User | None, at: datetime) -> InvoiceProposal:
    """Take a line out of a draft; its work can be proposed again. With its last line the proposal is deleted.

    What was added to the proposal is taken back on the invoice date. Raises Stale, and Refused where the proposal is
    not a draft, or something is to be taken back in a closed period.
    """
    line = ProposalLine.objects.select_related("transaction").get(pk=line_id)
    proposal = locked_draft(line.proposal_id, version)
    _release(proposal, [line], by=by, at=at)
    changes: dict[str, list[object]] = {"line": [line.text, None], "net": [plain(line.net), None]}
    line.delete()
    if not proposal.lines.exists():
        proposal.status = ProposalStatus.DELETED
    return touched(proposal, "proposal_line_dropped", by, changes)


@transaction.atomic
def change_invoice_date(proposal_id: int, *, version: int, on: date, by: User | None) -> InvoiceProposal:
    """Date the invoice otherwise. Its exchange rate and due date follow; taxes stand at their own dates."""
    proposal = locked_draft(proposal_id, version)
    if proposal.credits and on < proposal.credits.invoice_date:
        raise Invalid(_("The credit note cannot be dated before its invoice."), field="invoice_date")
    changes = {"invoice_date": [plain(proposal.invoice_date), plain(on)]}
    proposal.invoice_date = on
    return touched(proposal, "proposal_dated", by, changes)


@transaction.atomic
def delete_proposal(proposal_id: int, *, version: int, by: User | None, at: datetime) -> InvoiceProposal:
    """Throw a draft away; its work can be proposed again (billing-rules 9), what was added to it is taken back.

    Raises Stale, and Refused where it is posted.
    """
    proposal = locked_draft(proposal_id, version)
    lines = list(proposal.lines.select_related("transaction"))
    _release(proposal, lines, by=by, at=at)
    proposal.lines.all().delete()
    proposal.status = ProposalStatus.DELETED
    return touched(proposal, "proposal_deleted", by, {"lines": [len(lines), 0]})


def _release(
    proposal: InvoiceProposal, lines: Sequence[ProposalLine], *, by: User | None, at: datetime
) -> None:
    """Give the work of a draft back to where it came from; what was made for the draft is reversed."""
    keys = [line.transaction_id for line in lines]
    if proposal.credits_id:
        move_transactions(keys, to=TransactionStatus.INVOICED)
        return
    move_transactions(keys, to=TransactionStatus.POSTED, proposal=None)
    if added := [line.transaction for line in lines if line.is_added]:
        reverse_transactions(added, on=proposal.invoice_date, by=by, at=at)


def locked_draft(proposal_id: int, version: int) -> InvoiceProposal:
    """The proposal under its lock. Raises Refused where it is no draft (any more), Stale for an old version."""
    proposal = (
        InvoiceProposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("currency", "customer__payment_term", "project", "credits")
        .get(pk=proposal_id)
    )
    if proposal.status == ProposalStatus.POSTED:
        raise Refused(
            _("%(proposal)s is posted already as %(invoice)s.")
            % {"proposal": proposal.number, "invoice": proposal.invoice.number}
        )
    if proposal.status == ProposalStatus.DELETED:
        raise Refused(_("%(proposal)s was deleted.") % {"proposal": proposal.number})
    if proposal.version != version:
        raise Stale(_("Somebody else changed this proposal meanwhile. This is how it stands now."))
    return proposal


def _locked(transactions: Iterable[Transaction]) -> list[int]:
    """The keys of what can be invoiced of them, under lock."""
    asked = (
        transactions.order_by().values_list("pk", flat=True)
        if isinstance(transactions, QuerySet)
        else (row.pk for row in transactions)
    )
    found = Transaction.objects.to_invoice().filter(pk__any_of=list(asked)).order_by("pk")
    return list(found.select_for_update(no_key=True).values_list("pk", flat=True))


def _proposal(
    group: Sequence[Work],
    number: str,
    key: int,
    group_key: str,
    *,
    invoice_date: date,
    by: User | None,
    run: Run | None,
) -> InvoiceProposal:
    row, projects = group[0], {row.of_project for row in group}
    return InvoiceProposal(
        pk=key,
        number=number,
        customer_id=row.payer,
        project_id=row.of_project if len(projects) == 1 else None,
        currency_id=row.money,
        invoice_date=invoice_date,
        group_key=group_key[:60],
        run=run,
        made_by=by,
    )


def _lines(
    groups: Sequence[Sequence[Work]], proposals: Sequence[InvoiceProposal], invoice_date: date
) -> list[list[NewLine]]:
    taxes = Taxes([row for group in groups for row in group])
    return [
        [line_of(row, proposal.pk, taxes, invoice_date) for row in group]
        for group, proposal in zip(groups, proposals, strict=True)
    ]


class Taxes:
    """The tax matrix for some work, each cell found once."""

    def __init__(self, rows: Sequence[Work]) -> None:
        self.customers = CustomerTaxGroup.objects.in_bulk({row.payer_tax_group for row in rows})
        self.items = ItemTaxGroup.objects.in_bulk({row.tax_group_id for row in rows})
        self.matrix = TaxMatrix(self.customers, self.items)

    def of(self, row: Work, on: date) -> TaxFound:
        """Raises Refused where the matrix has no cell or the code no rate on that day."""
        return self.matrix.find(self.customers[row.payer_tax_group], self.items[row.tax_group_id], on)


def line_of(row: Work, proposal: int, taxes: Taxes, invoice_date: date) -> NewLine:
    """The line of a transaction in a proposal, with the tax of its tax date; not saved yet."""
    day, why = tax_day(row, invoice_date)
    list_price, discount = discount_in(row.price_reason, row.sales_price)
    tax = taxes.of(row, day)
    return NewLine(
        proposal_id=proposal,
        transaction_id=row.pk,
        on_account_id=row.on_account_id,
        is_added=False,
        text=_text(row),
        quantity=row.quantity,
        price=row.sales_price,
        list_price=list_price,
        discount=discount,
        net=row.sales_amount,
        tax_code_id=tax.code.pk,
        tax_percent=tax.percent,
        tax_reason=f"{tax.reason} ({why})"[:160],
    )


def _text(row: Work) -> str:
    """What the work is, and the warranty that bears a share of it."""
    return " – ".join(filter(None, [row.text or row.category_text, warranty_in(row.price_reason)]))[:250]


def touched(
    proposal: InvoiceProposal, action: str, by: User | None, changes: dict[str, list[object]]
) -> InvoiceProposal:
    """Save a draft after a change of it or of its lines, with its next version, and record it."""
    proposal.kind = kind_of(list(proposal.lines.all()))
    proposal.version += 1
    proposal.save(update_fields=["kind", "status", "invoice_date", "version"])
    record(action, proposal, by=by, changes=changes)
    return proposal
