"""What a price becomes (billing-rules 53 to 60). Pure."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from servicemgmt.core.money import round_money


@dataclass(frozen=True, slots=True)
class Change:
    """A change in percent, and between which percentages each price may change; None is no bound."""

    percent: Decimal
    floor: Decimal | None = None
    cap: Decimal | None = None

    @property
    def bounded(self) -> Decimal:
        """What is aimed at: the percentage inside floor and cap (billing-rules 58). The cap wins over the floor."""
        found = self.percent if self.floor is None else max(self.percent, self.floor)
        return found if self.cap is None else min(found, self.cap)


def adjusted(price: Decimal, change: Change, digits: int) -> Decimal:
    """The new price, rounded half up to the currency's digits, never beyond the cap, and not below the floor where
    a price between both can be written. A price that is not written in these digits keeps its own; one so small that it
    would be rounded to nothing stays."""
    digits = max(digits, written_digits(price))
    unit = Decimal(1).scaleb(-digits)
    found = round_money(price * (100 + change.bounded) / 100, digits)
    if change.floor is not None:
        least = price * (100 + min(change.floor, change.bounded)) / 100
        found = max(found, least.quantize(unit, rounding=ROUND_CEILING))
    if change.cap is not None:
        most = price * (100 + change.cap) / 100
        found = min(found, most.quantize(unit, rounding=ROUND_FLOOR))
    return found or price


def written_digits(price: Decimal) -> int:
    """How many decimals the price is written with, at most four: 0.0125 has four, 90.50 has one."""
    exponent = price.normalize().as_tuple().exponent
    return min(4, max(0, -exponent)) if isinstance(exponent, int) else 0
