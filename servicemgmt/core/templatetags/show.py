"""Template tags that every template has: money, quantities, working time, moments in a zone."""

from datetime import datetime
from typing import Any

from django import template

from .. import display

register = template.Library()

#: The tones of a stage's phases, for places that know tones only.
PHASE_TONES = {
    "NEW": "gray",
    "PLANNED": "blue",
    "WORKING": "orange",
    "PAUSED": "purple",
    "DONE": "green",
    "CANCELLED": "gray",
}


@register.filter
def money(amount: Any, currency: Any = None) -> str:
    """`{{ order.net|money:order.currency }}` → 1,234.50 EUR. The currency is its row or its ISO code."""
    return display.money(amount, currency)


@register.filter
def amount(value: Any, currency: Any = None) -> str:
    """Like money, without the currency's code."""
    return display.money(value, currency, code=False)


@register.filter
def unit_price(value: Any, currency: Any = None) -> str:
    """`{{ line.price|unit_price:invoice.currency }}` → 89.00, or 0.1234 where the price has more decimals."""
    return display.unit_price(value, currency)


@register.filter
def quantity(value: Any) -> str:
    """`{{ line.quantity|quantity }}` → 2.5, as many decimals as needed."""
    return display.quantity(value)


@register.filter
def typed(value: Any) -> str:
    """`value="{{ line.quantity|typed }}"` → 2.5: a number as an input takes it, whatever the language."""
    return display.typed(value)


@register.filter
def duration(minutes: Any) -> str:
    """`{{ line.minutes|duration }}` → 1 h 30."""
    return display.duration(minutes)


@register.filter
def zoned(moment: datetime | None, zone: str = "") -> str:
    """`{{ booking.start|zoned:"Europe/Berlin" }}`: the moment as a clock there shows it."""
    return display.zoned(moment, zone)


@register.filter
def clock(moment: datetime | None, zone: str = "") -> str:
    """Like zoned, the time of day alone."""
    return display.zoned(moment, zone, "TIME_FORMAT")


@register.filter
def stage_tone(phase: str) -> str:
    """The tone of a stage with that phase."""
    return PHASE_TONES.get(str(phase), "gray")
