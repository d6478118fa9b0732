"""Planning visits: one pure function, used by the preview and by the run that creates the orders (SO-A03 … SO-A14)."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from django.utils.translation import gettext_lazy as _

from agreements.models import CombineBy

from . import wording
from .dates import allowed_range, calculated_dates, missing
from .packing import Demand, Visit, demand, pack
from .terms import (
    Existing,
    IsOpen,
    Key,
    Line,
    Options,
    Plan,
    PlannedLine,
    PlannedOrder,
    Skipped,
    Terms,
    Window,
)

__all__ = ["Line", "Options", "Plan", "PlannedLine", "PlannedOrder", "Skipped", "Terms", "Window", "plan"]

SUSPENDED = Skipped(None, "suspended", _("The agreement is suspended, so nothing is created from it."))
TEMPLATE = Skipped(None, "template", _("This is a template; nothing is ever created from it."))


def plan(terms: Terms, options: Options, *, is_open: IsOpen, existing: Existing) -> Plan:
    """The orders that the agreement's lines ask for in the period and that are not there yet, with reasons.

    Depends on nothing but its arguments. Days are local to the site; both ends of a period count.
    """
    if terms.is_template:
        return Plan(skipped=(TEMPLATE,))
    if terms.suspended:
        return Plan(skipped=(SUSPENDED,))
    orders: list[PlannedOrder] = []
    for key, demands in _by_key(terms, options, is_open, existing).items():
        open_here = partial(is_open, key[0] or 0)
        orders += (_order(key, visit, open_here) for visit in pack(demands, open_here))
    orders.sort(key=lambda order: (order.day, order.lines[0].line.number))
    return Plan(tuple(orders), tuple(_skipped(terms, options, existing)))


def _by_key(terms: Terms, options: Options, is_open: IsOpen, existing: Existing) -> dict[Key, list[Demand]]:
    groups: dict[Key, list[Demand]] = {}
    for line in terms.lines:
        if _refusal(line, options) is not None:
            continue
        open_here = partial(is_open, line.site or 0)
        for day in _dates(terms, line, options, existing):
            allowed = allowed_range(terms, line, day)
            groups.setdefault(combine_key(terms, line), []).append(demand(line, day, allowed, open_here))
    return groups


def combine_key(terms: Terms, line: Line) -> Key:
    """SO-A10: what separates lines into different orders. The site is part of every key; an empty value is its own."""
    match terms.combine_by:
        case CombineBy.TASK:
            return line.site, line.task
        case CombineBy.EMPLOYEE:
            return line.site, line.worker
        case CombineBy.OBJECT:
            return line.site, line.object
    return (line.site,)


def _dates(terms: Terms, line: Line, options: Options, existing: Existing) -> list[date]:
    dates = calculated_dates(terms, line, options.period)
    return missing(dates, existing.get(line.id, frozenset()), continuous=options.continuous)


def _order(key: Key, visit: Visit, open_here: partial[bool]) -> PlannedOrder:
    lines = tuple(
        PlannedLine(item.line, item.day, item.range, wording.reason(visit, item, open_here))
        for item in sorted(visit.demands, key=lambda item: item.line.number)
    )
    return PlannedOrder(visit.day, key, key[0] or 0, lines, conflict=not open_here(visit.day))


def _refusal(line: Line, options: Options) -> Skipped | None:
    """Why the line produces nothing whatever its dates."""
    if line.stopped:
        return Skipped(line, "stopped", _("The line is stopped."))
    if options.kinds and line.kind not in options.kinds:
        return Skipped(line, "kind", _("Lines of this type are not asked for."))
    if line.site is None:
        return Skipped(
            line, "site", _("Nobody knows where: set a site on the line, its object or the project.")
        )
    return None


def _skipped(terms: Terms, options: Options, existing: Existing) -> Iterable[Skipped]:
    for line in terms.lines:
        refusal = _refusal(line, options)
        if refusal:
            yield refusal
        else:
            yield from _left_out(terms, line, options, existing.get(line.id, frozenset()))


def _left_out(terms: Terms, line: Line, options: Options, there: frozenset[date]) -> Iterator[Skipped]:
    dates = calculated_dates(terms, line, options.period)
    if not dates:
        yield Skipped(line, "period", _("No date of this line falls into the period."))
    if done := sum(day in there for day in dates):
        yield Skipped(line, "existing", wording.already(done))
    gaps = [day for day in dates if there and day < max(there) and day not in there]
    if gaps and not options.continuous:
        yield Skipped(line, "gap", wording.gaps(len(gaps), max(there)))
