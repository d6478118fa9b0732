"""Posting the lines of one order, and undoing it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from orders.operations.lock import lock_order, save_order
from orders.operations.progress import refresh_progress
from orders.operations.void import void_sign_off
from servicemgmt.core.audit import Changes, record, subject_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run, User
from servicemgmt.ledger.queries import closed_sentence, first_open_day
from servicemgmt.masterdata.queries import company_zone
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import post_transactions, reverse_transactions

from .plan import PlannedLine, plan_posting


@dataclass
class Posted:
    """What became of an order's lines: the posted ones, and the others with why not."""

    lines: list[ServiceOrderLine] = field(default_factory=list)
    refused: list[tuple[ServiceOrderLine, str]] = field(default_factory=list)


@transaction.atomic
def post_order_lines(
    order_id: int,
    *,
    by: User | None,
    at: datetime,
    kinds: Collection[str] | None = None,
    run: Run | None = None,
) -> Posted:
    """Post what can be posted of an order: its Created lines of the ticked kinds (None: all), with one voucher.

    A line that cannot be posted stays Created and is told of; the others are posted all the same (PR-05). Project
    date is the line's day, the voucher's the last of them, or the first open day after it. Twice posts nothing twice.
    """
    order = lock_order(order_id)
    result = Posted()
    planned: list[PlannedLine] = []
    for entry in plan_posting([order.pk], kinds=kinds):
        if entry.is_postable:
            planned.append(entry)
        else:
            result.refused.append((entry.line, str(entry.refusal)))
    if planned:
        _post(order, planned, result, by=by, at=at)
    if result.lines:
        _mark(order, result.lines, by=by, run=run)
    return result


def _post(
    order: ServiceOrder, planned: Sequence[PlannedLine], result: Posted, *, by: User | None, at: datetime
) -> None:
    """Post all, or where the books refuse, all but the lines that they refuse."""
    try:
        _book(order, planned, by=by, at=at)
        good = planned
    except Refused:
        good = _without_culprits(order, planned, result, by=by, at=at)
        if good:
            _book(order, good, by=by, at=at)
    result.lines += [entry.line for entry in good]


def _without_culprits(
    order: ServiceOrder, planned: Sequence[PlannedLine], result: Posted, *, by: User | None, at: datetime
) -> list[PlannedLine]:
    """The lines that can be posted together, found by trying; nothing of the trials stays."""
    good: list[PlannedLine] = []
    for entry in planned:
        refusal = _refusal(order, [*good, entry], by=by, at=at)
        if refusal is None:
            good.append(entry)
        else:
            result.refused.append((entry.line, refusal))
    return good


class Tried(Exception):
    """The trial went well; raised to take it back."""


def _refusal(
    order: ServiceOrder, planned: Sequence[PlannedLine], *, by: User | None, at: datetime
) -> str | None:
    try:
        with transaction.atomic():
            _transactions(order, planned, by=by, at=at)
            raise Tried
    except Tried:
        return None
    except Refused as refusal:
        return str(refusal)


@transaction.atomic
def _book(order: ServiceOrder, planned: Sequence[PlannedLine], *, by: User | None, at: datetime) -> None:
    rows = _transactions(order, planned, by=by, at=at)
    for entry, row in zip(planned, rows, strict=True):
        line = entry.line
        line.status, line.transaction = LineStatus.POSTED, row
        line.version += 1
        line.save(update_fields=["status", "transaction", "version"])


@transaction.atomic
def _transactions(
    order: ServiceOrder, planned: Sequence[PlannedLine], *, by: User | None, at: datetime
) -> list[Transaction]:
    drafts = [entry.draft for entry in planned if entry.draft]
    return post_transactions(
        drafts,
        on=ledger_day(max(draft.executed_on for draft in drafts)),
        text=_("Service order %(number)s") % {"number": order.number},
        subject=subject_of(order),
        label=order.number,
        by=by,
        at=at,
    )


def ledger_day(wanted: date) -> date:
    """The day itself, or the first open day after it. Raises Refused where no later period is open."""
    found = first_open_day(wanted)
    if found is None:
        raise Refused(closed_sentence(wanted))
    return found


def _mark(
    order: ServiceOrder, lines: Sequence[ServiceOrderLine], *, by: User | None, run: Run | None
) -> None:
    refresh_progress(order)
    save_order(order, "progress")
    changes: Changes = {"lines": [None, [str(line) for line in lines]]}
    record("posted", order, by=by, changes=changes, run=run)


@transaction.atomic
def undo_posting(
    order_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    lines: Collection[int] | None = None,
) -> list[Transaction]:
    """Take the posting of an order's lines back (None: of all posted ones) while none of them is invoiced.

    Reversing transactions and vouchers are dated today in the company's zone, or the first open day after. The lines
    are Created again and the sign-off is void. Raises Refused, Stale. Returns the mirrors.
    """
    order = lock_order(order_id, version=version)
    posted = order.lines.filter(status=LineStatus.POSTED).select_related("transaction")
    if lines is not None:
        posted = posted.filter(pk__in=lines)
    rows = list(posted)
    if not rows:
        raise Refused(_("Nothing of this order is posted."))
    day = ledger_day(at.astimezone(ZoneInfo(company_zone())).date())
    mirrors = reverse_transactions(
        [line.transaction for line in rows if line.transaction], on=day, by=by, at=at
    )
    for line in rows:
        line.status, line.transaction, line.signed_off_at = LineStatus.CREATED, None, None
        line.version += 1
        line.save(update_fields=["status", "transaction", "signed_off_at", "version"])
    void_sign_off(order, by=by, at=at, reason=_("The posting was undone."))
    refresh_progress(order)
    save_order(order, "progress", "signed_off_at")
    changes: Changes = {"lines": [[str(line) for line in rows], None]}
    record("posting_undone", order, by=by, changes=changes)
    return mirrors
