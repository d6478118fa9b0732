"""How unit prices look."""

from typing import Any

from django import template

from ..explain import unit_price as shown

register = template.Library()


@register.filter
def unit_price(value: Any, currency: Any = None) -> str:
    """`{{ line.price|unit_price:invoice.currency }}` → 89.00, or 0.1234 where the price has more decimals."""
    return shown(value, currency)
