"""Template tags that every template has: money, quantities, working time, moments in a zone, links to rows."""

import re
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .. import display
from ..web import may_enter

register = template.Library()

#: A word with a hyphen and a digit: the number of a document.
NUMBER = re.compile(r"(?=\S*\d)\S+-\S{1,30}")
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
def exchange_rate(value: Any) -> str:
    """`{{ invoice.exchange_rate|exchange_rate }}` → 2.987654321, every decimal of it."""
    return display.exchange_rate(value)


@register.filter
def typed(value: Any) -> str:
    """`value="{{ line.quantity|typed }}"` → 2.5: a number as an input takes it, whatever the language."""
    return display.typed(value)


@register.filter
def unbroken(value: Any) -> SafeString:
    """`{{ item.label|unbroken }}`: a text for paper whose numbers, such as INV-2026-000012, stay on one line."""
    kept = NUMBER.sub(r'<span class="nowrap">\g<0></span>', str(conditional_escape(value)))
    return mark_safe(kept)


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


@register.simple_tag(takes_context=True)
def link_to(context: template.Context, text: Any, view: str, key: Any, css: str = "") -> SafeString:
    """`{% link_to voucher.number "ledger:voucher" voucher.number %}`: the text, as a link to the page of `key`.

    The text alone where there is no key, and for whom that page is closed.
    """
    shown, url = localize(text), reverse(view, args=[key]) if key else ""
    if not url or not may_enter(context["request"].user, url):
        return conditional_escape(shown)
    return format_html('<a href="{}" class="{}">{}</a>' if css else '<a href="{0}">{2}</a>', url, css, shown)
