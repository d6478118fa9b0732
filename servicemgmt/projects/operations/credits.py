"""Credits (PR-15): what was invoiced is given back, in whole or in part, by proposals that credit one invoice."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import record, record_each, subject_of
from servicemgmt.core.display import money
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Run, User
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.core.numbers import take_numbers

from ..accruals.deferring import unreversed
from ..billing.crediting import given_back
from ..models import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceProposal,
    ProposalLine,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from .invoices import post_proposals
from .on_account import check_credited_on_account
from .proposals import SEQUENCE
from .status import move_transactions


@transaction.atomic
def credit_invoice(
    invoice_id: int,
    *,
    on: date,
    by: User | None,
    at: datetime,
    text: str = "",
    amounts: Mapping[int, Decimal] | None = None,
    rebill: bool = False,
) -> Invoice:
    """Propose a credit and post it at once; returns the credit note. See `propose_credit`.

    Raises what that raises, and Refused where `on` lies in a closed period (or moves the voucher, by setting) and where
    credit notes need a second person: whoever may be that first person asks for the draft.
    """
    proposal = propose_credit(invoice_id, on=on, by=by, at=at, text=text, amounts=amounts, rebill=rebill)
    posted = post_proposals([proposal.pk], by=by, at=at)
    if posted.refused:
        # The proposal goes with the refusal: nobody ever sees its number.
        raise Refused(posted.refused[proposal.pk].removeprefix(f"{proposal.number}: "))
    return posted.invoices[0]


@transaction.atomic
def propose_credit(
    invoice_id: int,
    *,
    on: date,
    by: User | None,
    at: datetime,
    text: str = "",
    amounts: Mapping[int, Decimal] | None = None,
    rebill: bool = False,
    run: Run | None = None,
) -> InvoiceProposal:
    """A draft credit note of a posted invoice dated `on`; posting it copies amounts and never reckons anew.

    `amounts` is the net to give back by the key of the invoice line, of the line's sign and in the document's currency;
    without it all that is left is given back. Work that is given back whole becomes CREDITED and is not invoiced again
    (billing-rules 9), unless `rebill`, which puts it back among the work to invoice; a line given back in part stays
    INVOICED (billing-rules 62). Raises Refused where the invoice is a credit note, nothing of it is left or a draft
    credits one of the lines already; Invalid (fields `on`, `amounts`, `rebill`) for a date before the invoice's, more
    than is left, and lines in part that are to be invoiced again.
    """
    invoice = (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("currency", "customer", "project")
        .get(pk=invoice_id)
    )
    _check(invoice, on)
    left = left_of(invoice)
    if not left:
        raise _nothing_left(invoice)
    chosen = _chosen(invoice, left, amounts)
    lines = [line for line in invoice.lines.all() if line.pk in chosen]
    check_credited_on_account(lines, chosen)
    if rebill and any(chosen[line.pk] != line.net for line in lines):
        raise Invalid(_("Only whole lines can be invoiced once more."), field="rebill")
    for sentence in unreversed(line.pk for line in lines).values():
        raise Refused(sentence)
    proposal = InvoiceProposal.objects.create(
        number=take_numbers(SEQUENCE, 1)[0],
        kind=InvoiceKind.CREDIT_NOTE,
        customer=invoice.customer,
        project=invoice.project,
        currency=invoice.currency,
        invoice_date=on,
        credits=invoice,
        rebill=rebill,
        text=text[:160],
        run=run,
        made_by=by,
    )
    _select(invoice, lines)
    ProposalLine.objects.bulk_create(_line(proposal, line, chosen[line.pk]) for line in lines)
    record(
        "credit_proposed",
        proposal,
        by=by,
        run=run,
        changes={"credits": [None, invoice.number], "text": ["", text]},
    )
    return proposal


def left_of(invoice: Invoice) -> dict[int, Decimal]:
    """The net of the lines of an invoice that credit notes have not given back yet, by the line's key."""
    back, nets = given_back([invoice.pk])[invoice.pk], dict(invoice.lines.values_list("pk", "net"))
    return {
        key: net - back.get(key, ZERO) for key, net in nets.items() if key not in back or net != back[key]
    }


@transaction.atomic
def select_for_credit(transactions: Collection[int], *, by: User | None) -> int:
    """Mark invoiced work for a credit note (PR-15); a run of proposals with credit notes takes it from there.

    Returns how many. Raises Refused where one of them is not invoiced (any more).
    """
    rows = _ticked(
        transactions, TransactionStatus.INVOICED, _("“%(text)s” cannot be credited: it is %(status)s.")
    )
    if not rows:
        raise Refused(_("Tick what is to be credited."))
    move_transactions([row.pk for row in rows], to=TransactionStatus.SELECTED_FOR_CREDIT)
    _tell("selected_for_credit", rows, by)
    return len(rows)


