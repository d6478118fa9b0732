"""What a run over many agreements would create: every one of them planned, a page of them told one by one."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import batched

from agreements.models import ServiceAgreement
from orders.planning import Options, Plan, Skipped

from .load import load
from .run import CHUNK, TOLD

#: How many agreements a page tells one by one.
SHOWN = 100

#: So many are all planned for each page; of more only those of the page are, so that it is there within seconds.
ALL_AT_ONCE = 5000

#: How many days, and how many expected ones, a row names before it counts the rest.
NAMED_DAYS = 6


@dataclass(frozen=True, slots=True)
class Told:
    """What would be created from one agreement."""

    agreement: ServiceAgreement
    orders: int
    joined: int
    lines: int
    conflicts: int
    days: list[date]
    more: int
    #: Dates that count from a visit still to be done: expected, not created.
    expected: list[date]
    more_expected: int
    remarks: list[Skipped]


@dataclass(slots=True)
class Preview:
    """Page `page` of `pages`, counted from 1; the totals and the digest of all agreements where `is_whole`, else of
    the page's."""

    page: int
    pages: int
    is_whole: bool
    #: The number of its first row, counted from 1.
    first: int
    rows: list[Told] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)
    digest: str = ""


def preview(ids: Sequence[int], options: Options, *, page: int = 1) -> Preview:
    """Plan the agreements by the chunk, as the run will; nothing but the page's rows and the totals is kept."""
    pages = max(1, -(-len(ids) // SHOWN))
    page = min(max(page, 1), pages)
    shown = ids[(page - 1) * SHOWN : page * SHOWN]
    found = Preview(page, pages, len(ids) <= ALL_AT_ONCE, (page - 1) * SHOWN + 1)
    wanted, sha = set(shown), hashlib.sha256(" ".join(map(str, ids)).encode())
    for chunk in batched(ids if found.is_whole else shown, CHUNK):
        for loaded in load(chunk, options.period):
            plan = loaded.plan(options)
            sha.update(f"\n{loaded.agreement.pk}".encode())
            sha.update("".join(_lines(plan)).encode())
            row = told(loaded.agreement, plan)
            for name in ("orders", "joined", "lines", "conflicts"):
                found.totals[name] += getattr(row, name)
            found.totals["expected"] += len(plan.forecast)
            if loaded.agreement.pk in wanted:
                found.rows.append(row)
    found.digest = sha.hexdigest()[:32]
    return found


def told(agreement: ServiceAgreement, plan: Plan) -> Told:
    """A plan in a row."""
    days = list(dict.fromkeys(order.day for order in plan.orders))
    expected = sorted({item.day for item in plan.forecast})
    return Told(
        agreement,
        len(plan.created),
        len(plan.joined),
        plan.line_count,
        sum(order.conflict for order in plan.orders),
        days[:NAMED_DAYS],
        max(len(days) - NAMED_DAYS, 0),
        expected[:NAMED_DAYS],
        max(len(expected) - NAMED_DAYS, 0),
        [skip for skip in plan.skipped if skip.code in TOLD],
    )


def digest(plan: Plan) -> str:
    """What the preview of one agreement showed, in short: creating compares it, so that nobody creates what he did
    not see."""
    return hashlib.sha256("".join(_lines(plan)).encode()).hexdigest()[:32]


def _lines(plan: Plan) -> Iterator[str]:
    for order in plan.orders:
        items = ",".join(f"{item.line.id}@{item.calculated}" for item in order.lines)
        joins = order.joins.id if order.joins else ""
        yield f"\n{order.day} {order.site} {order.conflict} {joins} {items}"
