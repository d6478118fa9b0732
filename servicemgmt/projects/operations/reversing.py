"""Taking a posting back: a mirror transaction and a reversing voucher; what was posted stays as it was."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.inventory.models import MoveKind, StockMove
from servicemgmt.inventory.operations import give_back, hold
from servicemgmt.ledger.models import Entry, PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, post_vouchers

from ..models import LineKind, Transaction, TransactionStatus
from .status import move_transactions

#: What a mirror copies as it stands; amounts and quantity change their sign.
COPIED = [
    "kind", "source", "project_id", "customer_id", "category_id", "line_property_id", "coverage", "site_id",
    "agreement_number", "worker_id",
    "item_id", "unit_id", "tax_group_id", "executed_on", "service_period", "accrual_rule_id", "text",
    "cost_price", "cost_currency_id", "currency_id", "sales_price", "price_reason", "coverage_reason",
]  # fmt: skip
NEGATED = ["quantity", "cost_amount", "sales_amount", "covered_amount"]


@transaction.atomic
def reverse_transactions(
    transactions: Sequence[Transaction], *, on: date, by: User | None, at: datetime
) -> list[Transaction]:
    """Take posted transactions back with reversing vouchers dated `on`; returns the mirrors, in the order given.

    Original and mirror end REVERSED; the mirror `adjusts` the original, with every amount and the quantity negated, so
    that both together are nothing. Stock goes back at the value it left with. Raises Refused where one of them is in a
    proposal, invoiced or reversed already, and where `on` lies in a closed period (or moves it, by setting).
    """
    rows = _locked(transactions)
    _hold_stock(rows)
    mirrors = {
        row.pk: _mirror(row, key) for row, key in zip(rows, take_keys(Transaction, len(rows)), strict=True)
    }
    drafts = [_reversing_voucher(key, rows, mirrors, on=on, by=by) for key in _voucher_keys(rows)]
    for mirror in mirrors.values():
        mirror.posted_at, mirror.posted_by = at, by
    Transaction.objects.bulk_create(mirrors.values())
    move_transactions([row.pk for row in rows], to=TransactionStatus.REVERSED)
    vouchers = post_vouchers(drafts, by=by)
    for voucher in vouchers:
        record("voucher_reversed", voucher, by=by)
    return [mirrors[row.pk] for row in transactions]


def _locked(transactions: Sequence[Transaction]) -> list[Transaction]:
    keys = {row.pk for row in transactions}
    rows = list(
        Transaction.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=keys)
        .select_related("category", "item__unit", "voucher__currency")
        .order_by("pk")
    )
    for row in rows:
        if row.status != TransactionStatus.POSTED:
            raise Refused(
                _("“%(text)s” cannot be taken back: it is %(status)s.")
                % {"text": row.text, "status": row.get_status_display().lower()}
            )
    _insist_nothing_came_back(rows)
    return rows


def _insist_nothing_came_back(rows: list[Transaction]) -> None:
    """Raises Refused, by name, for goods of which a part was returned: taking all back would return it twice."""
    goods = [row.pk for row in rows if row.kind == LineKind.ITEM]
    part = Transaction.objects.filter(adjusts__in=goods).select_related("adjusts").first() if goods else None
    if part and part.adjusts:
        raise Refused(
            _("A part of “%(text)s” came back to stock; return the rest of it instead.")
            % {"text": part.adjusts.text}
        )


def _hold_stock(rows: list[Transaction]) -> None:
    """Lock what goods will go back to, before the first do."""
    subjects = [subject_of(row) for row in rows if row.item_id]
    vouchers = {row.voucher_id for row in rows if row.item_id and row.voucher_id}
    if not vouchers:
        return
    moves = StockMove.objects.filter(voucher__in=vouchers, subject__in=subjects)
    hold((move.item, move.warehouse) for move in moves.select_related("item", "warehouse"))


def _mirror(row: Transaction, key: int) -> Transaction:
    copied = {name: getattr(row, name) for name in COPIED}
    negated = {name: -getattr(row, name) for name in NEGATED}
    return Transaction(pk=key, adjusts=row, status=TransactionStatus.REVERSED, **copied, **negated)


def _voucher_keys(rows: list[Transaction]) -> list[int]:
    return sorted({row.voucher_id for row in rows if row.voucher_id})


def _reversing_voucher(
    original_key: int, rows: list[Transaction], mirrors: dict[int, Transaction], *, on: date, by: User | None
) -> VoucherDraft:
    """The voucher that takes back these rows' part of one voucher; gives the mirrors its key."""
    mine = [row for row in rows if row.voucher_id == original_key]
    original = mine[0].voucher
    assert original
    key = take_keys(Voucher, 1)[0]
    lines: list[VoucherLine] = []
    for row in mine:
        mirrors[row.pk].voucher_id = key
        lines += opposite_entries(row, mirrors[row.pk])
        lines += _stock_back(row, mirrors[row.pk], key=key, on=on, by=by)
    is_whole = len(mine) == original.transactions.count()
    return VoucherDraft(
        on=on,
        text=_("Reversal of %(voucher)s") % {"voucher": original.number},
        source=original.source,
        currency=original.currency,
        lines=lines,
        subject=original.subject,
        label=original.subject_label,
        key=key,
        reverses=original if is_whole else None,
    )


def opposite_entries(row: Transaction, mirror: Transaction) -> list[VoucherLine]:
    """The entries of a transaction the other way round, as the mirror's."""
    entries = Entry.objects.filter(voucher=row.voucher_id, subject=subject_of(row)).select_related("account")
    return [
        VoucherLine(
            entry.account,
            -entry.amount,
            -entry.company_amount,
            text=entry.text,
            customer_id=entry.customer_id,
            tax_code_id=entry.tax_code_id,
            subject=subject_of(mirror),
        )
        for entry in entries
    ]


def _stock_back(
    row: Transaction, mirror: Transaction, *, key: int, on: date, by: User | None
) -> list[VoucherLine]:
    """Put consumed goods back where they came from; lines only where stock was below zero meanwhile (variance)."""
    moves = moves_of(row)
    if not moves:
        return []
    if moves[0].kind == MoveKind.RETURN:
        raise Refused(_("“%(text)s” gave goods back; post their use again instead.") % {"text": row.text})
    off = ZERO
    for move in moves:
        off += give_back(
            move.item,
            move.warehouse,
            -move.quantity,
            value=-move.value,
            on=on,
            by=by,
            subject=subject_of(mirror),
            text=row.text,
            voucher_key=key,
            lot=move.lot,
        ).variance
    code = row.category.code
    return [
        VoucherLine(PostingPurpose.STOCK_VARIANCE, off, off, subject=subject_of(mirror), category_code=code),
        VoucherLine(PostingPurpose.STOCK, -off, -off, subject=subject_of(mirror), category_code=code),
    ]


def moves_of(row: Transaction) -> list[StockMove]:
    """How the goods of a transaction moved, in order: once, or once for each serial number."""
    moves = StockMove.objects.filter(voucher=row.voucher_id, subject=subject_of(row))
    return list(moves.select_related("item__unit", "warehouse", "lot").order_by("pk"))
