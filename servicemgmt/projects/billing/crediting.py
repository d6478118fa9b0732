"""What giving back an invoice, or a part of it, comes to. Nothing here writes.

Every amount of a credit note is a difference of two sums: what has been given back after it, less what had been before.
Each sum is reckoned from the net that is given back, at the invoice's own rates; all of it is exactly what was posted.
So parts never gain or lose a cent, and the whole is the posted invoice copied (billing-rules 41, 62).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Sum

from servicemgmt.core.audit import subject_of
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.ledger.models import Account, Entry, PostingPurpose
from servicemgmt.ledger.operations import VoucherLine

from ..models import Invoice, InvoiceKind, InvoiceLine, InvoiceProposal, InvoiceTax, ProposalLine
from .invoicing import Document
from .lines import PostedLine, PostedTax, Proposed

#: What a credit note has in common with its invoice.
COPIED = ["project_id", "exchange_rate", "language", "printed"]
LINE_COPIED = [
    "position", "transaction_id", "text", "unit", "price", "tax_code_id", "tax_percent", "tax_reason",
    "service_period", "on_account_id", "list_price", "discount",
]  # fmt: skip

type Rate = tuple[int, Decimal]


#: What of the invoices that they credit a lot of proposals needs, for `prefetch_related`; one by one it is read alike.
CREDITED: list[Any] = [
    "credits__currency",
    "credits__lines",
    Prefetch("credits__taxes", InvoiceTax.objects.select_related("tax_code").order_by("pk")),
    Prefetch("credits__voucher__entries", Entry.objects.select_related("account")),
]


def given_back(invoices: Collection[int]) -> dict[int, dict[int, Decimal]]:
    """The net that posted credit notes gave back of each line, by the keys of invoice and line; of the line's sign."""
    found: dict[int, dict[int, Decimal]] = {key: {} for key in invoices}
    rows = InvoiceLine.objects.filter(credits__invoice__in=found).order_by()
    sums = rows.values_list("credits__invoice", "credits").annotate(total=Sum("net"))
    for invoice, line, total in sums:
        found[invoice][line] = -total
    return found


class Share:
    """The part of an invoice that a given net of each of its lines is."""

    def __init__(self, invoice: Invoice, nets: Mapping[int, Decimal], *, home_digits: int) -> None:
        self.invoice, self.nets, self.home = invoice, nets, home_digits
        self.lines = list(invoice.lines.all())
        self.taxes = list(invoice.taxes.all())
        self.is_whole = all(nets.get(line.pk, ZERO) == line.net for line in self.lines)

    def line(self, line: InvoiceLine) -> tuple[Decimal, Decimal]:
        """Net of the line, in the document's and the company's currency."""
        net = self.nets.get(line.pk, ZERO)
        return net, line.company_net if net == line.net else self._home(net)

    def tax(self, row: InvoiceTax) -> tuple[Decimal, Decimal, Decimal]:
        """Base and tax of a rate, and the tax in company currency."""
        base = self._bases()[row.tax_code_id, row.percent]
        if base == row.base:
            return base, row.tax, row.company_tax
        tax = round_money(base * row.percent / 100, self.invoice.currency.digits)
        return base, tax, self._home(tax)

    @property
    def sums(self) -> dict[str, Decimal]:
        """The totals of the part, named as on the invoice."""
        taxes = [self.tax(row) for row in self.taxes]
        net = sum((self.line(line)[0] for line in self.lines), ZERO)
        tax = sum((tax for _base, tax, _company in taxes), ZERO)
        company_tax = sum((company for _base, _tax, company in taxes), ZERO)
        company_gross = self.invoice.company_gross if self.is_whole else self._home(net + tax)
        return {
            "net": net,
            "tax": tax,
            "gross": net + tax,
            "company_net": company_gross - company_tax,
            "company_tax": company_tax,
            "company_gross": company_gross,
        }

    def _bases(self) -> dict[Rate, Decimal]:
        bases: dict[Rate, Decimal] = defaultdict(lambda: ZERO)
        for line in self.lines:
            bases[line.tax_code_id, line.tax_percent] += self.nets.get(line.pk, ZERO)
        return bases

    def _home(self, amount: Decimal) -> Decimal:
        return round_money(amount * self.invoice.exchange_rate, self.home)


