"""Items reserved for orders: waiting, picked into a van, used in part."""

from datetime import timedelta
from decimal import Decimal

from orders.models import OrderProgress, ServiceOrder
from orders.operations import require_on_order
from servicemgmt.inventory.models import Warehouse
from servicemgmt.projects.models import Category
from servicemgmt.projects.operations import consume_requirement, pick_requirement

from .crew import Crew


def seed_requirements(crew: Crew) -> None:
    """Three orders in work need a part: one is reserved, one lies in a van, and of one half is used."""
    by, category = crew.user("Planner"), crew.masters(Category, "PARTS")
    store = Warehouse.objects.filter(worker=None).order_by("pk")[0]
    van = Warehouse.objects.exclude(worker=None).order_by("pk")[2]
    orders = ServiceOrder.objects.filter(
        project__isnull=False,
        project__ended_on=None,
        progress=OrderProgress.IN_PROCESS,
        stage__can_modify=True,
    )
    for step, order in enumerate(orders.order_by("-service_on", "pk")[:3]):
        row = require_on_order(
            order.pk,
            crew.base.items[step],
            Decimal(4),
            category=category,
            warehouse=store,
            needed_on=max(order.service_on, crew.today),
            by=by,
        )
        if step:
            place = van if step == 1 else None
            row = pick_requirement(
                row.pk, Decimal(4), on=crew.today - timedelta(days=1), version=row.version, by=by, place=place
            )
        if step == 2:
            consume_requirement(row.pk, Decimal(2), on=crew.today, version=row.version, by=by, at=crew.now)
