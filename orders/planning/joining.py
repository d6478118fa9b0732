"""Before new visits are made, lines join those that are there: made by the system, initial, unbooked, of their key."""

from collections.abc import Iterable, Sequence

from .packing import Demand, IsOpenDay
from .terms import Key, OpenOrder


def join(
    demands: Sequence[Demand], orders: Iterable[OpenOrder], is_open: IsOpenDay
) -> tuple[dict[OpenOrder, list[Demand]], list[Demand]]:
    """Which of the demands join which of the orders of their key, and the rest.

    The nearest pairs first, by days between the calculated date and the order's, then by order and line. Two dates of
    a line never share an order (SO-A11).
    """
    pairs = sorted(
        (abs((order.day - item.day).days), order.day, order.id, item.line.number, item.day, at)
        for order in orders
        for at, item in enumerate(demands)
        if may_join(item, order, is_open)
    )
    by_id = {order.id: order for order in orders}
    taken: dict[int, OpenOrder] = {}
    full: set[tuple[int, int]] = set()
    for *_rank, order_id, _number, _day, at in pairs:
        place = order_id, demands[at].line.id
        if at not in taken and place not in full:
            taken[at] = by_id[order_id]
            full.add(place)
    joined: dict[OpenOrder, list[Demand]] = {}
    for at, order in taken.items():
        joined.setdefault(order, []).append(demands[at])
    return joined, [item for at, item in enumerate(demands) if at not in taken]


def may_join(item: Demand, order: OpenOrder, is_open: IsOpenDay) -> bool:
    """Whether the order's day and hours serve the demand as a new visit's would, and its promise is the line's own.

    What the order promises stays as it is, so it has to lie within the hours of the line (SO-A12).
    """
    if item.line.id in order.lines or item.line.sla != order.sla:
        return False
    if order.hours[0] < item.line.hours[0] or order.hours[1] > item.line.hours[1]:
        return False
    if not item.first <= order.day <= item.last:
        return False
    return item.is_closed or is_open(order.day)


def keyed(orders: Iterable[OpenOrder], key_of: dict[int, Key]) -> dict[Key, list[OpenOrder]]:
    """The orders by the one key that all their lines have; those with lines of several, or none, cannot be joined."""
    found: dict[Key, list[OpenOrder]] = {}
    for order in orders:
        keys = {key_of[line] for line in order.lines if line in key_of}
        if len(keys) == 1 and next(iter(keys))[0] == order.site:
            found.setdefault(keys.pop(), []).append(order)
    return found
