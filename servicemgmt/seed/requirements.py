"""Items reserved for orders: waiting, picked into a van, used in part, used up."""

from datetime import timedelta
from decimal import Decimal

from agreements.models import ItemSetup
from orders.models import OrderProgress, ServiceOrder
from orders.operations import add_line, create_order, require_on_order
from servicemgmt.inventory.models import Warehouse
from servicemgmt.projects.models import Category, ItemRequirement, LineKind
from servicemgmt.projects.operations import consume_requirement, pick_requirement

from .crew import Crew

DELIVERED = "Filters delivered"


def seed_requirements(crew: Crew) -> None:
    """Three orders in work need a part: one is reserved, one lies in a van, and of one half is used.

    A fourth order was for a delivery only: all of it is used, so the order is posted (SO-18).
    """
    by, van = crew.user("Planner"), Warehouse.objects.exclude(worker=None).order_by("pk")[2]
    orders = ServiceOrder.objects.filter(
        project__isnull=False,
        project__ended_on=None,
        progress=OrderProgress.IN_PROCESS,
        stage__can_modify=True,
    )
    found = list(orders.order_by("-service_on", "pk")[:3])
    if found:
        found.append(delivery(crew, like=found[0]))
    for step, order in enumerate(found):
        is_delivered = order.description == DELIVERED
        row = need(crew, order, step)
        if step:
            place = van if step == 1 else None
            row = pick_requirement(
                row.pk, Decimal(4), on=crew.today - timedelta(days=1), version=row.version, by=by, place=place
            )
        if step == 2 or is_delivered:
            used = row.quantity if is_delivered else row.quantity / 2
            consume_requirement(row.pk, used, on=crew.today, version=row.version, by=by, at=crew.now)


def delivery(crew: Crew, *, like: ServiceOrder) -> ServiceOrder:
    """An order of the same project that only brings parts."""
    return create_order(
        by=crew.user("Planner"),
        at=crew.now,
        project=like.project,
        agreement=like.agreement,
        site=like.site,
        description=DELIVERED,
        service_on=crew.today,
    )


def need(crew: Crew, order: ServiceOrder, step: int) -> ItemRequirement:
    """A line of four parts that is an item requirement, with what is reserved for it in the store."""
    by, item, category = crew.user("Planner"), crew.base.items[step], crew.masters(Category, "PARTS")
    line = add_line(
        order.pk,
        version=None,
        by=by,
        at=crew.now,
        kind=LineKind.ITEM,
        item_setup=ItemSetup.REQUIREMENT,
        item=item,
        quantity=Decimal(4),
        category=category,
    )
    return require_on_order(
        order.pk,
        item,
        Decimal(4),
        category=category,
        warehouse=Warehouse.objects.filter(worker=None).order_by("pk")[0],
        needed_on=max(order.service_on, crew.today),
        by=by,
        line=line.pk,
    )
