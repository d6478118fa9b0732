"""What a technician needs to know and to choose from on one job."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from dispatch.models import Booking
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine, SymptomCode
from orders.queries.parameters import parameters
from orders.queries.repair import Suggestion, suggestions
from servicemgmt.inventory.models import LotOnHand, OnHand, Warehouse
from servicemgmt.masterdata.models import Employee, Item, ItemTracking, Site
from servicemgmt.projects.models import Category, LineKind

#: How many items somebody without a van may pick from.
MOST_ITEMS = 300


@dataclass(frozen=True, slots=True)
class PartChoice:
    """An item to take, and how many are in the van (None: not from a van); of a tracked one which (`lot`).

    `asks_lot`: which one is not known, such as of an item that is not in the van.
    """

    pk: int
    number: str
    name: str
    unit: str
    on_hand: Decimal | None
    lot: str = ""
    asks_lot: bool = False

    @property
    def value(self) -> str:
        """What the form sends for it."""
        return f"{self.pk}:{self.lot}" if self.lot else str(self.pk)


def geo_link(site: Site) -> str:
    """An address that opens the device's map, by position where it is known."""
    if site.latitude is not None and site.longitude is not None:
        place = f"{site.latitude.normalize():f},{site.longitude.normalize():f}"
        return f"geo:{place}?q={place}({quote(site.name)})"
    return f"geo:0,0?q={quote(', '.join(filter(None, (site.address, site.country))))}"


def phone_numbers(order: ServiceOrder) -> list[tuple[str, str, str]]:
    """Whom to call: name, number as written, number to dial."""
    found = []
    if order.contact and order.contact.phone:
        found.append((order.contact.name, order.contact.phone))
    if order.site.phone:
        found.append((order.site.name, order.site.phone))
    if order.customer.phone:
        found.append((order.customer.name, order.customer.phone))
    seen: dict[str, tuple[str, str, str]] = {}
    for name, number in found:
        dial = "".join(sign for sign in number if sign in "+0123456789")
        seen.setdefault(dial, (name, number, dial))
    return list(seen.values())


def own_hours(booking: Booking) -> list[ServiceOrderLine]:
    """The hour lines that this worker's time goes on: his own and those of the activity, not cancelled or posted."""
    rows = booking.activity.order.lines.filter(kind=LineKind.HOUR, status=LineStatus.CREATED)
    lines = rows.select_related("task_relation__service_task", "activity_line")
    return [
        line
        for line in lines
        if line.worker_id == booking.worker_id
        or (
            line.worker_id is None
            and getattr(getattr(line, "activity_line", None), "activity_id", 0) == booking.activity_id
        )
    ]


def entered(order: ServiceOrder) -> list[ServiceOrderLine]:
    """All lines of the order that count, in their order."""
    rows = order.lines.exclude(status=LineStatus.CANCELLED)
    return list(rows.select_related("unit", "item", "worker", "task_relation__service_task"))


def part_choices(worker: Employee) -> list[PartChoice]:
    """What is in the worker's van, then nothing else; without a van the items kept in stock."""
    van = getattr(worker, "van", None)
    if van is None:
        items: Any = Item.objects.filter(is_stocked=True, ended_on=None).order_by("name")
        rows = items.values_list("pk", "number", "name", "unit__description", "tracking")[:MOST_ITEMS]
        return [choice_of(row, None) for row in rows]
    listed = in_van(van)
    others: Any = Item.objects.filter(is_stocked=True, ended_on=None).exclude(
        pk__in=[choice.pk for choice in listed]
    )
    rest = others.order_by("name").values_list("pk", "number", "name", "unit__description", "tracking")
    none = Decimal(0)
    return listed + [choice_of(row, none) for row in rest[: max(0, MOST_ITEMS - len(listed))]]


def choice_of(row: Sequence[Any], on_hand: Decimal | None, lot: str = "") -> PartChoice:
    """The choice of a row of key, number, name, unit and tracking."""
    pk, number, name, unit, tracking = row
    return PartChoice(pk, number, name, unit, on_hand, lot, tracking != ItemTracking.NONE and not lot)


def in_van(van: Warehouse) -> list[PartChoice]:
    """What lies in a van by name; of tracked items each batch and each serial number by itself."""
    stock: Any = OnHand.objects.filter(warehouse=van, item__ended_on=None).order_by("item__name")
    found = stock.values_list(
        "item", "item__number", "item__name", "item__unit__description", "item__tracking", "quantity"
    )
    rows = list(found)
    tracked = [row[0] for row in rows if row[4] != ItemTracking.NONE]
    lots: dict[int, list[tuple[str, Decimal]]] = {}
    if tracked:
        there = LotOnHand.objects.filter(warehouse=van, lot__item__in=tracked, quantity__gt=0)
        for item, number, quantity in there.order_by("lot__number").values_list(
            "lot__item", "lot__number", "quantity"
        ):
            lots.setdefault(item, []).append((number, quantity))
    choices: list[PartChoice] = []
    for *row, quantity in rows:
        held = lots.get(row[0], [("", quantity)])
        choices += [choice_of(row, left, number) for number, left in held]
    return choices


def usual_category(kind: str) -> Category | None:
    """The company's usual category of that kind; where it named none, the only one there is."""
    named: Category | None = getattr(parameters(), f"{kind.lower()}_category", None)
    if named is not None:
        return named
    offered = list(Category.objects.filter(kind=kind, ended_on=None)[:2])
    return offered[0] if len(offered) == 1 else None


def known_remedies(order: ServiceOrder) -> list[tuple[str, list[Suggestion]]]:
    """RP-05: what helped before with the symptoms coded on this order."""
    codes = SymptomCode.objects.filter(pk__in=order.repair_lines.exclude(symptom=None).values("symptom"))
    return [(str(code), found) for code in codes if (found := suggestions(code))]
