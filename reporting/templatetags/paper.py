"""Filters for documents on paper."""

from decimal import Decimal
from typing import Any

from django import template

from servicemgmt.core.display import digits_of, number

register = template.Library()


@register.filter
def unit_price(value: Any, currency: Any = None) -> str:
    """A price with the currency's decimals, or as many more as it needs: 89 → 89.00, 0.1234 → 0.1234."""
    if value is None or value == "":
        return ""
    plain = Decimal(value).normalize()
    needed = max(0, -int(plain.as_tuple().exponent))
    return number(plain, decimals=max(digits_of(currency), min(needed, 6)))
