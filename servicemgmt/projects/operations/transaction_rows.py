"""A transaction as it is inserted: the row made from its draft, and the voucher lines of its cost."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange

from servicemgmt.core.bulk import inserted
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.models import PostingPurpose
from servicemgmt.ledger.operations import VoucherLine

from ..drafts import Amounts, Draft, tax_group_of
from ..models import Coverage, LineKind, Transaction, TransactionSource, TransactionStatus

#: Where the cost of a kind goes, and what it is taken from. Fees cost nothing.
COST_PURPOSES: dict[str, tuple[str, str]] = {
    LineKind.HOUR: (PostingPurpose.HOUR_COST, PostingPurpose.HOUR_OFFSET),
    LineKind.EXPENSE: (PostingPurpose.EXPENSE_COST, PostingPurpose.EXPENSE_OFFSET),
    LineKind.ITEM: (PostingPurpose.ITEM_COST, PostingPurpose.EXPENSE_OFFSET),
    LineKind.FEE: (PostingPurpose.EXPENSE_COST, PostingPurpose.EXPENSE_OFFSET),
}


class Row(NamedTuple):
    """The columns of a transaction as they are inserted: a run makes hundreds of thousands."""

    id: int
    kind: str
    source: str
    status: str
    project_id: int
    customer_id: int
    category_id: int
    line_property_id: int
    coverage: str
    site_id: int | None
    agreement_number: str
    worker_id: int | None
    item_id: int | None
    unit_id: int | None
    tax_group_id: int
    executed_on: date
    service_period: DateRange | None
    accrual_rule_id: int | None
    text: str
    quantity: Decimal
    cost_price: Decimal
    cost_amount: Decimal
    cost_currency_id: int | None
    currency_id: int
    sales_price: Decimal
    sales_amount: Decimal
    covered_amount: Decimal
    coverage_reason: str
    price_reason: dict[str, Any]
    adjusts_id: int | None
    voucher_id: int | None
    posted_at: datetime
    posted_by_id: int | None


def row_of(
    draft: Draft, amounts: Amounts, *, key: int, voucher_key: int | None, by: User | None, at: datetime
) -> Row:
    cost_price = draft.cost_price
    if cost_price is None or draft.takes_stock:
        cost_price = (amounts.cost / draft.quantity).quantize(Decimal("0.000001")) if draft.quantity else ZERO
    return Row(
        id=key,
        kind=draft.kind,
        source=draft.source,
        status=TransactionStatus.POSTED.value,
        project_id=draft.project.pk,
        customer_id=draft.project.customer_id,
        category_id=draft.category.pk,
        line_property_id=draft.line_property.pk,
        coverage=draft.coverage,
        site_id=draft.site_id,
        agreement_number=draft.agreement_number,
        worker_id=draft.worker_id,
        item_id=draft.item.pk if draft.item else None,
        unit_id=draft.unit_id or (draft.item.unit_id if draft.item else None),
        tax_group_id=tax_group_of(draft),
        executed_on=draft.executed_on,
        service_period=draft.service_period,
        accrual_rule_id=draft.accrual_rule.pk if draft.accrual_rule else None,
        text=draft.text[:250],
        quantity=draft.quantity,
        cost_price=cost_price,
        cost_amount=amounts.cost,
        cost_currency_id=draft.cost_currency.pk if draft.cost_currency else None,
        currency_id=draft.money.pk,
        sales_price=draft.sales_price or ZERO,
        sales_amount=amounts.sales,
        covered_amount=amounts.covered,
        coverage_reason="" if draft.coverage == Coverage.CHARGED else draft.coverage_reason,
        price_reason=draft.price_reason,
        adjusts_id=draft.adjusts.pk if draft.adjusts else None,
        voucher_id=None if draft.source == TransactionSource.IMPORT else voucher_key,
        posted_at=at,
        posted_by_id=by.pk if by else None,
    )


def instance_of(row: Row, draft: Draft) -> Transaction:
    """The transaction that was inserted, with what its draft knows already."""
    made: Transaction = inserted(Transaction, row)
    made.project, made.category, made.line_property = draft.project, draft.category, draft.line_property
    made.currency, made.item, made.adjusts = draft.money, draft.item, draft.adjusts
    return made


def cost_lines(draft: Draft, row: Row) -> list[VoucherLine]:
    """Dr cost of the kind / Cr payroll allocation, expense clearing or stock, by the category's code."""
    cost, offset = COST_PURPOSES[row.kind]
    if draft.takes_stock:
        offset = PostingPurpose.STOCK
    code, subject = draft.category.code, f"transaction:{row.id}"
    return [
        VoucherLine(
            cost, row.cost_amount, row.cost_amount, text=row.text, subject=subject, category_code=code
        ),
        VoucherLine(
            offset, -row.cost_amount, -row.cost_amount, text=row.text, subject=subject, category_code=code
        ),
    ]
