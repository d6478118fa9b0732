"""Posting work on projects: transactions and the voucher behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from servicemgmt.core.audit import subject_of
from servicemgmt.core.bulk import insert_rows, take_keys
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.inventory.lots import lot_of
from servicemgmt.inventory.operations import consume, give_back, hold
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, post_vouchers
from servicemgmt.masterdata.models import Currency
from servicemgmt.masterdata.queries import company

from ..drafts import Amounts, Draft, amounts_of, check_draft, tax_group_of
from ..models import LineKind, Transaction, TransactionSource

#: Where the cost of a kind goes, and what it is taken from. Fees cost nothing.
COST_PURPOSES: dict[str, tuple[str, str]] = {
    LineKind.HOUR: (PostingPurpose.HOUR_COST, PostingPurpose.HOUR_OFFSET),
    LineKind.EXPENSE: (PostingPurpose.EXPENSE_COST, PostingPurpose.EXPENSE_OFFSET),
    LineKind.ITEM: (PostingPurpose.ITEM_COST, PostingPurpose.EXPENSE_OFFSET),
    LineKind.FEE: (PostingPurpose.EXPENSE_COST, PostingPurpose.EXPENSE_OFFSET),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Drafts that share one voucher: the lines of an order, the fees of a subscription."""

    drafts: Sequence[Draft]
    on: date
    text: str
    subject: str = ""
    label: str = ""


@transaction.atomic
def post_transactions(
    drafts: Sequence[Draft], *, on: date, text: str, subject: str, label: str, by: User | None, at: datetime
) -> list[Transaction]:
    """Post drafts with one voucher dated `on` (a company-zone ledger date) and return the transactions, in order.

    The voucher's entries carry the transaction as their subject; without cost it is a memo without entries. Imported
    history gets no voucher. Stocked items leave their warehouse at its average. The caller records the Event on the
    document. Raises Refused for a line that cannot be posted (by name), too little stock, a closed period (naming the
    first open date) or an account that the posting profile misses.
    """
    return post_bundles(
        [Bundle(drafts=drafts, on=on, text=text, subject=subject, label=label)], by=by, at=at
    )[0]


@transaction.atomic
def post_bundles(bundles: Sequence[Bundle], *, by: User | None, at: datetime) -> list[list[Transaction]]:
    """Post many bundles at once; see `post_transactions`. All or nothing. Voucher numbers are taken last."""
    for bundle in bundles:
        for draft in bundle.drafts:
            check_draft(draft)
    hold(
        (draft.item, draft.warehouse)
        for bundle in bundles
        for draft in bundle.drafts
        if draft.takes_stock and draft.item and draft.warehouse
    )
    currency = company().currency
    keys = iter(take_keys(Transaction, sum(len(bundle.drafts) for bundle in bundles)))
    voucher_keys = iter(take_keys(Voucher, sum(needs_voucher(bundle) for bundle in bundles)))
    posted, vouchers = [], []
    for bundle in bundles:
        key = next(voucher_keys) if needs_voucher(bundle) else None
        rows = _transactions(
            bundle,
            keys=[next(keys) for _draft in bundle.drafts],
            voucher_key=key,
            digits=currency.digits,
            by=by,
            at=at,
        )
        posted.append(rows)
        if key:
            vouchers.append(_voucher(bundle, rows, key, currency))
    insert_rows([row for rows in posted for row in rows])
    post_vouchers(vouchers, by=by)
    return posted


def needs_voucher(bundle: Bundle) -> bool:
    """Imported history has none."""
    return any(draft.source != TransactionSource.IMPORT for draft in bundle.drafts)


def _transactions(
    bundle: Bundle, *, keys: list[int], voucher_key: int | None, digits: int, by: User | None, at: datetime
) -> list[Transaction]:
    """The rows of a bundle in the order of its drafts; stock moves in its own order (no locking circle)."""
    made: dict[int, Transaction] = {}
    pairs = sorted(zip(keys, bundle.drafts, strict=True), key=lambda pair: _stock_order(*pair))
    for key, draft in pairs:
        amounts = amounts_of(draft, digits)
        if draft.takes_stock:
            amounts = _from_stock(draft, amounts, key=key, voucher_key=voucher_key, on=bundle.on, by=by)
        made[key] = _transaction(draft, amounts, key=key, voucher_key=voucher_key, by=by, at=at)
    return [made[key] for key in keys]