def credit_document(
    proposal: InvoiceProposal,
    lines: Iterable[ProposalLine | Proposed],
    *,
    home_digits: int,
    key: int,
    line_keys: Iterator[int],
    earlier: Mapping[int, Decimal] | None = None,
) -> Document:
    """The credit note of a proposal that credits an invoice, still without number and voucher.

    The keys are what rows get. `earlier` is what was given back of the invoice so far, where that is more than the
    posted notes say.
    """
    invoice = proposal.credits
    assert invoice
    earlier = given_back([invoice.pk])[invoice.pk] if earlier is None else earlier
    now = {line.credits_id: -line.net for line in lines if line.credits_id}
    together = {key: earlier.get(key, ZERO) + now.get(key, ZERO) for key in {*earlier, *now}}
    before = Share(invoice, earlier, home_digits=home_digits)
    after = Share(invoice, together, home_digits=home_digits)
    note = Invoice(
        pk=key,
        kind=InvoiceKind.CREDIT_NOTE,
        credits=invoice,
        proposal=proposal,
        customer=proposal.customer,
        currency=invoice.currency,
        text=proposal.text,
        invoice_date=proposal.invoice_date,
        due_date=proposal.invoice_date,
        **{name: getattr(invoice, name) for name in COPIED},
        **{name: before.sums[name] - total for name, total in after.sums.items()},
    )
    return Document(
        note,
        [_line(line, key, next(line_keys), before, after) for line in after.lines if line.pk in now],
        [tax for row in after.taxes if (tax := _tax(row, key, before, after)).base or tax.tax],
        given_back=together,
    )


def _line(line: InvoiceLine, note: int, key: int, before: Share, after: Share) -> PostedLine:
    net, company_net = (b - a for b, a in zip(before.line(line), after.line(line), strict=True))
    quantity = -line.quantity
    if line.net and net != -line.net:
        quantity = (line.quantity * net / line.net).quantize(Decimal("0.000001"))
    return PostedLine(
        id=key,
        invoice_id=note,
        credits_id=line.pk,
        quantity=quantity,
        net=net,
        company_net=company_net,
        credited=line.net,
        **{name: getattr(line, name) for name in LINE_COPIED},
    )


def _tax(row: InvoiceTax, note: int, before: Share, after: Share) -> PostedTax:
    base, tax, company = (b - a for b, a in zip(before.tax(row), after.tax(row), strict=True))
    return PostedTax(note, row.tax_code_id, row.percent, base, tax, company, row.tax_code)


def takes_back_whole(document: Document) -> bool:
    """Whether one credit note is all of its invoice, so that its voucher reverses the invoice's."""
    invoice = document.invoice.credits
    return invoice is not None and {line.credits_id: -line.net for line in document.lines} == {
        line.pk: line.net for line in invoice.lines.all()
    }


class PostedAccounts:
    """The accounts that the lines of an invoice were posted to."""

    def __init__(self, invoice: Invoice) -> None:
        self.found = {
            (entry.subject, entry.tax_code_id): entry.account
            for entry in invoice.voucher.entries.all()
            if entry.customer_id or entry.tax_code_id
        }

    def account(self, subject: str, tax_code: int | None, otherwise: str) -> Account | str:
        """The account; `otherwise` today's for the purpose, where a line of nothing was not posted."""
        return self.found.get((subject, tax_code), otherwise)


def credit_voucher_lines(document: Document) -> list[VoucherLine]:
    """The invoice's entries given back in the same share, on the accounts that they were posted to."""
    note = document.invoice
    invoice = note.credits
    assert invoice
    posted = PostedAccounts(invoice)
    subject = subject_of(note)
    lines = [
        VoucherLine(
            posted.account(subject_of(invoice), None, PostingPurpose.RECEIVABLE),
            note.gross,
            note.company_gross,
            text=note.number,
            customer_id=note.customer_id,
            subject=subject,
        )
    ]
    lines += [
        VoucherLine(
            posted.account(of_work, line.tax_code_id, PostingPurpose.ROUNDING),
            -line.net,
            -line.company_net,
            text=line.text,
            customer_id=note.customer_id,
            tax_code_id=line.tax_code_id,
            subject=of_work,
        )
        for line in document.lines
        for of_work in [f"transaction:{line.transaction_id}"]
    ]
    lines += [
        VoucherLine(
            posted.account(subject_of(invoice), row.tax_code_id, PostingPurpose.TAX),
            -row.tax,
            -row.company_tax,
            text=str(row.code),
            tax_code_id=row.tax_code_id,
            subject=subject,
        )
        for row in document.taxes
    ]
    rounding = note.company_net - sum((line.company_net for line in document.lines), ZERO)
    lines.append(VoucherLine(PostingPurpose.ROUNDING, ZERO, -rounding, subject=subject))
    return lines
