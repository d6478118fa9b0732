"""Changing the parts of a service BOM. Every change is a row of its history, in the same transaction (TB-06, TB-07)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.models import BomAction, BomChange, ServiceBom, ServiceBomLine
from servicemgmt.core.audit import Changes, event_of, plain, record_all
from servicemgmt.core.display import quantity as shown
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, check_size
from servicemgmt.core.numbers import take_numbers
from servicemgmt.masterdata.models import Item, Unit
from servicemgmt.masterdata.units import unit_of

from ..trees import subtree
from .attaching import lock_bom


class Circumstances(TypedDict, total=False):
    """When and on which document a part was changed, and why; `is_requirement`: it was reserved as a requirement."""

    text: str
    subject: str
    label: str
    is_requirement: bool


@transaction.atomic
def add_bom_line(
    bom_id: int,
    *,
    item: Item,
    quantity: Decimal,
    on: date,
    version: int | None,
    by: User | None,
    unit: Unit | None = None,
    lot_number: str = "",
    parent: ServiceBomLine | None = None,
    **told: Unpack[Circumstances],
) -> BomChange:
    """TB-07: put a part in, at the end or below another part. Raises Stale, Invalid; Refused for a deleted BOM."""
    bom = lock_bom(bom_id, version)
    if parent and not bom.lines.filter(pk=parent.pk, quantity__gt=0).exists():
        raise Invalid(_("This part is not in the service BOM."), field="parent")
    last = bom.lines.filter(parent=parent).aggregate(last=Max("position"))["last"] or 0
    line = _new_line(bom, parent.pk if parent else None, last + 1, item, quantity, unit, lot_number)
    change = BomChange(action=BomAction.INSERTED, active_line=line, quantity=quantity)
    return _written(bom, [change], on, by, told)


@transaction.atomic
def change_bom_line(
    line_id: int,
    *,
    quantity: Decimal,
    on: date,
    version: int | None,
    by: User | None,
    replacement: bool = False,
    item: Item | None = None,
    unit: Unit | None = None,
    lot_number: str = "",
    **told: Unpack[Circumstances],
) -> BomChange:
    """TB-06. With `replacement` that many are replaced by `item` (None: by the same), else the line has `quantity`.

    A whole replacement ends the line and what hangs below it; part of it leaves the rest (scenario 73). `version` is
    the BOM's. Raises Stale; Invalid for a replacement of more than there is (scenario 75), another item without
    `replacement`, or nothing changed; a quantity of 0 is `delete_bom_line`.
    """
    bom, line = _lock_line(line_id, version)
    if replacement:
        return _replaced(bom, line, item or line.item, quantity, unit, lot_number, on, by, told)
    if item and item != line.item:
        raise Invalid(_("Another item is a replacement; tick that it is one."), field="replacement")
    if quantity == line.quantity:
        raise Invalid(_("That is how many there are already."), field="quantity")
    _check_quantity(quantity)
    change = BomChange(
        action=BomAction.QTY_CHANGED,
        active_line=line,
        replaced_line=line,
        quantity=quantity,
        quantity_before=line.quantity,
        quantity_left=quantity,
    )
    return _written(bom, [change], on, by, told)


@transaction.atomic
def delete_bom_line(
    line_id: int, *, on: date, version: int | None, by: User | None, **told: Unpack[Circumstances]
) -> BomChange:
    """TB-07: take a part out, with what hangs below it; each has its row in the history. Raises Stale, Refused."""
    bom, line = _lock_line(line_id, version)
    return _written(bom, _deletions(bom, line), on, by, told)


def _replaced(
    bom: ServiceBom,
    line: ServiceBomLine,
    item: Item,
    quantity: Decimal,
    unit: Unit | None,
    lot_number: str,
    on: date,
    by: User | None,
    told: Circumstances,
) -> BomChange:
    if quantity > line.quantity or quantity <= 0:
        raise Invalid(
            _("At most %(quantity)s can be replaced, and more than none.")
            % {"quantity": shown(line.quantity)},
            field="quantity",
        )
    is_whole = quantity == line.quantity
    new = _new_line(bom, line.parent_id, line.position, item, quantity, unit, lot_number)
    change = BomChange(
        action=BomAction.REPLACED if is_whole else BomAction.QTY_REPLACED,
        active_line=new,
        replaced_line=line,
        quantity=quantity,
        quantity_before=line.quantity,
        quantity_left=line.quantity - quantity,
    )
    gone = _deletions(bom, line)[:-1] if is_whole else []
    return _written(bom, [*gone, change], on, by, told)


def _deletions(bom: ServiceBom, line: ServiceBomLine) -> list[BomChange]:
    """A row for the line and for everything below it, the lowest first."""
    present = bom.lines.filter(quantity__gt=0).select_related("item")
    return [
        BomChange(
            action=BomAction.DELETED,
            replaced_line=gone,
            quantity=gone.quantity,
            quantity_before=gone.quantity,
            quantity_left=ZERO,
        )
        for gone in reversed(subtree(present, line))
    ]


def _new_line(
    bom: ServiceBom,
    parent: int | None,
    position: int,
    item: Item,
    quantity: Decimal,
    unit: Unit | None,
    lot_number: str,
) -> ServiceBomLine:
    _check_quantity(quantity)
    lot = lot_number.strip()
    if lot and item.is_serial and quantity != 1:
        raise Invalid(_("A serial number is one piece; enter each as a line."), field="quantity")
    return ServiceBomLine.objects.create(
        bom=bom,
        parent_id=parent,
        position=position,
        item=item,
        quantity=quantity,
        first_quantity=quantity,
        unit=unit_of(item, unit),
        lot_number=lot,
    )


def _check_quantity(quantity: Decimal) -> None:
    if quantity <= 0:
        raise Invalid(_("The quantity must be more than 0."), field="quantity")
    check_size(quantity)


def _lock_line(line_id: int, version: int | None) -> tuple[ServiceBom, ServiceBomLine]:
    """A present line with its BOM locked first."""
    bom_id = ServiceBomLine.objects.values_list("bom_id", flat=True).get(pk=line_id)
    bom = lock_bom(bom_id, version)
    line = ServiceBomLine.objects.select_related("item", "unit").get(pk=line_id)
    if not line.quantity:
        raise Refused(_("%(part)s is not in the service BOM any more.") % {"part": line.item})
    return bom, line


def _written(
    bom: ServiceBom, changes: Sequence[BomChange], on: date, by: User | None, told: Circumstances
) -> BomChange:
    """The one place that all changes pass: history, quantities, version, trail. Gives the last change."""
    numbers = take_numbers("bom_change", len(changes))
    lines: list[ServiceBomLine] = []
    for change, number in zip(changes, numbers, strict=True):
        change.number, change.bom, change.service_object = number, bom, bom.service_object
        change.made_on, change.made_by = on, by
        for name, value in told.items():
            setattr(change, name, value)
        if change.replaced_line:
            change.replaced_line.quantity = change.quantity_left
            lines.append(change.replaced_line)
    BomChange.objects.bulk_create(changes)
    ServiceBomLine.objects.bulk_update(lines, ["quantity"])
    bom.version += 1
    bom.save(update_fields=["version"])
    record_all(
        event_of(f"bom_{change.action.lower()}", bom, by=by, changes=_story(change)) for change in changes
    )
    return changes[-1]


def _story(change: BomChange) -> Changes:
    """What the trail tells: which part went and which came, with how many."""
    if change.action == BomAction.QTY_CHANGED and change.active_line:
        return {str(change.active_line.item): [plain(change.quantity_before), plain(change.quantity)]}
    old = change.replaced_line and f"{plain(change.quantity)} × {change.replaced_line.item}"
    new = change.active_line and f"{plain(change.quantity)} × {change.active_line.item}"
    return {"part": [old, new]}
