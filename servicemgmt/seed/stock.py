"""What happens in the store besides receiving: a count with a difference, one under way, parts that come back."""

from datetime import timedelta
from decimal import Decimal

from agreements.operations import swap_serial
from orders.models import OrderProgress, ServiceOrder, ServiceOrderLine
from orders.operations import add_line, require_on_order
from orders.posting import return_part
from servicemgmt.core.audit import subject_of
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.operations import (
    Transfer,
    enter_counts,
    post_count,
    receive,
    return_unused,
    start_count,
    transfer,
    transfer_all,
)
from servicemgmt.masterdata.models import Item, ItemTracking
from servicemgmt.masterdata.operations import create_item
from servicemgmt.projects.models import Category, LineKind, TransactionStatus
from servicemgmt.projects.operations import consume_requirement, pick_requirement

from .crew import Crew

# number, name, which of the parts it is like, tracking, cost, sales, what came in
NUMBERED = [
    ("P-700", "Circulation pump 25-60", 0, ItemTracking.SERIAL, "186.00", "349.00",
     [("CP-24-0117, CP-24-0118, CP-24-0119, CP-24-0120", Decimal(4))]),
    ("R-320", "Refrigerant R-290", 4, ItemTracking.BATCH, "31.00", "62.00",
     [("R290-2409", Decimal(10)), ("R290-2501", Decimal(20))]),
]  # fmt: skip


def seed_stock(crew: Crew) -> None:
    """Fill a van up, bring something back from another, count the store, and begin to count a van."""
    by, day = crew.user("Manager"), crew.today - timedelta(days=6)
    store = Warehouse.objects.filter(worker=None).order_by("pk")[0]
    first, second = Warehouse.objects.exclude(worker=None).order_by("pk")[:2]
    parts = crew.base.items
    filled = [Transfer(part, store, first, Decimal(5)) for part in parts[:2]]
    transfer_all(filled, on=day, by=by, text="Fill up the van")
    back = [Transfer(parts[1], second, store, Decimal(3))]
    return_unused(back, on=day, by=by, text="Back from the van")
    found = start_count(store, on=day, by=by, text="Quarterly count")
    lines = {line.pk: line.expected for line in found.lines.all()}
    lines[min(lines)] -= 1
    enter_counts(found.pk, lines, version=1, by=by)
    post_count(found.pk, version=2, by=by, at=crew.now)
    begun = start_count(first, on=crew.today, by=by, text="Spot check")
    line = begun.lines.order_by("item__number")[0]
    enter_counts(begun.pk, {line.pk: line.expected}, version=1, by=by)


def seed_numbers(crew: Crew) -> None:
    """A pump with serial numbers and a refrigerant in batches: in the store and in a van."""
    by, day, parts = crew.user("Manager"), crew.today - timedelta(days=30), crew.base.items
    store = Warehouse.objects.filter(worker=None).order_by("pk")[0]
    van = Warehouse.objects.exclude(worker=None).order_by("pk")[0]
    for number, name, like, tracking, cost, price, lots in NUMBERED:
        part = create_item(
            by=by,
            number=number,
            name=name,
            unit=parts[like].unit,
            tax_group=parts[like].tax_group,
            tracking=tracking,
            cost_price=Decimal(cost),
            sales_price=Decimal(price),
        )
        for lot, quantity in lots:
            worth = quantity * part.cost_price
            receive(part, store, quantity, value=worth, on=day, by=by, lot=lot, text="First delivery")
        carried = lots[0][0].partition(",")[0]
        transfer(part, store, van, Decimal(1), on=day, by=by, lot=carried, text="For the van")


def seed_used_number(crew: Crew) -> None:
    """One of the pumps was used for an order and built into a unit there, two more stand on a line of it; another
    order's part came back."""
    by, day = crew.user("Finance"), crew.today - timedelta(days=2)
    open_orders = ServiceOrder.objects.filter(
        project__ended_on=None, progress=OrderProgress.IN_PROCESS, stage__can_modify=True
    )
    order = open_orders.exclude(project=None).order_by("service_on", "pk").first()
    pump = Item.objects.get(number=NUMBERED[0][0])
    store = Warehouse.objects.filter(worker=None).order_by("pk")[0]
    if order:
        need = require_on_order(
            order.pk,
            pump,
            Decimal(1),
            category=crew.masters(Category, "PARTS"),
            warehouse=store,
            needed_on=max(order.service_on, crew.today),
            by=by,
        )
        need = pick_requirement(need.pk, Decimal(1), on=day, version=need.version, by=by, lot="CP-24-0118")
        consume_requirement(need.pk, Decimal(1), on=day, version=need.version, by=by, at=crew.now)
        add_line(
            order.pk,
            version=None,
            by=by,
            at=crew.now,
            kind=LineKind.ITEM,
            item=pump,
            quantity=Decimal(2),
            lot_number="CP-24-0119, CP-24-0120",
            warehouse=store,
            category=crew.masters(Category, "PARTS"),
        )
        unit = crew.objects_of("CLIMATE")[0]
        unit.refresh_from_db()
        swap_serial(
            unit.pk,
            serial_number="CP-24-0118",
            on=day,
            version=unit.version,
            by=by,
            text="Pump replaced",
            subject=subject_of(order),
            label=order.number,
        )
    used = ServiceOrderLine.objects.filter(
        kind=LineKind.ITEM, quantity__gt=1, transaction__status=TransactionStatus.POSTED
    )
    if line := used.order_by("pk").first():
        return_part(
            line.order_id, line.pk, Decimal(1), version=None, by=by, at=crew.now, text="Not needed after all"
        )


def seed_swap(crew: Crew) -> None:
    """The numbered part of a lift was swapped some weeks ago."""
    lift = next(row for row in crew.objects_of("LIFTS") if row.serial_number)
    lift.refresh_from_db()
    swap_serial(
        lift.pk,
        serial_number=f"{lift.serial_number}-B",
        on=crew.today - timedelta(days=20),
        version=lift.version,
        by=crew.user("Planner"),
        text="Drive replaced under warranty; the old one went back to the maker",
    )
