"""What an invoice comes to: taxes, company amounts, due date, what is printed, and the voucher. Nothing here writes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from django.utils.translation import gettext as _

from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.ledger.models import Account, PostingPurpose, TaxCode, TaxTreatment
from servicemgmt.ledger.operations import VoucherLine
from servicemgmt.masterdata.models import Company
from servicemgmt.masterdata.printed import addressee, letterhead, worded

from ..models import Invoice, InvoiceProposal, LineKind, TransactionSource
from .lines import PostedLine, PostedTax, Proposed, Work
from .origins import grouped

REVENUE: dict[str, str] = {
    LineKind.HOUR: PostingPurpose.HOUR_REVENUE,
    LineKind.EXPENSE: PostingPurpose.EXPENSE_REVENUE,
    LineKind.ITEM: PostingPurpose.ITEM_REVENUE,
    LineKind.FEE: PostingPurpose.FEE_REVENUE,
}
#: What goes elsewhere than the revenue of its kind; what is invoiced on account is owed until it is deducted.
REVENUE_OF_SOURCE: dict[str, str] = {
    TransactionSource.SUBSCRIPTION: PostingPurpose.SUBSCRIPTION_REVENUE,
    TransactionSource.ON_ACCOUNT: PostingPurpose.ON_ACCOUNT,
}


def tax_day(row: Work, invoice_date: date) -> tuple[date, str]:
    """The day whose tax counts, and why: the last day of the service period, else when the work was done."""
    if row.service_period and row.service_period.upper:
        return row.service_period.upper - timedelta(days=1), _("end of the service period")
    if row.executed_on:
        return row.executed_on, _("day of the work")
    return invoice_date, _("invoice date")


@dataclass(frozen=True, slots=True)
class TaxOfRate:
    """The tax of one code and rate: on the sum of the lines' net, rounded once (billing-rules 37)."""

    code: TaxCode
    percent: Decimal
    base: Decimal
    tax: Decimal


class Taxed(Protocol):
    """A line of a proposal, be it an object or a row of values."""

    @property
    def tax_code_id(self) -> int: ...
    @property
    def tax_percent(self) -> Decimal: ...
    @property
    def net(self) -> Decimal: ...


def taxes_of(lines: Iterable[Taxed], codes: Mapping[int, TaxCode], digits: int) -> list[TaxOfRate]:
    """The tax summary in the document's currency, by rate."""
    bases: dict[tuple[int, Decimal], Decimal] = {}
    for line in lines:
        key = line.tax_code_id, line.tax_percent
        bases[key] = bases.get(key, ZERO) + line.net
    found = [
        TaxOfRate(codes[code], percent, base, round_money(base * percent / 100, digits))
        for (code, percent), base in bases.items()
    ]
    return sorted(found, key=lambda row: (row.percent, row.code.code))


def check_reverse_charge(
    proposal: InvoiceProposal, lines: Iterable[Taxed], codes: Mapping[int, TaxCode]
) -> None:
    """Refused where the customer would owe the tax and has no VAT number, which such an invoice has to name."""
    if proposal.customer.tax_number:
        return
    if any(codes[line.tax_code_id].treatment == TaxTreatment.REVERSE for line in lines):
        raise Refused(
            _("%(customer)s owes the tax (reverse charge) and has no VAT number. Enter it at the customer.")
            % {"customer": proposal.customer.name}
        )


@dataclass(slots=True)
class Document:
    """An invoice about to be posted, with all that hangs on it.

    `given_back` is, for a credit note, the net that is given back with it of each line of its invoice.
    """

    invoice: Invoice
    lines: list[PostedLine]
    taxes: list[PostedTax]
    given_back: Mapping[int, Decimal] = field(default_factory=dict)


