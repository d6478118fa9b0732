"""Posting work on projects: transactions and the voucher behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from servicemgmt.core.bulk import insert_values, take_keys
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.inventory.lots import lot_of, used
from servicemgmt.inventory.operations import consume, give_back, hold
from servicemgmt.ledger.models import Voucher
from servicemgmt.ledger.operations import (
    Ready,
    VoucherDraft,
    post_vouchers,
    ready_vouchers,
    write_vouchers,
)
from servicemgmt.masterdata.models import Currency
from servicemgmt.masterdata.queries import company

from ..drafts import Amounts, Draft, amounts_of, check_draft
from ..models import Transaction, TransactionSource
from .transaction_rows import Row, cost_lines, instance_of, row_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Drafts that share one voucher: the lines of an order, the fees of a subscription.

    `amounts` are those of drafts that were checked by who planned them; without, they are checked and found here.
    """

    drafts: Sequence[Draft]
    on: date
    text: str
    subject: str = ""
    label: str = ""
    amounts: Sequence[Amounts] | None = None


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
    bundle = Bundle(drafts=drafts, on=on, text=text, subject=subject, label=label)
    (posted,), vouchers = _insert([bundle], by=by, at=at)
    post_vouchers(vouchers, by=by)
    return [instance_of(row, draft) for row, draft in zip(posted, drafts, strict=True)]


@transaction.atomic
def post_bundles(bundles: Sequence[Bundle], *, by: User | None, at: datetime) -> list[list[int]]:
    """Post many bundles at once and return the keys of their transactions; see `post_transactions`. All or nothing."""
    keys, ready = insert_bundles(bundles, by=by, at=at)
    write_vouchers([ready])
    return keys


@transaction.atomic
def insert_bundles(
    bundles: Sequence[Bundle], *, by: User | None, at: datetime
) -> tuple[list[list[int]], Ready]:
    """The same but for the vouchers: they are ready, and the caller has to write them last in this transaction."""
    posted, vouchers = _insert(bundles, by=by, at=at)
    return [[row.id for row in rows] for rows in posted], ready_vouchers(vouchers, by=by)


def _insert(
    bundles: Sequence[Bundle], *, by: User | None, at: datetime
) -> tuple[list[list[Row]], list[VoucherDraft]]:
    for bundle in bundles:
        if bundle.amounts is None:
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
    insert_values(Transaction, Row._fields, (row for rows in posted for row in rows))
    return posted, vouchers


def needs_voucher(bundle: Bundle) -> bool:
    """Imported history has none."""
    return any(draft.source != TransactionSource.IMPORT for draft in bundle.drafts)


def _transactions(
    bundle: Bundle, *, keys: list[int], voucher_key: int | None, digits: int, by: User | None, at: datetime
) -> list[Row]:
    """The rows of a bundle in the order of its drafts; stock moves in its own order (no locking circle)."""
    made: dict[int, Row] = {}
    found = bundle.amounts or [amounts_of(draft, digits) for draft in bundle.drafts]
    for key, draft, amounts in sorted(
        zip(keys, bundle.drafts, found, strict=True), key=lambda row: _stock_order(row[0], row[1])
    ):
        if draft.takes_stock:
            amounts = _from_stock(draft, amounts, key=key, voucher_key=voucher_key, on=bundle.on, by=by)
        made[key] = row_of(draft, amounts, key=key, voucher_key=voucher_key, by=by, at=at)
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
        item, place = draft.item, draft.warehouse
        costs = [
            consume(
                item,
                place,
                part,
                on=on,
                by=by,
                subject=subject,
                text=draft.text,
                voucher_key=voucher_key,
                lot=number,
                is_kept=draft.is_kept,
            )
            for number, part in used(item, draft.quantity, draft.lot)
        ]
        return Amounts(sum(costs, ZERO), amounts.sales, amounts.covered)
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


def _voucher(bundle: Bundle, rows: list[Row], key: int, currency: Currency) -> VoucherDraft:
    lines = [
        line
        for draft, row in zip(bundle.drafts, rows, strict=True)
        if row.source != TransactionSource.IMPORT
        for line in cost_lines(draft, row)
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
