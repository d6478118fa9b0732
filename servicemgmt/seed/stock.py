"""What happens in the store besides receiving: a count with a difference, one under way, parts that come back."""

from datetime import timedelta
from decimal import Decimal

from agreements.operations import swap_serial
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.operations import (
    Transfer,
    enter_counts,
    post_count,
    return_unused,
    start_count,
    transfer_all,
)

from .crew import Crew


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
