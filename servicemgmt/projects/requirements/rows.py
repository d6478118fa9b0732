"""The row of an item requirement: its lock, its totals and status, and the steps that change them.

Only `operations.requirements` calls this.
"""

from datetime import date
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, plain, record
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO, check_size
from servicemgmt.inventory.keepers import register
from servicemgmt.inventory.lots import lot_of
from servicemgmt.inventory.models import Lot, Warehouse
from servicemgmt.masterdata.models import Item

from ..models import ItemRequirement, RequirementStatus, RequirementStep, StepKind
from .followers import FOLLOWERS


def status_of(row: ItemRequirement) -> RequirementStatus:
    """What the quantities come to: something is in hand, else something is still reserved, else how it ended."""
    if row.in_hand:
        return RequirementStatus.PICKED
    if row.reserved:
        return RequirementStatus.RESERVED
    return RequirementStatus.CONSUMED if row.consumed else RequirementStatus.RETURNED


def lock_requirement(pk: int, version: int | None) -> ItemRequirement:
    """The requirement under its lock with what its steps ask, what follows it held first.

    Raises Stale for another version; None does not ask.
    """
    for follower in FOLLOWERS:
        follower.lock(pk)
    ItemRequirement.objects.select_for_update(no_key=True).values_list("pk").get(pk=pk)
    row = ItemRequirement.objects.select_related(
        "project__currency", "project__price_list", "item__unit", "category__tax_group", "line_property",
        "warehouse", "place", "price_list",
    ).get(pk=pk)  # fmt: skip
    if version is not None and row.version != version:
        raise Stale(_("Somebody else changed this requirement meanwhile. This is how it stands now."))
    return row


def save_requirement(row: ItemRequirement, *fields: str) -> None:
    """Write these fields of the locked row, its status and its next version."""
    row.status = status_of(row)
    row.version += 1
    row.save(update_fields=[*fields, "status", "version"])


def write_step(
    row: ItemRequirement, kind: StepKind, quantity: Decimal, *, on: date, by: User | None, **of: object
) -> RequirementStep:
    """Write the step and the requirement's totals after it."""
    before = row.status
    step = RequirementStep.objects.create(
        requirement=row, kind=kind, quantity=quantity, done_on=on, made_by=by, **of
    )
    save_requirement(row, "picked", "consumed", "returned", "place")
    changes: Changes = {"quantity": [None, plain(quantity)]}
    if row.status != before:
        changes["status"] = [before, row.status]
    if step.lot:
        changes["lot"] = [None, step.lot.number]
    record(f"requirement_{kind.lower()}", row, by=by, changes=changes)
    for follower in FOLLOWERS:
        follower.step(row, by)
    return step


def check_quantity(quantity: Decimal) -> None:
    """Raises Invalid for a quantity that is not above zero or that nobody can mean."""
    if quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    check_size(quantity)


def require_in_hand(row: ItemRequirement, quantity: Decimal) -> Warehouse:
    """Where the picked goods lie. Refused for more of them than are in hand."""
    check_quantity(quantity)
    if quantity > row.in_hand or row.place is None:
        raise Refused(_("Only %(left)s are picked and in hand.") % {"left": told(row.in_hand)})
    return row.place


def lots_in_hand(row: ItemRequirement) -> dict[Lot, Decimal]:
    """Of a tracked item: which batches or serial numbers are picked and neither consumed nor returned."""
    if not row.item.is_tracked:
        return {}
    left: dict[Lot, Decimal] = {}
    for step in row.steps.exclude(lot=None).select_related("lot"):
        assert step.lot
        sign = 1 if step.kind in (StepKind.PICK, StepKind.UNDO) else -1
        left[step.lot] = left.get(step.lot, ZERO) + sign * step.quantity
    return {lot: quantity for lot, quantity in left.items() if quantity}


def lot_in_hand(row: ItemRequirement, quantity: Decimal, number: str) -> Lot | None:
    """Which of the picked batches or serial numbers is meant; where only one is in hand it need not be named.

    Raises Refused where that one, or so much of it, is not in hand; Invalid where none of several is named.
    """
    if not row.item.is_tracked:
        return None
    found = lots_in_hand(row)
    if not number and len(found) == 1:
        number = next(iter(found)).number
    lot = lot_of(row.item, number, quantity)
    if lot is None or found.get(lot, ZERO) < quantity:
        raise Refused(
            _("Only these are picked and in hand: %(numbers)s.")
            % {"numbers": ", ".join(f"{lot.number} ({told(left)})" for lot, left in found.items())}
        )
    return lot


def kept_for(item: Item, warehouse: Warehouse) -> list[str]:
    """Which requirements goods are kept for there, those that are picked first, each with how much."""
    rows = ItemRequirement.objects.filter(item=item).select_related("project").order_by("needed_on", "pk")
    picked = [row for row in rows.filter(place=warehouse).open() if row.in_hand]
    names = [f"{row.label or row.project.number} ({told(row.in_hand)})" for row in picked]
    if warehouse.keeps_reserved:
        waiting = [row for row in rows.filter(warehouse=warehouse).open() if row.reserved]
        names += [f"{row.label or row.project.number} ({told(row.reserved)})" for row in waiting]
    return names


def told(quantity: Decimal) -> str:
    """A quantity as people read it."""
    return number_format(quantity.normalize())


register(kept_for)
