"""Items that an order needs, reserved on its project (SO-17)."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import ServiceOrder
from orders.rules import why_not_change
from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.masterdata.models import Item
from servicemgmt.projects.models import Category, ItemRequirement
from servicemgmt.projects.operations import delete_requirement, require_item

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
) -> ItemRequirement:
    """SO-17: reserve an item for the order on its project, at the prices of its agreement.

    Raises Refused where the order has no project or its stage allows no change, and as `require_item` does; Stale.
    """
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    if order.project is None:
        raise Refused(_("The service order has no project; items are reserved on one."))
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
        sales_price=sales_price,
        price_list=order.agreement.price_list if order.agreement else None,
    )
    save_order(order)
    record("item_required", order, by=by, changes={"item": [None, str(row)]})
    return row


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