def _stock_order(key: int, draft: Draft) -> tuple[int, int, int]:
    if not draft.takes_stock or draft.item is None or draft.warehouse is None:
        return 0, 0, key
    return draft.item.pk, draft.warehouse.pk, key


def _from_stock(
    draft: Draft, amounts: Amounts, *, key: int, voucher_key: int | None, on: date, by: User | None
) -> Amounts:
    """The amounts with what the stock says the goods cost; a negative quantity goes back at the cost it is given."""
    assert draft.item and draft.warehouse
    subject = f"transaction:{key}"
    if draft.quantity > 0:
        cost = consume(
            draft.item,
            draft.warehouse,
            draft.quantity,
            on=on,
            by=by,
            subject=subject,
            text=draft.text,
            voucher_key=voucher_key,
            lot=draft.lot,
        )
        return Amounts(cost, amounts.sales, amounts.covered)
    moved = give_back(
        draft.item,
        draft.warehouse,
        -draft.quantity,
        value=-amounts.cost,
        on=on,
        by=by,
        subject=subject,
        text=draft.text,
        voucher_key=voucher_key,
        lot=lot_of(draft.item, draft.lot, draft.quantity),
    )
    return Amounts(-moved.move.value, amounts.sales, amounts.covered)


def _transaction(
    draft: Draft, amounts: Amounts, *, key: int, voucher_key: int | None, by: User | None, at: datetime
) -> Transaction:
    cost_price = draft.cost_price
    if cost_price is None or draft.takes_stock:
        cost_price = (amounts.cost / draft.quantity).quantize(Decimal("0.000001")) if draft.quantity else ZERO
    return Transaction(
        pk=key,
        kind=draft.kind,
        source=draft.source,
        project=draft.project,
        customer_id=draft.project.customer_id,
        category=draft.category,
        line_property=draft.line_property,
        coverage=draft.coverage,
        site=draft.site,
        agreement_number=draft.agreement_number,
        worker=draft.worker,
        item=draft.item,
        unit=draft.unit or (draft.item.unit if draft.item else None),
        tax_group=tax_group_of(draft),
        executed_on=draft.executed_on,
        service_period=draft.service_period,
        accrual_rule=draft.accrual_rule,
        text=draft.text[:250],
        quantity=draft.quantity,
        cost_price=cost_price,
        cost_amount=amounts.cost,
        cost_currency=draft.cost_currency,
        currency=draft.money,
        sales_price=draft.sales_price or ZERO,
        sales_amount=amounts.sales,
        covered_amount=amounts.covered,
        price_reason=draft.price_reason,
        adjusts=draft.adjusts,
        voucher_id=None if draft.source == TransactionSource.IMPORT else voucher_key,
        posted_at=at,
        posted_by=by,
    )


def _voucher(bundle: Bundle, rows: list[Transaction], key: int, currency: Currency) -> VoucherDraft:
    lines = [
        line
        for draft, row in zip(bundle.drafts, rows, strict=True)
        if row.source != TransactionSource.IMPORT
        for line in _cost_lines(draft, row)
    ]
    return VoucherDraft(
        on=bundle.on,
        text=bundle.text,
        source="projects",
        currency=currency,
        lines=lines,
        subject=bundle.subject,
        label=bundle.label,
        key=key,
    )


def _cost_lines(draft: Draft, row: Transaction) -> list[VoucherLine]:
    """Dr cost of the kind / Cr payroll allocation, expense clearing or stock, by the category's code."""
    cost, offset = COST_PURPOSES[row.kind]
    if draft.takes_stock:
        offset = PostingPurpose.STOCK
    code, subject = draft.category.code, subject_of(row)
    return [
        VoucherLine(
            cost, row.cost_amount, row.cost_amount, text=row.text, subject=subject, category_code=code
        ),
        VoucherLine(
            offset, -row.cost_amount, -row.cost_amount, text=row.text, subject=subject, category_code=code
        ),
    ]
