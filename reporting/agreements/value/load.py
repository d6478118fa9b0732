"""From the database to the worth of lines over time: a fixed number of statements for a batch of agreements."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import batched
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from agreements.models import ServiceAgreement, ServiceAgreementLine, ServiceInterval
from agreements.pricing.queries import is_charged, latest_price, price_found
from agreements.recurrence import recurrence_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Event
from servicemgmt.core.money import ZERO, line_amount, round_money
from servicemgmt.masterdata.queries import company_zone
from servicemgmt.projects.pricing.book import PriceBook

from .timeline import DAY, Change, Facts, Reason, changes_of, days_of, renewals_joined, visits_a_year

CHUNK = 200
#: What of a line changed by hand is worth something: its Event says “line 3: quantity”.
BY_HAND = re.compile(r"line (\d+): (quantity|sales_price|interval|stopped)$")
LINE_PARTS = ["interval", "category", "worker", "item", "line_property"]
PARTS = ["customer", "group", "price_list", "project__currency", "project__line_property", "successor"]

type Told = dict[tuple[int, int], list[tuple[date, str, object]]]


@dataclass(slots=True)
class Movement:
    """A change of an agreement's worth a year, in the currency of its project."""

    agreement: ServiceAgreement
    label: str
    change: Change


@dataclass(slots=True)
class Movements:
    """What all agreements were worth on the eve of the first day and on the last one, by currency, and what changed in
    between: opening and changes add up to closing."""

    opening: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    closing: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    rows: list[Movement] = field(default_factory=list)

    def sums(self) -> dict[str, dict[Reason, Decimal]]:
        """What each reason came to, by currency."""
        found: dict[str, dict[Reason, Decimal]] = {code: {} for code in [*self.opening, *self.closing]}
        for row in self.rows:
            of = found[code_of(row.agreement)]
            of[row.change.reason] = of.get(row.change.reason, ZERO) + row.change.delta
        return found


def movements(agreements: QuerySet[ServiceAgreement], first: date, last: date) -> Movements:
    """Of these contracts, from `first` to `last` (inclusive, the company's days)."""
    rows = agreements.filter(start_date__lte=last).filter(
        Q(end_date__isnull=True) | Q(end_date__gte=first - DAY)
    )
    found, known, changes = Movements(), dict[int, tuple[ServiceAgreement, str]](), list[Change]()
    zone = ZoneInfo(company_zone())
    rules = {str(row): row for row in ServiceInterval.objects.all()}
    for chunk in batched(rows.select_related(*PARTS).order_by("pk"), CHUNK):
        for agreement, line, facts, worth in _chunk(chunk, first, last, zone, rules):
            known[line.pk] = agreement, str(line)
            code = code_of(agreement)
            found.opening[code] += worth[first - DAY]
            found.closing[code] += worth[max(worth)]
            changes += changes_of(facts, worth, first)
    found.rows = [Movement(*known[change.line], change) for change in renewals_joined(changes)]
    found.rows.sort(key=lambda row: (row.change.day, row.agreement.pk, row.change.line), reverse=True)
    return found


def code_of(agreement: ServiceAgreement) -> str:
    return agreement.project.currency.code if agreement.project else ""


def _chunk(
    agreements: tuple[ServiceAgreement, ...],
    first: date,
    last: date,
    zone: ZoneInfo,
    rules: dict[str, ServiceInterval],
) -> Iterator[tuple[ServiceAgreement, ServiceAgreementLine, Facts, dict[date, Decimal]]]:
    by_id = {row.pk: row for row in agreements}
    told = _by_hand(list(by_id), zone)
    lists = {row.price_list_id for row in agreements} | {
        row.project.price_list_id for row in agreements if row.project
    }
    book = PriceBook([row.project_id for row in agreements if row.project_id], [pk for pk in lists if pk])
    lines = ServiceAgreementLine.objects.filter(agreement__in=by_id)
    lines = lines.select_related(*LINE_PARTS).prefetch_related("prices__row__adjustment")
    for line in lines.order_by("agreement_id", "line_number"):
        agreement = by_id[line.agreement_id]
        by_hand = told.get((agreement.pk, line.line_number), [])
        if not is_charged(agreement, line) or not (
            line.interval_id or any(name == "interval" for _day, name, _old in by_hand)
        ):
            continue
        facts = _facts(agreement, line, by_hand, zone)
        if facts.ends and facts.ends < facts.begins:
            continue
        facts.price_days = _price_days(agreement, line, book, first, last)
        days = days_of(facts, first, last) | {first - DAY, last}
        yield (
            agreement,
            line,
            facts,
            {day: _worth(agreement, line, facts, day, book, rules) for day in sorted(days)},
        )


