"""Keeping goods for somebody. What is reserved stays on hand until it moves; available is the rest."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction

from servicemgmt.core.bulk import update_rows
from servicemgmt.core.errors import Refused
from servicemgmt.masterdata.models import Item

from ..models import Warehouse
from ..on_hand import locked, locked_all, too_little
from .goods import not_kept


@transaction.atomic
def reserve(item: Item, warehouse: Warehouse, quantity: Decimal) -> Decimal:
    """Keep this much more of an item in a warehouse (negative: let so much go) and return what is available then.

    More may be reserved than is on hand: what is missing then has to come in (available is below zero). The caller
    says for whom and leaves the Event. Raises Refused for items not kept in stock.
    """
    if not item.is_stocked:
        raise Refused(not_kept(item))
    row = locked(item, warehouse)
    row.reserved += quantity
    row.save(update_fields=["reserved"])
    return row.quantity - row.reserved


@transaction.atomic
def reserve_all(wanted: Mapping[tuple[Item, Warehouse], Decimal]) -> None:
    """The same for many items in warehouses, in a number of statements that does not grow with them."""
    for item, _warehouse in wanted:
        if not item.is_stocked:
            raise Refused(not_kept(item))
    rows = locked_all(wanted)
    for (item, warehouse), quantity in wanted.items():
        rows[item.pk, warehouse.pk].reserved += quantity
    update_rows(list(rows.values()), ["reserved"])


@transaction.atomic
def require_on_hand(item: Item, warehouse: Warehouse, quantity: Decimal) -> None:
    """Raises Refused where less than the quantity is there and the warehouse may not go below zero. Locks the row."""
    row = locked(item, warehouse)
    if quantity > row.quantity and not warehouse.allows_negative:
        raise Refused(too_little(row, item, warehouse))


def hold(places: Iterable[tuple[Item, Warehouse]]) -> None:
    """Lock the on-hand rows of all that a transaction will move, in their one order, before the first moves.

    For callers that move several items in an order of their own; two of them then wait for each other, never in a
    circle. Call it inside their transaction.
    """
    wanted = list(places)
    if wanted:
        locked_all(wanted)
