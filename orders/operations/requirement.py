"""Items that an order needs, reserved on its project (SO-17)."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ItemSetup
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from orders.rules import requirements_on, why_not_change
from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.queries import main_store
from servicemgmt.masterdata.models import Item
from servicemgmt.projects.models import Category, ItemRequirement
from servicemgmt.projects.operations import delete_requirement, require_elsewhere, require_item
from servicemgmt.projects.queries import line_property_for, shares_currency

from .lock import insist, lock_order, save_order


@transaction.atomic
def require_on_order(
    order_id: int,
    item: Item,
    quantity: Decimal,
    *,
    category: Category,
    warehouse: Warehouse,
    needed_on: date,
    version: int | None = None,
    by: User | None,
    text: str = "",
    sales_price: Decimal | None = None,
    line: int | None = None,
) -> ItemRequirement:
    """SO-17: reserve an item for the order on its project, at the prices of its agreement.

    `line` is that of the order which is set up as item requirement and waits for one; it goes with it from then on.
    Raises Refused where the order has no project, its stage allows no change or the line waits for nothing, and as
    `require_item` does; Invalid for another item than the line's; Stale.
    """
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    if order.project is None:
        raise Refused(_("The service order has no project; items are reserved on one."))
    waiting = _waiting(order, line, item) if line else None
    row = require_item(
        order.project,
        item,
        quantity,
        category=category,
        warehouse=warehouse,
        needed_on=needed_on,
        by=by,
        subject=subject_of(order),
        label=order.number,
        text=text,
        line_property=waiting.line_property if waiting else None,
        sales_price=sales_price,
        price_list=order.agreement.price_list if order.agreement else None,
    )
    if waiting:
        waiting.requirement, waiting.quantity = row, quantity
        waiting.version += 1
        waiting.save(update_fields=["requirement", "quantity", "version"])
    save_order(order)
    record("item_required", order, by=by, changes={"item": [None, str(row)]})
    return row


def _waiting(order: ServiceOrder, line: int, item: Item) -> ServiceOrderLine:
    found: ServiceOrderLine | None = (
        order.lines.filter(pk=line, item_setup=ItemSetup.REQUIREMENT, status=LineStatus.CREATED)
        .filter(requirement__isnull=True)
        .first()
    )
    if found is None:
        raise Refused(_("This line waits for no item any more."))
    if found.item_id != item.pk:
        raise Invalid(_("The line needs another item."), field="item")
    return found


def reserve_line(order: ServiceOrder, line: ServiceOrderLine, *, by: User | None) -> None:
    """Reserve what a line set up as item requirement needs, from its warehouse or the main one, on the day of service.

    The caller saves the line. Nothing happens where it cannot be reserved at all: the line then waits for somebody
    to say from where. Raises Refused for a project that is closed then.
    """
    store = line.warehouse or main_store()
    if line.item_setup != ItemSetup.REQUIREMENT or not (order.project and store and line.item):
        return
    if not line.item.is_stocked:
        return
    line.requirement = require_item(
        order.project,
        line.item,
        line.quantity,
        category=line.category,
        warehouse=store,
        needed_on=order.service_on,
        by=by,
        subject=subject_of(order),
        label=order.number,
        text=line.description[:160],
        line_property=line.line_property,
        sales_price=line.agreed_price,
        price_list=order.agreement.price_list if order.agreement else None,
    )


@transaction.atomic
def drop_requirement(order_id: int, pk: int, *, version: int, by: User | None) -> ServiceOrder:
    """Delete a requirement of the order that is only reserved; `version` is the requirement's. Refused, Stale."""
    order = lock_order(order_id)
    insist(why_not_change(order))
    row = ItemRequirement.objects.of(subject_of(order)).filter(pk=pk).first()
    if row is None:
        raise Invalid(_("This is not there any more."))
    told = str(row)
    delete_requirement(pk, version=version, by=by)
    save_order(order)
    record("item_required", order, by=by, changes={"item": [told, None]})
    return order


def take_along(order: ServiceOrder, *, by: User | None) -> None:
    """What the order needs still goes with it to its new project, each under the line property of its line.

    Raises Refused where the order has no project any more, where a price was agreed for the goods alone in another
    currency, and as `require_elsewhere` does.
    """
    lines = {line.requirement_id: line for line in order.lines.filter(requirement__isnull=False)}
    for row in requirements_on(order).open().select_related("category", "item", "project__currency"):
        if order.project is None:
            raise Refused(
                _("Items are reserved for the order on its project; delete its requirements first.")
            )
        line = lines.get(row.pk)
        found = line.line_property if line and line.line_property else None
        found = found or line_property_for(order.project, row.category)
        price = row.sales_price
        if price is not None and not shares_currency(row.project, order.project):
            price = line.agreed_price if line else None
            if price is None:
                raise Refused(
                    _("The price of %(item)s was entered in %(currency)s; delete its requirement first.")
                    % {"item": row.item, "currency": row.project.currency}
                )
        require_elsewhere(row.pk, order.project, line_property=found, sales_price=price, by=by)