def _facts(
    agreement: ServiceAgreement,
    line: ServiceAgreementLine,
    by_hand: list[tuple[date, str, object]],
    zone: ZoneInfo,
) -> Facts:
    """A line counts from its first day; one entered on a later day than its agreement not before that day."""
    agreed = max(agreement.start_date, agreement.decided_on or agreement.start_date)
    entered, signed = (row.created_at.astimezone(zone).date() for row in (line, agreement))
    begins = max(agreed, line.start_date, *([entered] if entered > signed else []))
    began = Reason.ADDED
    if begins == agreed:
        began = Reason.RENEWED if agreement.predecessor_id and line.continues_id else Reason.NEW
    ends, ended, why = line.end_date, Reason.LINE_ENDED, ""
    if agreement.end_date and (ends is None or agreement.end_date <= ends):
        is_renewed = hasattr(agreement, "successor")
        ends, ended = agreement.end_date, Reason.RENEWED if is_renewed else Reason.ENDED
        why = "" if is_renewed else agreement.end_reason
    root = line.continues_id or line.pk
    return Facts(line.pk, root, begins, ends, began, ended, why, by_hand=by_hand)


def _price_days(
    agreement: ServiceAgreement, line: ServiceAgreementLine, book: PriceBook, first: date, last: date
) -> dict[date, str]:
    """The days from which another price may count, with the batch that brought it."""
    days = {row.valid_from: row.row.adjustment.description if row.row else "" for row in line.prices.all()}
    if line.sales_price is None:
        days = dict.fromkeys(book.days(first, last), "") | days
    return days


def _worth(
    agreement: ServiceAgreement,
    line: ServiceAgreementLine,
    facts: Facts,
    day: date,
    book: PriceBook,
    rules: dict[str, ServiceInterval],
) -> Decimal:
    """What the line was worth a year at the end of the day, before tax, rounded to the currency."""
    interval = facts.at("interval", str(line.interval) if line.interval else None, day)
    rule = rules.get(interval or "") or (line.interval if interval else None)
    if not facts.is_live(day) or facts.at("stopped", line.stopped, day) or rule is None:
        return ZERO
    entered = facts.at("sales_price", line.sales_price, day)
    begun = [row for row in line.prices.all() if row.valid_from <= day]
    price = latest_price(line, begun, day) if begun else entered
    if price is None:
        try:
            price = price_found(agreement, line, day, book).sales_price
        except Refused:  # no exchange rate
            return ZERO
    if price is None or agreement.project is None:
        return ZERO
    digits = agreement.project.currency.digits
    amount = line_amount(Decimal(facts.at("quantity", line.quantity, day)), Decimal(price), digits)
    often = visits_a_year(recurrence_of(rule), line.start_date)
    return round_money(amount * often.numerator / often.denominator, digits)


def _by_hand(ids: list[int], zone: ZoneInfo) -> Told:
    """What was changed of each line, by agreement and number of the line, the latest first."""
    subjects = {f"serviceagreement:{pk}": pk for pk in ids}
    events = Event.objects.filter(
        subject__in=subjects, action__in=["line_changed", "line_stopped", "line_restarted"]
    )
    found: Told = defaultdict(list)
    for at, subject, changes in events.order_by("-pk").values_list("at", "subject", "changes"):
        for key, (before, _after) in changes.items():
            if match := BY_HAND.match(key):
                told = at.astimezone(zone).date(), match[2], before
                found[subjects[subject], int(match[1])].append(told)
    return found
