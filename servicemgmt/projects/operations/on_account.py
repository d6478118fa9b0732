"""Invoicing on account: an amount of a project is invoiced ahead, and deducted from later invoices."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, record
from servicemgmt.core.display import money
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.languages import spoken
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.ledger.models import Account, Entry, PostingPurpose
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, post_vouchers

from ..billing.lines import PostedLine
from ..billing.on_account import free_of, on_account_listed
from ..drafts import Draft
from ..models import (
    Category,
    InvoiceLine,
    InvoiceProposal,
    LineKind,
    Project,
    ProposalLine,
    Transaction,
    TransactionSource,
)
from ..queries import line_property_for
from .additions import check_fee, join, projects_of
from .posting import post_transactions
from .proposals import locked_draft, make_proposals, touched


def over_deducted() -> str:
    """What is said when the database refuses a deduction (`invoiceline_on_account_within_open`)."""
    return _("More would be deducted than is open on account. Somebody else deducted meanwhile; look again.")


@transaction.atomic
def invoice_on_account(
    project_id: int,
    *,
    amount: Decimal,
    category: Category,
    text: str,
    on: date,
    by: User | None,
    at: datetime,
) -> InvoiceProposal:
    """Propose to invoice an amount of a project ahead, dated `on`; returns the draft.

    `amount` is net, in the project's currency; the fee category says its tax. Posting the draft puts it on the account
    for what is invoiced on account, not on revenue. Raises Invalid (fields `amount`, `category`), and Refused where the
    project charges nothing, is closed on that day or the period is.
    """
    project = Project.objects.select_related("currency", "line_property", "customer").get(pk=project_id)
    check_amount(project, amount)
    draft = Draft(
        kind=LineKind.FEE,
        source=TransactionSource.ON_ACCOUNT,
        project=project,
        category=category,
        line_property=line_property_for(project, category),
        executed_on=on,
        quantity=Decimal(1),
        text=text,
        sales_price=amount,
    )
    check_fee(draft)
    label = project.number
    rows = post_transactions(
        [draft], on=on, text=text, subject=f"project:{project_id}", label=label, by=by, at=at
    )
    (proposal,) = make_proposals(rows, invoice_date=on, by=by, at=at)
    proposal.lines.update(is_added=True)
    record("on_account_proposed", project, by=by, changes={"amount": [None, plain(amount)]})
    return proposal


@transaction.atomic
def deduct_on_account(
    proposal_id: int, *, version: int, amounts: Mapping[int, Decimal], by: User | None, at: datetime
) -> InvoiceProposal:
    """Deduct from a draft what was invoiced on account of its projects, at the taxes that it was invoiced with.

    `amounts` is the positive net by the key of the on-account transaction. Raises Stale; Refused where the proposal is
    no draft, or a credit; Invalid (field `amounts`) for nothing, more than is open, or what is of another project.
    """
    proposal = locked_draft(proposal_id, version)
    if proposal.credits_id:
        raise Refused(_("A credit gives back what was invoiced; nothing can be deducted from it."))
    wanted = {key: amount for key, amount in amounts.items() if amount}
    if not wanted:
        raise Invalid(_("Enter what is deducted."), field="amounts")
    free = free_of(wanted)
    rows = on_account_listed().filter(pk__in=wanted, project__in=projects_of(proposal))
    found = {row.pk: row for row in rows.select_related("project__currency", "category", "line_property")}
    before = proposal.lines.count()
    for key, amount in sorted(wanted.items()):
        if key not in found or found[key].currency_id != proposal.currency_id:
            raise Invalid(_("That was not invoiced on account of this project."), field="amounts")
        check_amount(found[key].project, amount, field="amounts")
        check_open(found[key], amount, free[key])
        _deduct(proposal, found[key], amount, by=by, at=at)
    changes = {"lines": [before, before + len(wanted)], "net": [None, plain(-sum(wanted.values(), ZERO))]}
    return touched(proposal, "proposal_deducted", by, changes)


def check_amount(project: Project, amount: Decimal, field: str = "amount") -> None:
    """Invalid for nothing, less, or a fraction of the currency's smallest coin."""
    if amount <= 0 or amount != round_money(amount, project.currency.digits):
        raise Invalid(_("Enter a positive amount with the currency's decimals."), field=field)


