"""Money is Decimal, rounded once, at the line, half up (ties away from zero), to the currency's digits."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from .errors import Invalid

ZERO = Decimal(0)
#: What is more was typed by mistake, and the sums of a document could not be kept.
MOST_QUANTITY, MOST_AMOUNT = Decimal(10) ** 6, Decimal(10) ** 12


def check_size(quantity: Decimal, amount: Decimal = ZERO) -> None:
    """Raises Invalid at `quantity` for more than a million of anything or an amount above a trillion, either sign."""
    if abs(quantity) > MOST_QUANTITY:
        raise Invalid(_("More than 1,000,000 cannot be entered on one line."), field="quantity")
    if abs(amount) > MOST_AMOUNT:
        raise Invalid(_("Quantity and price make an amount that is too large."), field="quantity")


def round_money(amount: Decimal, digits: int = 2) -> Decimal:
    """The amount rounded half up to `digits` decimals (0 to 4): 2.675 → 2.68, −2.675 → −2.68."""
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def line_amount(
    quantity: Decimal, price: Decimal, digits: int = 2, *, discount_percent: Decimal = ZERO
) -> Decimal:
    """quantity × price × (1 − discount), rounded once (billing-rules 37)."""
    return round_money(quantity * price * (100 - discount_percent) / 100, digits)


class Rounding(StrEnum):
    """Which part takes the difference when a total is split (SB-18, billing-rules 39)."""

    CUMULATIVE = "CUMULATIVE"
    FIRST = "FIRST"
    LAST = "LAST"


def split(
    total: Decimal,
    weights: Sequence[Decimal | int],
    digits: int = 2,
    rounding: Rounding = Rounding.CUMULATIVE,
) -> list[Decimal]:
    """The total in parts proportional to the weights, adding up to it exactly.

    CUMULATIVE rounds the running total; FIRST and LAST round each part and give the difference to that end.
    Raises ValueError where the weights do not add up to more than nothing.
    """
    whole = sum((Decimal(w) for w in weights), ZERO)
    if whole <= 0 or any(w < 0 for w in weights):
        raise ValueError("weights must be positive")
    if rounding is Rounding.CUMULATIVE:
        return _split_cumulative(total, weights, whole, digits)
    parts = [round_money(total * w / whole, digits) for w in weights]
    parts[0 if rounding is Rounding.FIRST else -1] += total - sum(parts, ZERO)
    return parts


def _split_cumulative(
    total: Decimal, weights: Sequence[Decimal | int], whole: Decimal, digits: int
) -> list[Decimal]:
    parts, weight, given = [], ZERO, ZERO
    for w in weights:
        weight += w
        upto = total if weight == whole else round_money(total * weight / whole, digits)
        parts.append(upto - given)
        given = upto
    return parts
