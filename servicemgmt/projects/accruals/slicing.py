"""Cutting an amount into the slices it is recognised by. Pure: nothing here reads or writes the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from servicemgmt.core.money import ZERO, Rounding, round_money, split
from servicemgmt.core.periods import Period, periods

from ..models import AccrualMethod

#: Calendar periods are counted from here: a Monday, the first of a month, a quarter and a year.
ANCHOR = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of an amount and the days, both ends inclusive, that it is earned in."""

    days: Period
    amount: Decimal


def slices_of(
    total: Decimal,
    span: Period,
    *,
    unit: str,
    method: str = AccrualMethod.DAYS,
    rounding: Rounding = Rounding.CUMULATIVE,
    digits: int = 2,
) -> list[Slice]:
    """The slices of `total` (already of `digits` decimals, either sign) over the days of `span`; they add up to it.

    The span is cut at the borders of calendar periods of `unit`; without a unit it stays whole (SB-19: as invoiced).
    By DAYS each slice gets its share of the days (billing-rules 46); by EQUAL periods the whole ones get the same and
    a stub its days (47). `rounding` says who gets the difference (SB-18).
    """
    whole = list(periods(ANCHOR, unit, 1, span)) if unit else [span]
    parts = [found for period in whole if (found := period.clip(span))]
    if method == AccrualMethod.EQUAL:
        is_stub = [part != period for part, period in zip(parts, whole, strict=True)]
        amounts = _equal(total, parts, is_stub, digits, rounding)
    else:
        amounts = split(total, [part.days for part in parts], digits, rounding)
    return [Slice(days, amount) for days, amount in zip(parts, amounts, strict=True)]


def _equal(
    total: Decimal, parts: Sequence[Period], is_stub: Sequence[bool], digits: int, rounding: Rounding
) -> list[Decimal]:
    """Billing-rules 47: stubs by days, the whole periods the same each; the last stub takes the rest."""
    days = sum(part.days for part in parts)

    def by_days(part: Period) -> Decimal:
        return round_money(total * part.days / days, digits)

    if len(parts) == 1:
        return [total]
    first = [by_days(parts[0])] if is_stub[0] else []
    middle = len(parts) - len(first) - is_stub[-1]
    left = total - sum(first, ZERO)
    if not is_stub[-1]:
        return first + split(left, [1] * middle, digits, rounding)
    each = round_money((left - by_days(parts[-1])) / middle, digits) if middle else ZERO
    return [*first, *[each] * middle, left - each * middle]


def taken(
    amounts: Sequence[Decimal], before: Sequence[Decimal], net: Decimal, *, digits: int
) -> list[Decimal]:
    """What a credit of `net` takes from each slice, beside what earlier ones took (billing-rules 62: in step).

    `net` and `before` have the opposite sign of the slices. The running total is rounded, so the parts add up to the
    credit, everything credited is exactly the slices, and what is left of one never changes its sign.
    """
    total, together = sum(amounts, ZERO), sum(before, net)
    parts, running, given = [], ZERO, ZERO
    for amount, earlier in zip(amounts, before, strict=True):
        running += amount
        upto = -round_money(-together * running / total, digits) if total else ZERO
        parts.append(upto - given - earlier)
        given = upto
    return parts
