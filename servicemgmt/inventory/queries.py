"""Reading stock."""

from decimal import Decimal

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from servicemgmt.core.money import ZERO
from servicemgmt.ledger.queries import home_currency
from servicemgmt.masterdata.models import Item

from .models import (
    CountLineQuerySet,
    CountQuerySet,
    OnHand,
    StockCount,
    StockCountLine,
    StockMove,
    StockQuerySet,
    Warehouse,
)

UNIT_PRICE = DecimalField(max_digits=19, decimal_places=6)


def on_hand_listed() -> StockQuerySet:
    """What lies where, what of it is not reserved (`available`), and its average cost (`average`, company
    currency) where there is something."""
    rows: StockQuerySet = OnHand.objects.annotate(
        average=Case(When(quantity__gt=0, then=F("value") / F("quantity")), output_field=UNIT_PRICE),
        available=F("quantity") - F("reserved"),
        home=Value(home_currency()),
    )
    return rows


def moves_listed() -> StockQuerySet:
    """Every movement of stock; its value is in the currency `home`."""
    rows: StockQuerySet = StockMove.objects.annotate(home=Value(home_currency()))
    return rows


def main_store() -> Warehouse | None:
    """The first warehouse that is nobody's van and has not ended, which a new movement is offered."""
    return Warehouse.objects.filter(worker__isnull=True, ended_on__isnull=True).order_by("code").first()


def places_with_stock() -> QuerySet[Warehouse]:
    """The warehouses in which something lies, vans first."""
    there = OnHand.objects.filter(warehouse=OuterRef("pk"), quantity__gt=0)
    return Warehouse.objects.filter(Exists(there)).order_by(F("worker").asc(nulls_last=True), "code")


def counts_listed() -> CountQuerySet:
    """All count sheets with how many lines they have, how many are counted, and what was found to be off."""
    rows: CountQuerySet = StockCount.objects.annotate(
        line_count=Count("lines"),
        counted_count=Count("lines", filter=Q(lines__counted__isnull=False)),
        difference=Sum("lines__move__value"),
        home=Value(home_currency()),
    )
    return rows


def counted_listed() -> CountLineQuerySet:
    """The lines of all sheets with the difference in quantity, and in value once it is posted."""
    rows: CountLineQuerySet = StockCountLine.objects.annotate(
        difference=F("counted") - F("expected"), home=Value(home_currency())
    )
    return rows


def sheet_lines(count: StockCount) -> list[StockCountLine]:
    """The lines of a sheet by item, each with `has_moved`: whether goods moved since it was read, and `off`."""
    later = StockMove.objects.filter(item=OuterRef("item"), warehouse=count.warehouse).order_by("-pk")
    lines = (
        count.lines.select_related("item__unit", "move__voucher")
        .annotate(latest=Subquery(later.values("pk")[:1]), off=F("counted") - F("expected"))
        .annotate(
            has_moved=Case(When(latest__gt=Coalesce("last_move", 0), then=Value(True)), default=Value(False))
        )
    )
    return list(lines.order_by("item__number"))


def available(item: Item, warehouse: Warehouse) -> Decimal:
    """What is on hand and not reserved; below zero where more is reserved than there is."""
    row = OnHand.objects.filter(item=item, warehouse=warehouse).first()
    return row.quantity - row.reserved if row else ZERO
