"""Keeping goods for somebody. What is reserved stays on hand until it moves; available is the rest."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from servicemgmt.core.bulk import update_rows
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO
from servicemgmt.masterdata.models import Item

from ..lots import not_there
from ..models import Lot, LotOnHand, OnHand, Warehouse
from ..on_hand import check_free, locked, locked_all
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
def set_aside(item: Item, warehouse: Warehouse, quantity: Decimal, *, lot: Lot | None = None) -> None:
    """Lay this much of what is reserved there apart, so that nobody else takes it; of a tracked item say which.

    Raises Refused where less of it is there that is not laid apart already, and the warehouse may not go below zero.
    """
    row = locked(item, warehouse)
    check_free(row, item, warehouse, quantity, is_kept=True)
    _lay_apart(row, warehouse, quantity)
    if lot:
        there = LotOnHand.objects.filter(lot=lot, warehouse=warehouse).first()
        left = there.quantity - there.set_aside if there else ZERO
        if there is None or left < quantity:
            raise Refused(not_there(lot, item, warehouse, left))
        there.set_aside += quantity
        there.save(update_fields=["set_aside"])


@transaction.atomic
def let_go(item: Item, warehouse: Warehouse, quantity: Decimal, *, lot: Lot | None = None) -> None:
    """Keep this much less of what was set aside: it is used, or back where anybody may take it."""
    row = locked(item, warehouse)
    row.reserved -= quantity
    _lay_apart(row, warehouse, -quantity)
    if lot:
        there = LotOnHand.objects.filter(lot=lot, warehouse=warehouse)
        there.update(set_aside=F("set_aside") - quantity)


def _lay_apart(row: OnHand, warehouse: Warehouse, quantity: Decimal) -> None:
    row.set_aside += quantity
    row.may_be_negative = row.may_be_negative or warehouse.allows_negative
    row.save(update_fields=["reserved", "set_aside", "may_be_negative"])


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


def hold(places: Iterable[tuple[Item, Warehouse]]) -> None:
    """Lock the on-hand rows of all that a transaction will move, in their one order, before the first moves.

    For callers that move several items in an order of their own; two of them then wait for each other, never in a
    circle. Call it inside their transaction.
    """
    wanted = list(places)
    if wanted:
        locked_all(wanted)
