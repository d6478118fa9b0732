"""How values look to people: money with its currency's digits, quantities, working time, dates in the right zone."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from .money import round_money

#: ISO 4217 currencies whose amounts do not have two decimals, for when only the code is at hand.
DIGITS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"], 0
    ),
    **dict.fromkeys(["XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
MINUS, THIN = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"


def digits_of(currency: Any) -> int:
    """How many decimals an amount of the currency has; the currency is its row or its ISO code."""
    found = getattr(currency, "digits", None)
    return int(found) if found is not None else DIGITS.get(str(currency or ""), 2)


def money(amount: Any, currency: Any = None, *, digits: int | None = None, code: bool = True) -> str:
    """The amount rounded half up to the currency's digits, with thousands separators, a true minus and the code."""
    if amount is None or amount == "":
        return ""
    digits = digits_of(currency) if digits is None else digits
    text = number(round_money(Decimal(amount), digits), decimals=digits)
    name = str(getattr(currency, "code", currency) or "") if code else ""
    return f"{text}{THIN}{name}" if name else text


def number(value: Any, *, decimals: int | None = None) -> str:
    """A number with thousands separators and a true minus sign."""
    text = number_format(abs(value), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if value < 0 else text


def quantity(value: Any, *, most: int = 6) -> str:
    """A quantity, percentage or price with as many decimals as it needs, at most six (`most`)."""
    if value is None or value == "":
        return ""
    plain = Decimal(value).normalize()
    decimals = min(max(0, -int(plain.as_tuple().exponent)), most)
    return number(round(plain, decimals), decimals=decimals)


def exchange_rate(value: Any) -> str:
    """A rate with every decimal it was reckoned with (nine are kept), so that amounts can be reckoned again."""
    return quantity(value, most=9)


def typed(value: Any) -> str:
    """A number as an input field takes it, without idle zeros: 2.5, 20."""
    return "" if value is None or value == "" else format(Decimal(value).normalize(), "f")


def unit_price(value: Any, currency: Any = None) -> str:
    """A price of one unit: the currency's digits, or more where it has more (billing-rules 42): 89.00, 0.1234."""
    if value is None or value == "":
        return ""
    plain = Decimal(value).normalize()
    needed = max(0, -int(plain.as_tuple().exponent))
    return number(plain, decimals=max(digits_of(currency), min(needed, 6)))


def duration(minutes: Any) -> str:
    """Minutes as “1 h 30”, “45 min”, “8 h”."""
    if minutes is None or minutes == "":
        return ""
    total = int(minutes)
    sign = MINUS if total < 0 else ""
    hours, rest = divmod(abs(total), 60)
    if not hours:
        return sign + _("%(minutes)s min") % {"minutes": rest}
    text = _("%(hours)s h %(minutes)02d") if rest else _("%(hours)s h")
    return sign + text % {"hours": number(hours), "minutes": rest}


def zoned(moment: datetime | None, zone: str = "", style: str = "SHORT_DATETIME_FORMAT") -> str:
    """The moment in that IANA zone (the reader's own where none is given or it is unknown), in the locale's format."""
    if not moment:
        return ""
    try:
        local = timezone.localtime(moment, ZoneInfo(zone) if zone else None)
    except (ZoneInfoNotFoundError, ValueError):
        local = timezone.localtime(moment)
    return date_format(local, style)


def recorded(text: str) -> str:
    """A text as it was recorded; a date or a moment in ISO form as people read it."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(T.+)?", text):
        return text
    try:
        return moment(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text))
    except ValueError:
        return text


def moment(value: Any) -> str:
    """A date as a date, a datetime in the reader's zone."""
    if isinstance(value, datetime):
        return zoned(value)
    return date_format(value, "SHORT_DATE_FORMAT") if value else ""
