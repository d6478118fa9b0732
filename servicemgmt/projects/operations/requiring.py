"""Reserving goods for many documents at once, and for another project."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import changed, record, snapshot
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.operations import reserve_all
from servicemgmt.masterdata.models import Item

from ..models import ItemRequirement, LineProperty, Project
from ..requirements.rows import lock_requirement, save_requirement


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


@transaction.atomic
def require_elsewhere(
    pk: int, project: Project, *, line_property: LineProperty, sales_price: Decimal | None, by: User | None
) -> ItemRequirement:
    """The document that needs the goods belongs to another project now: what is reserved or in hand is kept for that.

    `sales_price` is what was agreed for them, in its currency. Raises Refused where some of it is used on the former
    project, and for a project that is closed then.
    """
    row = lock_requirement(pk, None)
    if row.consumed:
        raise Refused(
            _("Some of %(item)s is used on %(project)s already; take its consumption back first.")
            % {"item": row.item, "project": row.project.number}
        )
    if project.ended_on and project.ended_on <= row.needed_on:
        raise Refused(_("The project %(project)s is closed then.") % {"project": project.number})
    before = snapshot(row, MOVABLE)
    row.project, row.line_property, row.sales_price = project, line_property, sales_price
    save_requirement(row, *MOVABLE)
    record("changed", row, by=by, changes=changed(before, snapshot(row, MOVABLE)))
    return row


MOVABLE = ["project", "line_property", "sales_price"]
