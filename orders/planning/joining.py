"""Before new visits are made, lines join those that are there: made by the system, initial, unbooked, of their key."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from .packing import Demand, IsOpenDay
from .terms import Hours, Key, OpenOrder, common


def join(
    demands: Sequence[Demand], orders: Iterable[OpenOrder], is_open: IsOpenDay
) -> tuple[dict[OpenOrder, list[Demand]], list[Demand]]:
    """Which of the demands join which of the orders of their key, and the rest.

    The nearest pairs first, by days between the calculated date and the order's, then by order and in the order in
    which packing takes them. Where a date has no choice of days, how far it moves does not count. Two dates of a line
    never share an order, nor do lines whose hours contradict (SO-A11).
    """
    by_id = {order.id: order for order in orders}
    pairs = sorted(
        (
            0 if item.first == item.last else abs((order.day - item.day).days),
            order.day,
            order.id,
            *item.rank,
            at,
        )
        for order in by_id.values()
        for at, item in enumerate(demands)
        if may_join(item, order, is_open)
    )
    taken: dict[int, OpenOrder] = {}
    full: set[tuple[int, int]] = set()
    hours: dict[int, Hours] = {order.id: order.hours for order in by_id.values()}
    for _distance, _order_day, order_id, _end, _day, _number, at in pairs:
        line = demands[at].line
        shared = common(hours[order_id], line.hours)
        if shared and at not in taken and (order_id, line.id) not in full:
            taken[at], hours[order_id] = by_id[order_id], shared
            full.add((order_id, line.id))
    joined: dict[OpenOrder, list[Demand]] = {}
    for at, order in taken.items():
        joined.setdefault(order, []).append(demands[at])
    return joined, [item for at, item in enumerate(demands) if at not in taken]


def may_join(item: Demand, order: OpenOrder, is_open: IsOpenDay) -> bool:
    """Whether the order's day and hours serve the demand as a new visit's would, and its promise is the line's own.

    What the order promises is only ever narrowed to what the line allows of it (SO-A12).
    """
    if item.line.id in order.lines or item.line.sla != order.sla or not common(order.hours, item.line.hours):
        return False
    if not item.first <= order.day <= item.last:
        return False
    return item.is_closed or is_open(order.day)


def keyed(
    orders: Iterable[OpenOrder], key_of: Callable[[int, date], Key | None]
) -> dict[Key, list[OpenOrder]]:
    """The orders by the one key that all their lines have on their day; those with lines of several, or none, cannot
    be joined. `key_of` gives None for lines of other agreements."""
    found: dict[Key, list[OpenOrder]] = {}
    for order in orders:
        keys = {key for line in order.lines if (key := key_of(line, order.day))}
        if len(keys) == 1 and next(iter(keys))[0] == order.site:
            found.setdefault(keys.pop(), []).append(order)
    return found
