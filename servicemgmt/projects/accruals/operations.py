"""Recognising deferred revenue, taking that back, and deleting slices that are done with."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.audit import event_of, record_all, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Run, User
from servicemgmt.ledger.models import Voucher
from servicemgmt.ledger.operations import VoucherDraft, post_vouchers

from ..models import AccrualKind, AccrualPosting, AccrualSlice, SliceStatus
from .families import Family, families_of
from .recognising import postings_of, recognised, recognition_lines

RELATED = ("transaction__currency", "line__invoice__voucher", "rule", "deferred_account", "revenue_account")


@dataclass(frozen=True, slots=True)
class Accrued:
    """What recognising gave: slices posted, those of nothing, those of a closed month, and slices deleted after."""

    posted: int = 0
    nothing: int = 0
    missed: int = 0
    deleted: int = 0


@transaction.atomic
def accrue(slices: Collection[int], *, by: User | None, at: datetime, run: Run | None = None) -> Accrued:
    """Recognise these slices as far as they are still open, under their locks; no Events (a Run leaves its own).

    One voucher for each last day and currency, dated that day; but never before the invoice (45), and in a closed
    period on the first open day (51): missed months, whose own day the slice and its posting keep (52). Slices of
    nothing are done without an entry (48). Raises Refused where no later period is open.
    """
    rows = list(
        AccrualSlice.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=slices, status=SliceStatus.OPEN)
        .select_related(*RELATED)
        .order_by("pk")
    )
    empty = [row for row in rows if row.is_nothing]
    for row in empty:
        row.status = SliceStatus.NOTHING
    due = sorted((row for row in rows if not row.is_nothing), key=_voucher_of)
    drafts = [_draft(list(group), run) for _key, group in groupby(due, key=_voucher_of)]
    AccrualSlice.objects.bulk_update(rows, ["status", "voucher"], batch_size=500)
    AccrualPosting.objects.bulk_create(postings_of(due, AccrualKind.RECOGNISED), batch_size=1000)
    vouchers = {voucher.pk: voucher for voucher in post_vouchers(drafts, by=by)}
    missed = sum(vouchers[row.voucher_id].posted_on > row.ends_on for row in due if row.voucher_id)
    complete = {row.transaction_id for row in rows if row.rule.delete_when_complete}
    return Accrued(len(due), len(empty), missed, _delete_complete(complete))


def _voucher_of(row: AccrualSlice) -> tuple[date, date, str]:
    """Slices with the same share a voucher: the day it is dated, the day they end and their currency."""
    return max(row.ends_on, row.line.invoice.voucher.posted_on), row.ends_on, row.transaction.currency.code


def _draft(rows: Sequence[AccrualSlice], run: Run | None) -> VoucherDraft:
    key = take_keys(Voucher, 1)[0]
    recognised(rows, key)
    return VoucherDraft(
        on=_voucher_of(rows[0])[0],
        text=_("Revenue recognised up to %(day)s") % {"day": date_format(rows[0].ends_on)},
        source="accruals",
        currency=rows[0].transaction.currency,
        lines=recognition_lines(rows),
        subject=subject_of(run) if run else "",
        key=key,
        moves=True,
    )


@transaction.atomic
def reverse_accruals(slices: Collection[int], *, on: date, by: User | None, at: datetime) -> list[Voucher]:
    """Take back what was recognised of these slices, dated `on` (SB-21); they wait to be recognised again.

    What credits cut from a slice goes with it. One voucher for each currency. Raises Refused for a slice that is not
    recognised, or that a credit took altogether, and where `on` lies in a closed period (or moves it, by setting);
    Invalid (field `on`) for a day before it was recognised.
    """
    keys = AccrualSlice.objects.filter(pk__in=slices).values_list("pk", "cuts_id", "line_id", "cuts__line_id")
    wanted = {cuts or pk for pk, cuts, _line, _cut_line in keys}
    lines = {cut_line or line for _pk, _cuts, line, cut_line in keys}
    families = [f for of_line in families_of(lines).values() for f in of_line if f.first.pk in wanted]
    if not families:
        raise Refused(_("Tick what is to be taken back."))
    for family in families:
        _check_reversal(family)
    back = AccrualSlice.objects.filter(
        pk__in=[row.pk for family in families for row in family.rows], status=SliceStatus.POSTED
    ).select_related("voucher", *RELATED)
    _check_not_before(back, on)
    rows = sorted(back, key=lambda row: (row.transaction.currency.code, row.pk))
    postings, drafts = [], []
    for _code, group in groupby(rows, key=lambda row: row.transaction.currency.code):
        of_currency = list(group)
        key = take_keys(Voucher, 1)[0]
        for row in of_currency:
            row.voucher_id = key
        postings += postings_of(of_currency, AccrualKind.REVERSED, sign=1)
        drafts.append(
            VoucherDraft(
                on=on,
                text=_("Recognised revenue taken back"),
                source="accruals",
                currency=of_currency[0].transaction.currency,
                lines=recognition_lines(of_currency, sign=-1),
                key=key,
            )
        )
    AccrualSlice.objects.filter(pk__in=[row.pk for row in rows]).update(status=SliceStatus.OPEN, voucher=None)
    AccrualPosting.objects.bulk_create(postings, batch_size=1000)
    vouchers = post_vouchers(drafts, by=by)
    _record("accruals_reversed", rows, by=by)
    return vouchers


def _check_reversal(family: Family) -> None:
    row = family.first
    names = {"days": str(row), "status": row.get_status_display().lower()}
    if row.status != SliceStatus.POSTED:
        raise Refused(_("%(days)s cannot be taken back: %(status)s.") % names)
    if family.is_gone:
        raise Refused(_("%(days)s is credited; its accrual is taken back already.") % names)


def _check_not_before(rows: Iterable[AccrualSlice], on: date) -> None:
    """Invalid (field `on`) where revenue would be taken back before it was recognised, by the dates of the vouchers."""
    last = max(rows, key=lambda row: row.voucher.posted_on if row.voucher else date.min)
    if last.voucher and on < last.voucher.posted_on:
        raise Invalid(
            _("%(days)s was recognised on %(day)s. Take it back on that day or a later one.")
            % {"days": last, "day": date_format(last.voucher.posted_on)},
            field="on",
        )


@transaction.atomic
def delete_complete(transactions: Collection[int], *, by: User | None) -> int:
    """Delete the slices of transactions that have nothing left to recognise (SB-24); vouchers and postings stay.

    Returns how many slices went. Raises Refused where something still waits.
    """
    rows = list(AccrualSlice.objects.filter(transaction__in=transactions).select_related("transaction"))
    gone = _delete_complete(transactions)
    if not gone:
        raise Refused(_("Slices are deleted when all of them are recognised."))
    _record("accruals_deleted", rows, by=by)
    return gone


def _delete_complete(transactions: Collection[int]) -> int:
    if not transactions:
        return 0
    waiting = AccrualSlice.objects.filter(transaction=OuterRef("transaction"), status=SliceStatus.OPEN)
    done = AccrualSlice.objects.filter(~Exists(waiting), transaction__in=transactions)
    keys = list(done.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    rows = AccrualSlice.objects.filter(pk__in=keys)
    return rows._raw_delete(rows.db) if keys else 0  # cuts and what they cut in one statement


def _record(action: str, rows: Iterable[AccrualSlice], *, by: User | None) -> None:
    transactions = {row.transaction_id: row.transaction for row in rows}
    record_all(event_of(action, row, by=by, label=row.text) for row in transactions.values())
