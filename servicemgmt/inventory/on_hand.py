"""The on-hand row: its lock, its average, and the movement that goes with every change of it.

Only `operations` calls this; quantities and values have the sign of the change.
"""

from datetime import date
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from servicemgmt.core.errors import refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.masterdata.models import Company, Item

from .models import OnHand, StockMove, Warehouse


def worth_after(row: OnHand, quantity: Decimal, value: Decimal) -> Decimal:
    """What is on hand afterwards is worth: the sum, but from below zero only what came in now, at its price."""
    after = row.quantity + quantity
    if row.quantity >= 0 or after < 0:
        return row.value + value
    return round_money(value * after / quantity, digits())


def value_out(row: OnHand, item: Item, quantity: Decimal) -> Decimal:
    """What this quantity takes out in company currency: its share at the average, rounded half up; all of it, all.

    Where nothing is on hand the item's own cost price counts.
    """
    if quantity == row.quantity:
        return row.value
    unit = row.value / row.quantity if row.quantity > 0 else item.cost_price
    return round_money(quantity * unit, digits())


def digits() -> int:
    """The decimals of the company's currency, which stock values have."""
    return int(Company.objects.values_list("currency__digits", flat=True).get())


def locked(item: Item, warehouse: Warehouse) -> OnHand:
    """The row under its lock, made on first use; lock several in the order of their keys."""
    OnHand.objects.get_or_create(item=item, warehouse=warehouse)
    return OnHand.objects.select_for_update(of=("self",)).get(item=item, warehouse=warehouse)


def change(row: OnHand, warehouse: Warehouse, quantity: Decimal, value: Decimal) -> None:
    """Change what lies there. Raises Refused where the warehouse may not go below zero."""
    row.quantity += quantity
    row.value += value
    # A warehouse that was below zero may be filled again after the permission is taken from it.
    row.may_be_negative = warehouse.allows_negative or quantity > 0
    with refusing(
        onhand_not_below_zero=_("The warehouse %(code)s may not go below zero.") % {"code": warehouse.code}
    ):
        row.save(update_fields=["quantity", "value", "may_be_negative"])


def write(
    row: OnHand,
    kind: str,
    quantity: Decimal,
    value: Decimal,
    *,
    on: date,
    by: User | None,
    text: str = "",
    subject: str = "",
    key: int | None = None,
) -> StockMove:
    """The movement behind a change of the row; `key` is that of its voucher, which may not exist yet."""
    return StockMove.objects.create(
        item_id=row.item_id,
        warehouse_id=row.warehouse_id,
        kind=kind,
        moved_on=on,
        quantity=quantity,
        value=value,
        text=text[:160],
        subject=subject,
        voucher_id=key,
        made_by=by,
    )


def too_little(row: OnHand, item: Item, warehouse: Warehouse) -> str:
    """That less is there than was asked for, and how much."""
    return _("Only %(left)s %(unit)s of %(item)s are on hand in %(warehouse)s.") % {
        "left": number_format((row.quantity or ZERO).normalize()),
        "unit": item.unit.code,
        "item": item,
        "warehouse": warehouse,
    }