@transaction.atomic
def do_not_credit(transactions: Collection[int], *, by: User | None) -> int:
    """Take the mark for a credit note back (PR-15); the work is invoiced as it was before.

    Returns how many. Raises Refused where one of them is not marked (any more) or stands in a draft credit.
    """
    rows = _ticked(
        transactions,
        TransactionStatus.SELECTED_FOR_CREDIT,
        _("“%(text)s” is not selected for a credit note: it is %(status)s."),
    )
    if not rows:
        raise Refused(_("Tick what is not to be credited."))
    held = ProposalLine.objects.filter(
        transaction__in=rows, credits__isnull=False, proposal__status=ProposalStatus.DRAFT
    )
    if line := held.select_related("proposal").order_by("pk").first():
        raise Refused(
            _("“%(text)s” stands in the draft %(proposal)s. Drop the line there, or delete the draft.")
            % {"text": line.text, "proposal": line.proposal.number}
        )
    move_transactions([row.pk for row in rows], to=TransactionStatus.INVOICED)
    _tell("deselected_for_credit", rows, by)
    return len(rows)


def _ticked(keys: Collection[int], status: str, otherwise: str) -> list[Transaction]:
    """These transactions under lock; Refused with the sentence where one has another status."""
    rows = list(
        Transaction.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=keys)
        .select_related("invoice", "category")
        .order_by("pk")
    )
    for row in rows:
        if row.status != status:
            text = row.text or row.category.description
            raise Refused(otherwise % {"text": text, "status": row.get_status_display().lower()})
    return rows


def _tell(action: str, rows: Iterable[Transaction], by: User | None) -> None:
    told = ((subject_of(row), row.text, {"invoice": [None, str(row.invoice)]}) for row in rows)
    record_each(action, told, by=by)


def _check(invoice: Invoice, on: date) -> None:
    if invoice.kind == InvoiceKind.CREDIT_NOTE:
        raise Refused(_("%(number)s is a credit note itself.") % {"number": invoice.number})
    if on < invoice.invoice_date:
        raise Invalid(_("The credit note cannot be dated before its invoice."), field="on")


def _nothing_left(invoice: Invoice) -> Refused:
    numbers = ", ".join(invoice.credit_notes.order_by("pk").values_list("number", flat=True))
    return Refused(
        _("%(invoice)s is credited already by %(note)s.") % {"invoice": invoice.number, "note": numbers}
    )


def _chosen(
    invoice: Invoice, left: Mapping[int, Decimal], amounts: Mapping[int, Decimal] | None
) -> dict[int, Decimal]:
    """What is given back of which lines."""
    if amounts is None:
        return dict(left)
    chosen = {}
    for key, amount in amounts.items():
        if key not in left:
            raise Invalid(_("That line is not on %(number)s.") % {"number": invoice.number}, field="amounts")
        if not amount and left[key]:
            continue
        if amount != round_money(amount, invoice.currency.digits):
            raise Invalid(_("Enter amounts with the currency's decimals."), field="amounts")
        if left[key] and amount * left[key] < 0:
            raise Invalid(_("Enter what is taken back with the sign that the line has."), field="amounts")
        if abs(amount) > abs(left[key]):
            raise Invalid(
                _("At most %(left)s can be credited of that line.")
                % {"left": money(left[key], invoice.currency)},
                field="amounts",
            )
        chosen[key] = amount
    if not chosen:
        raise Invalid(_("Choose what is credited."), field="amounts")
    return chosen


def _select(invoice: Invoice, lines: Collection[InvoiceLine]) -> None:
    """Hold the work for this credit; Refused where another draft holds it."""
    draft = (
        InvoiceProposal.objects.filter(
            lines__credits__in=[line.pk for line in lines], status=ProposalStatus.DRAFT
        )
        .order_by("pk")
        .first()
    )
    if draft:
        raise Refused(
            _("%(proposal)s credits %(invoice)s already: post or delete it first.")
            % {"proposal": draft.number, "invoice": invoice.number}
        )
    keys = {line.transaction_id for line in lines}
    invoiced = Transaction.objects.filter(pk__in=keys, status=TransactionStatus.INVOICED)
    move_transactions(list(invoiced.values_list("pk", flat=True)), to=TransactionStatus.SELECTED_FOR_CREDIT)
    if Transaction.objects.filter(pk__in=keys, status=TransactionStatus.SELECTED_FOR_CREDIT).count() != len(
        keys
    ):
        raise Refused(_("Somebody else credited a line meanwhile. Look at it again."))


def _line(proposal: InvoiceProposal, line: InvoiceLine, amount: Decimal) -> ProposalLine:
    return ProposalLine(
        proposal=proposal,
        transaction_id=line.transaction_id,
        credits=line,
        text=line.text,
        quantity=-line.quantity,
        price=line.price,
        list_price=line.list_price,
        discount=line.discount,
        net=-amount,
        tax_code_id=line.tax_code_id,
        tax_percent=line.tax_percent,
        tax_reason=line.tax_reason,
    )
