"""The plan of one agreement: what its lines ask for, what joins visits that are there, what is packed into new ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from django.utils.translation import gettext_lazy as _

from agreements.models import CombineBy, DueFrom
from servicemgmt.core.periods import Period

from . import wording
from .dates import Due, asked, due, expected_after, missing, not_past, not_yet
from .joining import join, keyed
from .packing import Demand, IsOpenDay, Visit, pack
from .placing import Placing
from .terms import (
    WHOLE_DAY,
    Existing,
    Forecast,
    Hours,
    IsOpen,
    Key,
    Line,
    OpenOrder,
    Options,
    Plan,
    PlannedLine,
    PlannedOrder,
    Skipped,
    Standing,
    Terms,
    common,
)

TEMPLATE = Skipped(None, "template", _("This is a template; nothing is ever created from it."))
QUOTE = Skipped(None, "quote", _("This is a quote; nothing is created from it before the customer agrees."))


def plan(
    terms: Terms,
    options: Options,
    *,
    is_open: IsOpen,
    existing: Existing,
    standing: Mapping[int, Standing] | None = None,
    open_orders: Iterable[OpenOrder] = (),
) -> Plan:
    """The orders that the agreement's lines ask for in the period and that are not there yet, with reasons.

    Depends on nothing but its arguments. Days are local to the site; both ends of a period count. `standing` tells of
    lines due from the last visit done how far they stand; `open_orders`, read only where something is asked for, are
    those that lines may join.
    """
    if terms.is_template:
        return Plan(skipped=(TEMPLATE,))
    if not terms.is_agreed:
        return Plan(skipped=(QUOTE,))
    if terms.suspended:
        why = wording.suspended(terms.suspended_on, terms.suspend_reason)
        return Plan(skipped=(Skipped(None, "suspended", why),))
    wishes = _Wishes(terms, options, is_open, existing, standing or {})
    if not any(wishes.by_key.values()):
        return Plan((), tuple(wishes.skipped), wishes.forecast({}))
    still = (order for order in open_orders if not_past(Period(order.day, order.day), options))
    by_id = {line.id: line for line in terms.lines}

    def key_of(line_id: int, day: date) -> Key | None:
        return combine_key(terms, by_id[line_id], by_id[line_id].stay(day)[0]) if line_id in by_id else None

    joinable = keyed(still, key_of)
    orders: list[PlannedOrder] = []
    for key, demands in wishes.by_key.items():
        orders += _placed(key, demands, joinable.get(key, ()), partial(is_open, key[0] or 0))
    orders.sort(key=lambda order: (order.day, order.lines[0].line.number))
    placed = {item.line.id: order.day for order in orders for item in order.lines}
    return Plan(tuple(told_apart(orders)), tuple(wishes.skipped), wishes.forecast(placed))


def _placed(
    key: Key, demands: list[Demand], open_orders: Sequence[OpenOrder], is_open: IsOpenDay
) -> Iterator[PlannedOrder]:
    """What joins orders of the key, and the rest packed."""
    joined: dict[OpenOrder, list[Demand]] = {}
    if open_orders:
        joined, demands = join(demands, open_orders, is_open)
    for order, items in joined.items():
        lines = tuple(
            PlannedLine(item.line, item.day, item.range, wording.joins(item, order))
            for item in sorted(items, key=lambda item: item.line.number)
        )
        hours = hours_of(items, order.hours)
        yield PlannedOrder(order.day, key, order.site, lines, joins=order, hours=hours)
    for visit in pack(demands, is_open):
        yield _order(key, visit, is_open)


def _order(key: Key, visit: Visit, is_open: IsOpenDay) -> PlannedOrder:
    lines = tuple(
        PlannedLine(item.line, item.day, item.range, wording.reason(visit, item, is_open))
        for item in sorted(visit.demands, key=lambda item: item.line.number)
    )
    hours = hours_of(visit.demands, WHOLE_DAY)
    return PlannedOrder(visit.day, key, key[0] or 0, lines, conflict=not is_open(visit.day), hours=hours)


def hours_of(demands: Iterable[Demand], hours: Hours) -> Hours:
    """What all the demands of a visit leave of its hours."""
    for item in demands:
        hours = common(hours, item.line.hours) or hours
    return hours


def told_apart(orders: Sequence[PlannedOrder]) -> Iterator[PlannedOrder]:
    """The orders; those of one day that only hours or another SLA keep from being one say so of each other."""
    by_place: dict[tuple[date, Key], list[PlannedOrder]] = {}
    for order in orders:
        by_place.setdefault((order.day, order.key[:-1]), []).append(order)
    for order in orders:
        beside = by_place[order.day, order.key[:-1]]
        if len(beside) == 1:
            yield order
            continue
        slas = [item.line for other in beside for item in other.lines if other.key != order.key]
        hours = [
            item.line
            for other in beside
            if other.key == order.key and not common(order.hours, other.hours)
            for item in other.lines
        ]
        if not slas and not hours:
            yield order
            continue
        lines = (item._replace(reason=wording.apart(item.reason, hours, slas)) for item in order.lines)
        yield order._replace(lines=tuple(lines))


def combine_key(terms: Terms, line: Line, site: int | None) -> Key:
    """SO-A10: what separates lines into different orders. An empty value is its own. `site`: where it is worked.

    The site comes first in every key and the SLA last: an order has one clock, and it is that of all its lines.
    """
    match terms.combine_by:
        case CombineBy.TASK:
            return site, line.task, line.sla
        case CombineBy.EMPLOYEE:
            return site, line.worker, line.sla
        case CombineBy.OBJECT:
            return site, line.object, line.sla
    return site, line.sla


class _Wishes:
    """What the lines ask for: demands by key, what is passed over and why, and what is only expected."""

    def __init__(
        self,
        terms: Terms,
        options: Options,
        is_open: IsOpen,
        existing: Existing,
        standing: Mapping[int, Standing],
    ) -> None:
        self.terms, self.options = terms, options
        self.by_key: dict[Key, list[Demand]] = {}
        self.skipped: list[Skipped] = []
        self.dues: list[tuple[Placing, Due]] = []
        for line in terms.lines:
            if options.lines and line.id not in options.lines:
                continue
            there = existing.get(line.id, frozenset())
            if refusal := _refusal(line, options):
                self.skipped.append(refusal)
                continue
            placing = Placing(terms, line, options, is_open)
            if line.due_from == DueFrom.ACTUAL and line.recurrence:
                stands = standing.get(line.id, Standing())
                self._ask_actual(placing, due(terms, line, options, there, stands, placing.reach))
            else:
                self._ask_planned(placing, there)

    def _ask_planned(self, placing: Placing, there: frozenset[date]) -> None:
        line, options = placing.line, self.options
        found = asked(self.terms, line, options, there, placing.reach)
        wanted = missing(found.dates, there, continuous=options.continuous)
        self._ask(placing, wanted)
        if wanted and (before := not_yet(self.terms, line, options, there, placing.reach)):
            self.skipped.append(Skipped(line, "not yet", wording.not_yet(len(before), before[0])))
        if not found.dates:
            self.skipped.append(_no_date(self.terms, line, options))
        self.skipped += _left_out(placing, found.dates, there, continuous=options.continuous)
        if found.over:
            self.skipped.append(Skipped(line, "overdue", wording.missed(len(found.over), found.over[0])))

    def _ask_actual(self, placing: Placing, found: Due) -> None:
        line, skipped = placing.line, self.skipped
        if found.day:
            self._ask(placing, [found.day], since=found.since)
        if found.closed:
            skipped.append(Skipped(line, "closed", wording.skipped_days(found.closed)))
        elif found.owed_before:
            skipped.append(Skipped(line, "before", wording.owed_before(found.owed_before)))
        elif found.overdue and not found.day:
            skipped.append(Skipped(line, "overdue", wording.overdue(found.overdue)))
        elif found.since and found.expected and not found.day:
            skipped.append(Skipped(line, "open", wording.still_open(found.since, found.waiting)))
        elif not found.day:
            skipped.append(_no_date(self.terms, line, self.options))
        self.dues.append((placing, found))

    def forecast(self, placed: Mapping[int, date]) -> tuple[Forecast, ...]:
        """What follows on the visits of the lines that count from the last one done; `placed`: the day each line got.

        A visit that closed days or a time window moved is expected to be done on the day it was moved to.
        """
        found = []
        for placing, of_line in self.dues:
            line, expected = placing.line, of_line.expected
            after = of_line.owed_before or of_line.since
            if of_line.day:
                after = placed.get(line.id, of_line.day)
                expected = expected_after(self.terms, line, self.options, after, placing.reach)
            if after:
                found += [Forecast(line, day, wording.expected(after)) for day in expected]
        return tuple(found)

    def _ask(self, placing: Placing, dates: Iterable[date], *, since: date | None = None) -> None:
        """Demands for the dates, each at its site; those that a closed day takes away are told."""
        line, closed = placing.line, []
        here: dict[int | None, list[Demand]] = {}
        for day in dates:
            site, item = placing.place(day, since)
            if item is None:
                closed.append(day)
                continue
            if site not in here:
                here[site] = self.by_key.setdefault(combine_key(self.terms, line, site), [])
            here[site].append(item)
        if closed:
            self.skipped.append(Skipped(line, "closed", wording.skipped_days(tuple(closed))))


NO_DATE = _("No date of this line falls into the period.")


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
    if line.refusal:
        return Skipped(line, "item", line.refusal)
    return None


def _no_date(terms: Terms, line: Line, options: Options) -> Skipped:
    """Why nothing of the line falls into the period."""
    if line.out_from and line.out_from <= options.period.end:
        return Skipped(line, "out", wording.out_of_service(line.out_from))
    closed = terms.closed_from
    if closed and closed <= options.period.end and closed <= (line.end or closed):
        return Skipped(line, "out", wording.project_closed(closed))
    return Skipped(line, "period", NO_DATE)


def _left_out(
    placing: Placing, dates: Sequence[date], there: frozenset[date], *, continuous: bool
) -> Iterator[Skipped]:
    """What has its order already, and that gaps are not filled where there are some; a closed day leaves none."""
    if not there:
        return
    line = placing.line
    if done := sum(day in there for day in dates):
        yield Skipped(line, "existing", wording.already(done))
    latest = max(there)
    if not continuous and any(day < latest and day not in there and placing.reach(day) for day in dates):
        yield Skipped(line, "gap", wording.gaps(latest))
