"""The worth of a line over time, and the days on which it changed. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.recurrence import ALL_YEAR, Recurrence
from servicemgmt.core.money import ZERO
from servicemgmt.core.periods import Period, Unit, step

DAY = timedelta(days=1)
#: How often a year the short units come; longer ones are counted by their months.
A_YEAR = {Unit.DAY: 365, Unit.WEEK: 52}
#: Over so many years at most the visits of a season are counted, to know how many an average year has.
MOST_YEARS = 100
YEARS = {Unit.MONTH: 12, Unit.QUARTER: 4, Unit.YEAR: 1}


class Reason(models.TextChoices):
    NEW = "NEW", _("New agreement")
    RENEWED = "RENEWED", _("Renewed")
    ADDED = "ADDED", _("Line added")
    PRICE = "PRICE", _("Price adjusted")
    CHANGED = "CHANGED", _("Line changed")
    STOPPED = "STOPPED", _("Line stopped")
    RESTARTED = "RESTARTED", _("Line goes on")
    LINE_ENDED = "LINE_ENDED", _("Line ended")
    ENDED = "ENDED", _("Agreement ended")


@dataclass(frozen=True, slots=True)
class Change:
    """From the day on the line is worth so much more or less a year. `root`: the line that renewals go on from."""

    day: date
    line: int
    root: int
    reason: Reason
    delta: Decimal
    detail: str = ""


@dataclass(slots=True)
class Facts:
    """What is known of a line: its days (inclusive) and why it begins and ends, the days on which anything of it
    changed, and what was changed by hand: (day, field, value before), the latest first."""

    line: int
    root: int
    begins: date
    ends: date | None
    began: Reason
    ended: Reason
    why_ended: str = ""
    price_days: Mapping[date, str] = field(default_factory=dict)
    by_hand: list[tuple[date, str, Any]] = field(default_factory=list)

    def is_live(self, day: date) -> bool:
        return self.begins <= day and (self.ends is None or day <= self.ends)

    def at(self, name: str, now: Any, day: date) -> Any:
        """The field's value at the end of the day, from what it is now."""
        for changed, of, before in self.by_hand:
            if changed <= day:
                break
            if of == name:
                now = before
        return now


def visits_a_year(rule: Recurrence, anchor: date) -> Fraction:
    """How often it comes in an average year; a season counts by its share, days left out do not count."""
    if rule.unit in A_YEAR:
        return Fraction(A_YEAR[Unit(rule.unit)] * len(rule.months), rule.every * 12)
    a_year = YEARS[Unit(rule.unit)]
    if rule.months == ALL_YEAR:
        return Fraction(a_year, rule.every)
    years = min(rule.every // gcd(rule.every, a_year), MOST_YEARS)
    plain = replace(rule, pauses=(), weekday=None, ordinal=None)
    span = Period(anchor, step(anchor, Unit.YEAR, years) - DAY)
    return Fraction(sum(1 for _day in plain.dates(anchor, span)), years)


def changes_of(facts: Facts, worth: Mapping[date, Decimal], first: date) -> Iterator[Change]:
    """The changes of a line from what it was worth on `days_of` and the day before the first; their sum is the whole
    difference between the eve of `first` and the last of these days."""
    before = worth[first - DAY]
    for day in sorted(found for found in worth if found >= first):
        if worth[day] != before:
            reason, detail = _reason(facts, day)
            yield Change(day, facts.line, facts.root, reason, worth[day] - before, detail)
        before = worth[day]


def days_of(facts: Facts, first: date, last: date) -> set[date]:
    """The days from `first` to `last` on which the line can be worth something else than on their eve."""
    days = {facts.begins, *facts.price_days, *(day for day, _name, _before in facts.by_hand)}
    days |= {facts.ends + DAY} if facts.ends and facts.ends < last else set()
    return {day for day in days if first <= day <= last}


def _reason(facts: Facts, day: date) -> tuple[Reason, str]:
    if day == facts.begins:
        return facts.began, ""
    if facts.ends and day > facts.ends:
        return facts.ended, facts.why_ended
    changed = [(name, before) for at, name, before in facts.by_hand if at == day]
    stops = [before for name, before in changed if name == "stopped"]
    if len(stops) % 2:  # stopped and let go on the same day, it is worth something else for another reason
        return (Reason.RESTARTED if stops[0] else Reason.STOPPED), ""
    return (Reason.CHANGED, "") if changed else (Reason.PRICE, facts.price_days.get(day, ""))


def renewals_joined(changes: Iterable[Change]) -> Iterator[Change]:
    """What one term ends with and the next begins with is one change, and none where it is worth the same; a line that
    stayed behind has ended."""
    renewed: dict[tuple[date, int], list[Change]] = {}
    for change in changes:
        if change.reason == Reason.RENEWED:
            renewed.setdefault((change.day, change.root), []).append(change)
        else:
            yield change
    for found in renewed.values():
        total = sum((change.delta for change in found), ZERO)
        if len(found) == 1 and total < 0:
            yield replace(found[0], reason=Reason.LINE_ENDED)
        elif total:
            yield replace(max(found, key=lambda change: change.delta), delta=total)
