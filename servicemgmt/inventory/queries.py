"""Reading stock."""

from dataclasses import dataclass
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
    Lot,
    LotOnHand,
    LotOnHandQuerySet,
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


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies in a warehouse: an item, of a tracked one a batch or the piece of a serial number."""

    item: Item
    quantity: Decimal
    lot: str = ""
    lot_id: int = 0

    @property
    def name(self) -> str:
        """What its field is called."""
        return f"lot-{self.lot_id}" if self.lot_id else f"item-{self.item.pk}"


def lying_in(warehouse: Warehouse) -> list[Lying]:
    """What lies there, by item and number."""
    rows = OnHand.objects.filter(warehouse=warehouse, quantity__gt=0).select_related("item__unit")
    there = list(rows.order_by("item__number"))
    tracked = {row.item_id for row in there if row.item.is_tracked}
    lots: dict[int, list[LotOnHand]] = {}
    if tracked:
        found = LotOnHand.objects.filter(warehouse=warehouse, lot__item__in=tracked, quantity__gt=0)
        for lot in found.select_related("lot").order_by("lot__number"):
            lots.setdefault(lot.lot.item_id, []).append(lot)
    return [
        lying
        for row in there
        for lying in (
            [Lying(row.item, x.quantity, x.lot.number, x.lot_id) for x in lots.get(row.item_id, [])]
            if row.item.is_tracked
            else [Lying(row.item, row.quantity)]
        )
    ]


def lots_listed() -> LotOnHandQuerySet:
    """Every batch and serial number with each place where it lies or lay."""
    rows: LotOnHandQuerySet = LotOnHand.objects.all()
    return rows


def moves_of(lot: Lot) -> QuerySet[StockMove]:
    """The movements of a batch or serial number, the first first, with the documents their vouchers are of."""
    return StockMove.objects.filter(lot=lot).select_related("warehouse", "voucher", "made_by").order_by("pk")


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
        count.lines.select_related("item__unit", "lot", "move__voucher")
        .annotate(latest=Subquery(later.values("pk")[:1]), off=F("counted") - F("expected"))
        .annotate(
            has_moved=Case(When(latest__gt=Coalesce("last_move", 0), then=Value(True)), default=Value(False))
        )
    )
    return list(lines.order_by("item__number", "lot__number"))


def available(item: Item, warehouse: Warehouse) -> Decimal:
    """What is on hand and not reserved; below zero where more is reserved than there is."""
    row = OnHand.objects.filter(item=item, warehouse=warehouse).first()
    return row.quantity - row.reserved if row else ZERO
