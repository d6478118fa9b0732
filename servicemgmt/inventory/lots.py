"""Batches and serial numbers: which one a movement means, and how much of it lies where.

Only `operations` calls what writes. Items that are not tracked cost no statement here.
"""

import re
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.masterdata.models import Item

from .keepers import kept_for
from .models import Lot, LotOnHand, Warehouse

#: How many numbers a refusal lists.
MOST_TOLD = 8


def numbers_in(text: str) -> list[str]:
    """The numbers in what somebody typed or scanned: one a line, or with commas or semicolons between. Pure."""
    return [number for part in re.split(r"[\n,;]", text) if (number := part.strip())]


def numbers_of(item: Item, text: str) -> list[str]:
    """The numbers that are used of the item: of a serial one one or more, of another the batch. Pure."""
    return numbers_in(text) if item.is_serial else [text.strip()] if text.strip() else []


def used(item: Item, quantity: Decimal, text: str) -> list[tuple[str, Decimal]]:
    """The movements that using so much of the item is: a piece for each serial number, else all at once. Pure.

    Raises Invalid where there are more or fewer serial numbers than pieces, or one twice.
    """
    return pieces(item, quantity, text) if item.is_serial and quantity > 0 else [(text, quantity)]


def pieces(item: Item, quantity: Decimal, text: str) -> list[tuple[str, Decimal]]:
    """The movements that a quantity and the numbers typed for it mean: each with its number and quantity. Pure.

    Serial numbers are one piece each. Raises Invalid where there are more or fewer numbers than pieces, or none.
    """
    if not item.is_tracked or quantity <= 0:
        return [("", quantity)]
    numbers = numbers_in(text)
    if not item.is_serial:
        if len(numbers) != 1:
            raise Invalid(_("Enter the batch of %(item)s.") % {"item": item}, field="lot")
        return [(numbers[0], quantity)]
    if len(numbers) != quantity or len(set(numbers)) != len(numbers):
        raise Invalid(
            _(
                "Enter a serial number of %(item)s for each piece: %(count)s, one a line or with commas between."
            )
            % {"item": item, "count": number_format(quantity.normalize())},
            field="lot",
        )
    return [(number, Decimal(1)) for number in numbers]


def lot_of(item: Item, number: str, quantity: Decimal, *, makes: bool = False) -> Lot | None:
    """The batch or serial number that a movement of the item means; None where the item is not tracked.

    `makes`: it may be new, such as what is received. Raises Invalid where none is named or a serial number would be
    more or less than one piece, Refused where the item never had it.
    """
    if not item.is_tracked:
        return None
    if not (number := number.strip()):
        raise Invalid(missing(item), field="lot")
    if item.is_serial and abs(quantity) != 1:
        raise Invalid(_("A serial number is one piece; enter each by itself."), field="quantity")
    if makes:
        return Lot.objects.get_or_create(item=item, number=number)[0]
    lot = Lot.objects.filter(item=item, number=number).first()
    if lot is None:
        raise Refused(_("%(item)s never had the number %(number)s.") % {"item": item, "number": number})
    return lot


def move_lot(lot: Lot | None, item: Item, warehouse: Warehouse, quantity: Decimal) -> None:
    """Change what lies of the lot in the warehouse, under the on-hand row's lock that the caller holds.

    Raises Refused where less of it is there, and for a serial number that lies somewhere else.
    """
    if lot is None:
        return
    row = LotOnHand.objects.filter(lot=lot, warehouse=warehouse).first()
    row = row or LotOnHand(lot=lot, warehouse=warehouse, quantity=Decimal(0))
    if quantity < 0 and row.quantity - row.set_aside + quantity < 0:
        raise Refused(not_free(lot, item, warehouse, row))
    row.quantity += quantity
    row.is_serial = item.is_serial
    with refusing(
        lotonhand_serial_in_one_place=in_another_place(lot),
        lotonhand_serial_is_one_piece=in_another_place(lot),
    ):
        row.save()


def in_another_place(lot: Lot) -> str:
    return _("The serial number %(number)s is in stock already; look where it lies.") % {"number": lot.number}


def missing(item: Item) -> str:
    """That a tracked item is moved without saying which."""
    if item.is_serial:
        return _("Enter the serial number of %(item)s.") % {"item": item}
    return _("Enter the batch of %(item)s.") % {"item": item}


def not_free(lot: Lot, item: Item, warehouse: Warehouse, row: LotOnHand) -> str:
    """That too little of the lot may be taken: it is not there, or laid apart for somebody."""
    sentence = not_there(lot, item, warehouse, row.quantity - row.set_aside)
    if not row.set_aside:
        return sentence
    return f"{sentence} {_('Kept for %(whom)s.') % {'whom': kept_for(item, warehouse)}}"


def not_there(lot: Lot, item: Item, warehouse: Warehouse, left: Decimal) -> str:
    """That too little of the lot lies there, and what lies there instead."""
    others = LotOnHand.objects.filter(lot__item=item, warehouse=warehouse, quantity__gt=0).exclude(lot=lot)
    found = list(others.order_by("lot__number").values_list("lot__number", flat=True)[:MOST_TOLD])
    sentence = _("Only %(left)s of %(number)s (%(item)s) are in %(warehouse)s.") % {
        "left": number_format(left.normalize()),
        "number": lot.number,
        "item": item,
        "warehouse": warehouse,
    }
    return f"{sentence} {_('There are: %(numbers)s.') % {'numbers': ', '.join(found)}}" if found else sentence
