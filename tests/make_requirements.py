"""Item requirements in the least words: `need`, then `do(pick_requirement, row, "2")`."""

from decimal import Decimal

from servicemgmt.inventory.operations import (
    receive,
)
from servicemgmt.projects.models import (
    ItemRequirement,
)
from servicemgmt.projects.operations import (
    consume_requirement,
    require_item,
)
from tests import make_money as make


def stock(code: str = "MAIN", quantity: int = 10, value: str = "60", **fields):
    place = make.warehouse(code, **fields)
    receive(make.item(), place, Decimal(quantity), value=Decimal(value), on=make.TODAY, by=None)
    return place


def need(quantity: str = "4", place=None, **fields) -> ItemRequirement:
    defaults = {"category": make.category("ITEM"), "needed_on": make.TODAY, "by": None}
    return require_item(
        fields.pop("project", None) or make.project(),
        fields.pop("item", None) or make.item(),
        Decimal(quantity),
        warehouse=place or make.warehouse(),
        **(defaults | fields),
    )


def now(row: ItemRequirement) -> ItemRequirement:
    return ItemRequirement.objects.get(pk=row.pk)


def do(work, row: ItemRequirement, quantity: str, **fields):
    if work is consume_requirement:
        fields["at"] = make.NOW
    return work(row.pk, Decimal(quantity), on=make.TODAY, version=now(row).version, by=None, **fields)


def totals(row: ItemRequirement) -> tuple[str, Decimal, Decimal, Decimal]:
    row = now(row)
    return row.status, row.picked, row.consumed, row.returned
