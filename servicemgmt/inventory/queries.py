"""Reading stock."""

from django.db.models import Case, DecimalField, Exists, F, OuterRef, QuerySet, Value, When

from servicemgmt.ledger.queries import home_currency

from .models import OnHand, StockMove, StockQuerySet, Warehouse

UNIT_PRICE = DecimalField(max_digits=19, decimal_places=6)


def on_hand_listed() -> StockQuerySet:
    """What lies where, with its average cost (`average`, company currency) where there is something."""
    rows: StockQuerySet = OnHand.objects.annotate(
        average=Case(When(quantity__gt=0, then=F("value") / F("quantity")), output_field=UNIT_PRICE),
        home=Value(home_currency()),
    )
    return rows


def moves_listed() -> StockQuerySet:
    """Every movement of stock; its value is in the currency `home`."""
    rows: StockQuerySet = StockMove.objects.annotate(home=Value(home_currency()))
    return rows


def places_with_stock() -> QuerySet[Warehouse]:
    """The warehouses in which something lies, vans first."""
    there = OnHand.objects.filter(warehouse=OuterRef("pk"), quantity__gt=0)
    return Warehouse.objects.filter(Exists(there)).order_by(F("worker").asc(nulls_last=True), "code")
