"""Rows of values between posted work and posted invoices: a run reads and writes hundreds of thousands of them."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F

from servicemgmt.ledger.models import TaxCode

from ..models import ProposalLine, Transaction, on_account_of
from .grouping import FACTS


class Work(NamedTuple):
    """What a proposal looks at of a posted transaction; from `payer` on the facts that it is grouped by."""

    pk: int
    source: str
    adjusts_id: int | None
    executed_on: date
    service_period: DateRange | None
    text: str
    quantity: Decimal
    sales_price: Decimal
    sales_amount: Decimal
    price_reason: dict[str, Any]
    tax_group_id: int
    category_text: str
    payer_tax_group: int
    payer: int
    rule: str
    money: int
    of_project: int
    of_site: int | None
    site_of_project: int | None
    agreement: str
    purchase_order: str

    @property
    def on_account_id(self) -> int | None:
        return on_account_of(self.source, self.pk, self.adjusts_id)


ELSEWHERE = FACTS | {
    "category_text": F("category__description"),
    "payer_tax_group": F("project__invoice_customer__tax_group"),
}
PLAIN = [name for name in Work._fields if name not in ELSEWHERE]


def work_of(transactions: Collection[int]) -> list[Work]:
    """These transactions as work to propose, in rising order."""
    rows = Transaction.objects.filter(pk__any_of=transactions).order_by("pk").annotate(**ELSEWHERE)
    return [Work(*row) for row in rows.values_list(*Work._fields)]


class NewLine(NamedTuple):
    """A line of a proposal, by the columns of ProposalLine."""

    proposal_id: int
    transaction_id: int
    on_account_id: int | None
    is_added: bool
    text: str
    quantity: Decimal
    price: Decimal
    list_price: Decimal | None
    discount: Decimal | None
    net: Decimal
    tax_code_id: int
    tax_percent: Decimal
    tax_reason: str


class Proposed(NamedTuple):
    """A line of a proposal about to be posted, with what its document needs of the work."""

    pk: int
    proposal_id: int
    transaction_id: int
    credits_id: int | None
    on_account_id: int | None
    text: str
    quantity: Decimal
    price: Decimal
    list_price: Decimal | None
    discount: Decimal | None
    net: Decimal
    tax_code_id: int
    tax_percent: Decimal
    tax_reason: str
    kind: str
    source: str
    category_code: str
    unit: str | None
    service_period: DateRange | None
    accrual_rule_id: int | None
    project_number: str
    project_name: str
    purchase_order: str
    site_name: str | None
    agreement_number: str
    document: str | None


OF_WORK = {
    "kind": "transaction__kind",
    "source": "transaction__source",
    "category_code": "transaction__category__code",
    "unit": "transaction__unit__code",
    "service_period": "transaction__service_period",
    "accrual_rule_id": "transaction__accrual_rule_id",
    "project_number": "transaction__project__number",
    "project_name": "transaction__project__name",
    "purchase_order": "transaction__project__purchase_order",
    "site_name": "transaction__site__name",
    "agreement_number": "transaction__agreement_number",
    "document": "transaction__voucher__subject_label",
}


def lines_of(proposals: Collection[int]) -> list[Proposed]:
    """The lines of these proposals, one proposal after the other, in the order of their keys."""
    rows = ProposalLine.objects.filter(proposal__in=proposals).order_by("proposal", "pk")
    return [Proposed(*row) for row in rows.values_list(*[OF_WORK.get(n, n) for n in Proposed._fields])]


class PostedLine(NamedTuple):
    """A line of a document about to be posted: the columns of InvoiceLine, then what is not stored with it.

    `credited` is the net of the line that it credits.
    """

    id: int
    invoice_id: int
    position: int
    transaction_id: int
    credits_id: int | None
    on_account_id: int | None
    text: str
    quantity: Decimal
    unit: str
    price: Decimal
    list_price: Decimal | None
    discount: Decimal | None
    net: Decimal
    company_net: Decimal
    tax_code_id: int
    tax_percent: Decimal
    tax_reason: str
    service_period: DateRange | None
    kind: str = ""
    source: str = ""
    category_code: str = ""
    accrual_rule_id: int | None = None
    credited: Decimal | None = None

    @property
    def deducts(self) -> bool:
        """Whether it takes off what was invoiced on account, instead of being that."""
        return self.on_account_id is not None and self.on_account_id != self.transaction_id


#: Those that InvoiceLine has.
STORED = PostedLine._fields[:18]


class PostedTax(NamedTuple):
    """The tax of a rate on a document about to be posted: the columns of InvoiceTax, then its code."""

    invoice_id: int
    tax_code_id: int
    percent: Decimal
    base: Decimal
    tax: Decimal
    company_tax: Decimal
    code: TaxCode


#: Those that InvoiceTax has.
TAX_STORED = PostedTax._fields[:6]