def document_of(
    proposal: InvoiceProposal,
    lines: Sequence[Proposed],
    firm: Company,
    codes: Mapping[int, TaxCode],
    *,
    rate: Decimal,
    key: int,
    line_keys: Iterator[int],
) -> Document:
    """The invoice of a proposal at the day's rate, still without number and voucher; the keys are what rows get.

    Company amounts: the total is the document's total at the rate, each line and each tax is its own amount at the
    rate, all rounded; what is left between them goes to the rounding account, so that the receivable is exactly the
    total at the rate and every sum of the ledger is the sum of the documents.
    """
    digits, home = proposal.currency.digits, firm.currency.digits
    lines, common, groups = grouped(lines)
    taxes = taxes_of(lines, codes, digits)
    net = sum((line.net for line in lines), ZERO)
    tax = sum((row.tax for row in taxes), ZERO)
    company_gross = round_money((net + tax) * rate, home)
    company_taxes = [round_money(row.tax * rate, home) for row in taxes]
    company_tax = sum(company_taxes, ZERO)
    customer = proposal.customer
    invoice = Invoice(
        pk=key,
        kind=proposal.kind,
        customer=customer,
        project=proposal.project,
        proposal=proposal,
        invoice_date=proposal.invoice_date,
        due_date=proposal.invoice_date + timedelta(days=customer.payment_term.days),
        currency=proposal.currency,
        exchange_rate=rate,
        net=net,
        tax=tax,
        gross=net + tax,
        company_net=company_gross - company_tax,
        company_tax=company_tax,
        company_gross=company_gross,
        language=customer.language,
        printed=printed(firm, proposal, taxes) | {"origin": common, "groups": groups},
    )
    return Document(
        invoice,
        [
            _line(line, key, n, next(line_keys), round_money(line.net * rate, home))
            for n, line in enumerate(lines, start=1)
        ],
        [
            PostedTax(key, row.code.pk, row.percent, row.base, row.tax, company, row.code)
            for row, company in zip(taxes, company_taxes, strict=True)
        ],
    )


def _line(line: Proposed, invoice: int, position: int, key: int, company_net: Decimal) -> PostedLine:
    return PostedLine(
        id=key,
        invoice_id=invoice,
        position=position,
        transaction_id=line.transaction_id,
        credits_id=None,
        on_account_id=line.on_account_id,
        text=line.text,
        quantity=line.quantity,
        unit=line.unit or "",
        price=line.price,
        list_price=line.list_price,
        discount=line.discount,
        net=line.net,
        company_net=company_net,
        tax_code_id=line.tax_code_id,
        tax_percent=line.tax_percent,
        tax_reason=line.tax_reason,
        service_period=line.service_period,
        kind=line.kind,
        source=line.source,
        category_code=line.category_code,
        accrual_rule_id=line.accrual_rule_id,
    )


def printed(firm: Company, proposal: InvoiceProposal, taxes: Sequence[TaxOfRate]) -> dict[str, Any]:
    """Names and addresses as they stand on the day, so that the document never changes afterwards; texts of the setup
    in the customer's language."""
    project = proposal.project
    said = partial(worded, firm, language=proposal.customer.language)
    return {
        "company": letterhead(firm),
        "customer": addressee(proposal.customer),
        "project": {"number": project.number, "name": project.name, "purchase_order": project.purchase_order}
        if project
        else {},
        "payment_term": said(proposal.customer.payment_term.description),
        "currency": proposal.currency.code,
        "digits": proposal.currency.digits,
        "taxes": [
            {
                "code": row.code.code,
                "description": said(row.code.description),
                "treatment": row.code.treatment,
                "percent": format(row.percent.normalize(), "f"),
                "reason": said(row.code.printed_reason),
            }
            for row in taxes
        ],
    }


def voucher_lines(document: Document, on_account: Mapping[int, Account]) -> list[VoucherLine]:
    """Dr the customer / Cr revenue by kind and category, and tax by code; the remainder on the rounding account.

    `on_account` are the accounts that what is deducted was posted to, by the on-account transaction.
    """
    invoice = document.invoice
    subject = subject_of(invoice)
    lines = [
        VoucherLine(
            PostingPurpose.RECEIVABLE,
            invoice.gross,
            invoice.company_gross,
            text=invoice.number,
            customer_id=invoice.customer_id,
            subject=subject,
        )
    ]
    lines += [_revenue(line, invoice, on_account) for line in document.lines]
    lines += [
        VoucherLine(
            PostingPurpose.TAX,
            -row.tax,
            -row.company_tax,
            text=str(row.code),
            tax_code_id=row.tax_code_id,
            subject=subject,
        )
        for row in document.taxes
    ]
    rounding = invoice.company_net - sum((line.company_net for line in document.lines), ZERO)
    lines.append(VoucherLine(PostingPurpose.ROUNDING, ZERO, -rounding, subject=subject))
    return lines


def _revenue(line: PostedLine, invoice: Invoice, on_account: Mapping[int, Account]) -> VoucherLine:
    deducted = on_account.get(line.on_account_id or 0) if line.deducts else None
    return VoucherLine(
        deducted or REVENUE_OF_SOURCE.get(line.source) or REVENUE[line.kind],
        -line.net,
        -line.company_net,
        text=line.text,
        customer_id=invoice.customer_id,
        tax_code_id=line.tax_code_id,
        subject=f"transaction:{line.transaction_id}",
        category_code=line.category_code,
    )
