"""Reserving goods for many documents at once."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from servicemgmt.core.money import ZERO
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.operations import reserve_all
from servicemgmt.masterdata.models import Item

from ..models import ItemRequirement


@transaction.atomic
def require_items(rows: Sequence[ItemRequirement]) -> None:
    """SO-A18: write and reserve new requirements, in a number of statements that does not grow with them.

    The rows are complete and their projects open; the run that needs them leaves the Event. Raises Refused for items
    not kept in stock.
    """
    wanted: dict[tuple[Item, Warehouse], Decimal] = {}
    for row in rows:
        place = row.item, row.warehouse
        wanted[place] = wanted.get(place, ZERO) + row.quantity
    if rows:
        ItemRequirement.objects.bulk_create(rows)
        reserve_all(wanted)
