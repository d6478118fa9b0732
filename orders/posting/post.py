"""Posting the lines of orders, and undoing it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from orders.operations.lock import lock_order, lock_orders, save_order, save_orders
from orders.operations.progress import refresh_progress, refresh_progress_of
from orders.operations.void import void_sign_off
from orders.queries.posting import Line
from servicemgmt.core.audit import Changes, record, record_each, subject_of
from servicemgmt.core.bulk import check_early, update_values
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Event, Run, User
from servicemgmt.ledger.models import Voucher
from servicemgmt.ledger.operations import Ready, write_vouchers
from servicemgmt.masterdata.queries import company_day_at
from servicemgmt.projects.models import Transaction
from servicemgmt.projects.operations import Bundle, insert_bundles, post_bundles, reverse_transactions

from .plan import PlannedLine, plan_posting

#: What posting asks of an order.
OF_ORDER = ["number", "description", "progress", "version"]


@dataclass
class Posted:
    """What became of an order's lines: the posted ones, and the others with why not."""

    order: ServiceOrder
    lines: list[Line] = field(default_factory=list)
    refused: list[tuple[Line, str]] = field(default_factory=list)


def post_order_lines(
    order_id: int,
    *,
    by: User | None,
    at: datetime,
    kinds: Collection[str] | None = None,
    chosen: Collection[int] | None = None,
    run: Run | None = None,
) -> Posted:
    """Post what can be posted of one order; see `post_orders`."""
    return post_orders([order_id], by=by, at=at, kinds=kinds, chosen=chosen, run=run)[0]


@transaction.atomic
def post_orders(
    order_ids: Collection[int],
    *,
    by: User | None,
    at: datetime,
    kinds: Collection[str] | None = None,
    chosen: Collection[int] | None = None,
    run: Run | None = None,
) -> list[Posted]:
    """Post the orders' Created lines of the ticked kinds (None: all), one voucher for each order and day of work.

    Of them only the `chosen` lines, by key, where some are (PR-02).
    A line that cannot be posted stays Created and is told of; the others are posted all the same (PR-05). Project
    date and voucher date are the line's day; one in a closed period is refused, or its voucher moved, by the ledger's
    setting. Twice posts nothing twice.
    """
    results = {order.pk: Posted(order) for order in lock_orders(order_ids, only=OF_ORDER)}
    planned: dict[int, list[PlannedLine]] = {}
    for entry in plan_posting(list(results), kinds=kinds, chosen=chosen):
        if entry.is_postable:
            planned.setdefault(entry.line.order_id, []).append(entry)
        else:
            results[entry.line.order_id].refused.append((entry.line, str(entry.refusal)))
    parts = [Part(results[order_id], entries) for order_id, entries in planned.items()]
    try:
        vouchers = [_book(parts, by=by, at=at)]
    except Refused:
        vouchers = [_book([_without_culprits(part, by=by, at=at)], by=by, at=at) for part in parts]
    _mark([result for result in results.values() if result.lines], by=by, run=run)
    if any(ready.vouchers for ready in vouchers):
        check_early(Transaction, ServiceOrderLine, ServiceOrder, Event, but=[Voucher])
        write_vouchers(vouchers)
    return list(results.values())


@dataclass
class Part:
    """What is to be posted of one order."""

    result: Posted
    entries: list[PlannedLine]

    @property
    def days(self) -> list[tuple[date, list[PlannedLine]]]:
        """The entries by the day of the work, earliest first: those of a day share a voucher."""
        days: dict[date, list[PlannedLine]] = {}
        for entry in self.entries:
            if entry.draft:
                days.setdefault(entry.draft.executed_on, []).append(entry)
        return sorted(days.items())

    def bundles(self) -> Iterator[tuple[Bundle, list[PlannedLine]]]:
        """A bundle a day, with the entries behind it; the plan has checked them and knows what they come to."""
        order = self.result.order
        common = {
            "text": _("Service order %(number)s") % {"number": order.number},
            "subject": subject_of(order),
            "label": order.number,
        }
        for day, entries in self.days:
            drafts = [entry.draft for entry in entries if entry.draft]
            amounts = [entry.amounts for entry in entries if entry.amounts]
            yield Bundle(drafts=drafts, amounts=amounts, on=day, **common), entries


def _without_culprits(part: Part, *, by: User | None, at: datetime) -> Part:
    """The lines that can be posted together, found by trying; nothing of the trials stays."""
    good: list[PlannedLine] = []
    for entry in part.entries:
        refusal = _refusal(Part(part.result, [*good, entry]), by=by, at=at)
        if refusal is None:
            good.append(entry)
        else:
            part.result.refused.append((entry.line, refusal))
    return Part(part.result, good)


class Tried(Exception):
    """The trial went well; raised to take it back."""


def _refusal(part: Part, *, by: User | None, at: datetime) -> str | None:
    try:
        with transaction.atomic():
            post_bundles([bundle for bundle, _entries in part.bundles()], by=by, at=at)
            raise Tried
    except Tried:
        return None
    except Refused as refusal:
        return str(refusal)


@transaction.atomic
def _book(parts: Sequence[Part], *, by: User | None, at: datetime) -> Ready:
    """Post all of it but for the vouchers, or where the books refuse a line, nothing."""
    booked = [pair for part in parts for pair in part.bundles()]
    keys, vouchers = insert_bundles([bundle for bundle, _entries in booked], by=by, at=at)
    for part in parts:
        part.result.lines += [entry.line for entry in part.entries]
    update_values(
        ServiceOrderLine,
        ["status", "transaction", "version"],
        [
            (entry.line.pk, LineStatus.POSTED, key, entry.line.version + 1)
            for (_bundle, entries), of_bundle in zip(booked, keys, strict=True)
            for entry, key in zip(entries, of_bundle, strict=True)
        ],
    )
    return vouchers


def _mark(results: Sequence[Posted], *, by: User | None, run: Run | None) -> None:
    orders = [result.order for result in results]
    refresh_progress_of(orders)
    save_orders(orders, "progress")
    record_each(
        "posted",
        (
            (subject_of(result.order), str(result.order), {"lines": [None, list(map(str, result.lines))]})
            for result in results
        ),
        by=by,
        run=run,
    )


@transaction.atomic
def undo_posting(
    order_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    lines: Collection[int] | None = None,
) -> list[Transaction]:
    """Take the posting of an order's lines back (None: of all posted ones) while none of them is in a proposal.

    Reversing transactions and vouchers are dated today in the company's zone (closed periods by the ledger's setting).
    The lines are Created again and the sign-off is void. Raises Refused, Stale. Returns the mirrors.
    """
    order = lock_order(order_id, version=version)
    posted = order.lines.filter(transaction__isnull=False).select_related("transaction")
    if lines is not None:
        posted = posted.filter(pk__in=lines)
    rows = list(posted)
    if not rows:
        raise Refused(
            _("Nothing of this order is posted.") if lines is None else _("Tick lines that are posted.")
        )
    day = company_day_at(at)
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