def check_open(row: Transaction, amount: Decimal, free: Decimal) -> None:
    """Invalid where more is to be taken than is open and in no other draft."""
    if amount > free:
        raise Invalid(
            _("Only %(open)s of “%(text)s” is open on account.")
            % {"open": money(free, row.currency), "text": row.text},
            field="amounts",
        )


def check_credited_on_account(lines: Iterable[InvoiceLine], amounts: Mapping[int, Decimal]) -> None:
    """Invalid where what was invoiced on account is to be given back though later invoices deducted it."""
    given = {
        line.transaction_id: amounts[line.pk]
        for line in lines
        if line.on_account_id and line.on_account_id == line.transaction_id
    }
    if given:
        free = free_of(given)
        for row in Transaction.objects.filter(pk__in=given).select_related("currency"):
            check_open(row, given[row.pk], free[row.pk])


def _deduct(
    proposal: InvoiceProposal, row: Transaction, amount: Decimal, *, by: User | None, at: datetime
) -> ProposalLine:
    """A transaction that takes the amount off, dated as what it deducts, and its line in the draft."""
    posted = row.invoice_lines.filter(credits=None).latest("pk")
    names = {"invoice": posted.invoice.number, "text": row.text}
    with translation.override(spoken(proposal.customer.language)):
        text = _("Deduction of %(invoice)s: %(text)s") % names
    draft = Draft(
        kind=row.kind,
        source=TransactionSource.ON_ACCOUNT,
        project=row.project,
        category=row.category,
        line_property=row.line_property,
        executed_on=row.executed_on,
        quantity=Decimal(-1),
        text=text,
        sales_price=amount,
        tax_group=row.tax_group,
        adjusts=row,
    )
    line = join(proposal, draft, by=by, at=at)
    line.tax_code, line.tax_percent, line.tax_reason = posted.tax_code, posted.tax_percent, posted.tax_reason
    line.save(update_fields=["tax_code", "tax_percent", "tax_reason"])
    return line


def settle_on_account(lines: Collection[PostedLine], *, by: User | None) -> None:
    """Post what the exchange rates left on the account of on-account invoices that nothing is open of any more.

    Called in the posting transaction, after the vouchers of these lines.
    """
    keys = {line.on_account_id for line in lines if line.on_account_id}
    if not keys:
        return
    family = InvoiceLine.objects.filter(on_account__in=keys).order_by()
    done = family.values("on_account").annotate(open=Sum("net")).filter(open=0)
    drafts = [
        draft for key in sorted(done.values_list("on_account", flat=True)) if (draft := _left_over(key))
    ]
    post_vouchers(drafts, by=by)


def _left_over(key: int) -> VoucherDraft | None:
    """What takes from each account, that the amount and its deductions were posted to, what stands on it still; the
    exchange differences get the rest."""
    row = Transaction.objects.select_related("currency").get(pk=key)
    of_family = InvoiceLine.objects.filter(on_account=key).order_by().values_list("transaction", flat=True)
    entries = Entry.objects.filter(subject__in={f"transaction:{n}" for n in of_family}).order_by()
    accounts = entries.filter(tax_code__isnull=False).values("account")
    left = list(
        entries.filter(account__in=accounts)
        .values("account")
        .annotate(total=Sum("amount"), company=Sum("company_amount"), on=Max("voucher__posted_on"))
        .exclude(total=0, company=0)
    )
    if not left:
        return None
    subject = f"transaction:{key}"
    text = _("Exchange difference of %(text)s") % {"text": row.text}
    found = Account.objects.in_bulk([of_account["account"] for of_account in left])
    lines = [
        VoucherLine(
            found[of_account["account"]],
            -of_account["total"],
            -of_account["company"],
            text=text,
            subject=subject,
        )
        for of_account in left
    ]
    rest = sum((of_account["company"] for of_account in left), ZERO)
    return VoucherDraft(
        on=max(of_account["on"] for of_account in left),
        text=text,
        source="invoices",
        currency=row.currency,
        lines=[*lines, VoucherLine(PostingPurpose.EXCHANGE, ZERO, rest, text=text, subject=subject)],
        subject=subject,
        label=row.text[:60],
    )
