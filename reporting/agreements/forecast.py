"""Visits and revenue of the next twelve months: what is created already, and what planning would create.

The rest comes from the very function that preview and run use, so that a forecast cannot promise another visit than
the run makes. An agreement that renews by itself goes on as its successors would; renewals by hand are not counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import batched

from django.db.models import Count, DecimalField, F, Func, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from agreements.models import Renewal, ServiceAgreement, ServiceAgreementLine
from agreements.pricing.queries import is_charged, price_found
from agreements.renewal.rules import why_not_renew
from orders.generation.load import Loaded, load
from orders.models import LineStatus, OrderProgress, ServiceOrder, ServiceOrderLine
from orders.planning import Options
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, line_amount
from servicemgmt.core.periods import Period, Unit, step
from servicemgmt.projects.coverage import coverage_in_sql
from servicemgmt.projects.models import Coverage, LineKind
from servicemgmt.projects.pricing.book import PriceBook

from .fees import fees_of

CHUNK = 200
#: How many agreements a summary names.
NAMED = 200
AMOUNT = DecimalField(max_digits=19, decimal_places=4)
#: The amount of an order line, rounded to its currency as `line_amount` does.
ROUNDED = Func(
    F("quantity") * F("sales_price"),
    F("order__project__currency__digits"),
    function="ROUND",
    output_field=AMOUNT,
)


@dataclass(slots=True)
class Figures:
    """What a month of an agreement brings, in the currency of its project. `unpriced`: lines without a price.

    `fees` are those of its subscriptions, apart from the revenue of its lines.
    """

    created: int = 0
    planned: int = 0
    hours: Decimal = ZERO
    revenue: Decimal = ZERO
    fees: Decimal = ZERO
    unpriced: int = 0

    @property
    def visits(self) -> int:
        return self.created + self.planned

    def add(self, other: "Figures") -> None:
        self.created += other.created
        self.planned += other.planned
        self.hours += other.hours
        self.revenue += other.revenue
        self.fees += other.fees
        self.unpriced += other.unpriced


@dataclass(slots=True)
class Forecast:
    """The months of some agreements."""

    period: Period
    agreements: list[ServiceAgreement] = field(default_factory=list)
    cells: dict[tuple[int, date], Figures] = field(default_factory=lambda: defaultdict(Figures))
    #: The days on which an agreement has a visit already.
    visited: set[tuple[int, date]] = field(default_factory=set)
    #: The agreements that are counted beyond their last day, because they renew by themselves.
    renewed: set[int] = field(default_factory=set)
    #: What the price search found already, by what it was asked.
    prices: dict[tuple[object, ...], Decimal | None] = field(default_factory=dict)

    def cell(self, agreement: ServiceAgreement, day: date) -> Figures:
        """The month of a visit; one that a closed day moves out of the period counts in its first or last month."""
        shown = min(max(day, self.period.start), self.period.end)
        return self.cells[agreement.pk, shown.replace(day=1)]


@dataclass(frozen=True, slots=True)
class Total[Key]:
    """The figures of a month, or of an agreement, in one currency."""

    key: Key
    currency: str
    figures: Figures


@dataclass(slots=True)
class Summary:
    """The months of all agreements by currency, and the agreements with most visits, those first.

    `count`: how many have anything.
    """

    period: Period
    sums: dict[tuple[date, str], Figures] = field(default_factory=lambda: defaultdict(Figures))
    agreements: list[Total[ServiceAgreement]] = field(default_factory=list)
    count: int = 0
    #: Those of `agreements` that are counted beyond their last day, because they renew by themselves.
    renewed: set[int] = field(default_factory=set)

    def take(self, part: Forecast, named: int) -> None:
        """Add what some agreements bring."""
        codes, of_agreement = currencies(part), dict[int, Figures]()
        for (key, month), cell in part.cells.items():
            self.sums[month, codes.get(key, "")].add(cell)
            of_agreement.setdefault(key, Figures()).add(cell)
        rows = {row.pk: row for row in part.agreements}
        self.count += len(of_agreement)
        self.agreements += [Total(rows[key], codes[key], sums) for key, sums in of_agreement.items()]
        self.agreements.sort(key=lambda row: (-row.figures.visits, row.key.pk))
        del self.agreements[named:]
        self.renewed = (self.renewed | part.renewed) & {row.key.pk for row in self.agreements}

    @property
    def months(self) -> list[date]:
        first = self.period.start.replace(day=1)
        count = (self.period.end.year - first.year) * 12 + self.period.end.month - first.month + 1
        return [step(first, Unit.MONTH, n) for n in range(count)]


def year_from(on: date) -> Period:
    """Twelve months from the day, which is their first."""
    return Period(on, step(on, Unit.MONTH, 12) - timedelta(days=1))


def forecasts(agreements: QuerySet[ServiceAgreement], period: Period) -> Iterator[Forecast]:
    """The visits and the revenue of the agreements in the period, of some of them at a time, in the order of their
    keys; reads only, in a number of statements that grows with every `CHUNK` agreements."""
    for chunk in batched(agreements.order_by("pk").values_list("pk", flat=True), CHUNK):
        found = Forecast(period)
        _created(found, chunk)
        loaded = load(list(chunk), period)
        found.agreements = [row.agreement for row in loaded]
        found.renewed = renewing(found.agreements, period)
        book = price_book(found.agreements)
        for row in loaded:
            _planned(found, row, book)
        for fee in fees_of(found.agreements, period):
            found.cells[fee.agreement, fee.day.replace(day=1)].fees += fee.amount
        yield found


def forecast(agreements: QuerySet[ServiceAgreement], period: Period, *, named: int = NAMED) -> Summary:
    """The sums over all the agreements, however many; only those with most visits, `named`, are kept one by one."""
    found = Summary(period)
    for part in forecasts(agreements, period):
        found.take(part, named)
    return found


def renewing(agreements: Iterable[ServiceAgreement], period: Period) -> set[int]:
    """Those that end in the period and are to be renewed by themselves; one statement at most."""
    ending = [
        row
        for row in agreements
        if row.renewal == Renewal.AUTOMATIC and row.end_date and row.end_date < period.end
    ]
    if not ending:
        return set()
    followed = set(
        ServiceAgreement.objects.filter(predecessor__in=ending).values_list("predecessor", flat=True)
    )
    return {row.pk for row in ending if not why_not_renew(row, has_successor=row.pk in followed)}


def _created(found: Forecast, ids: Sequence[int]) -> None:
    """What stands as orders already, cancelled ones apart."""
    of_period = Q(agreement__in=ids, service_on__range=(found.period.start, found.period.end))
    orders = ServiceOrder.objects.filter(of_period).exclude(progress=OrderProgress.CANCELLED)
    by_day = orders.order_by().values_list("agreement", "service_on").annotate(n=Count("pk"))
    for agreement, day, count in by_day:
        found.cells[agreement, day.replace(day=1)].created += count
        found.visited.add((agreement, day))
    lines = ServiceOrderLine.objects.filter(order__in=orders).exclude(status=LineStatus.CANCELLED)
    sums = (
        lines.order_by()
        .annotate(month=TruncMonth("order__service_on"), coverage=coverage_in_sql("order__project__kind"))
        .values_list("order__agreement", "month")
        .annotate(
            hours=Sum("quantity", filter=Q(kind=LineKind.HOUR)),
            revenue=Sum(
                ROUNDED,
                filter=Q(coverage=Coverage.CHARGED),
                output_field=AMOUNT,
            ),
            unpriced=Count("pk", filter=Q(sales_price=None, coverage=Coverage.CHARGED)),
        )
    )
    for agreement, month, hours, revenue, unpriced in sums:
        cell = found.cells[agreement, month]
        cell.hours += hours or ZERO
        cell.revenue += revenue or ZERO
        cell.unpriced += unpriced


def _planned(found: Forecast, loaded: Loaded, lookup: PriceBook) -> None:
    """What planning would create now, or add to orders that are there, and what it expects: dates that count from a
    visit still to be done, those of a day as one visit and with what stands on that day. What is overdue counts on the
    first day, as the night would create it."""
    agreement = loaded.agreement
    until = found.period.end if agreement.pk in found.renewed else None
    plan = loaded.plan(Options(found.period, from_today=True), renewed_until=until)
    lines = [(order.day, item.line.id) for order in plan.orders for item in order.lines]
    lines += [(expected.day, expected.line.id) for expected in plan.forecast]
    there = {order.day for order in plan.orders}
    expected_days = {expected.day for expected in plan.forecast} - there
    expected_days = {day for day in expected_days if (agreement.pk, day) not in found.visited}
    for day in [*(order.day for order in plan.created), *expected_days]:
        found.cell(agreement, day).planned += 1
    for day, key in lines:
        _priced(found, loaded, loaded.lines[key], day, lookup)


def _priced(found: Forecast, loaded: Loaded, line: ServiceAgreementLine, on: date, lookup: PriceBook) -> None:
    agreement = loaded.agreement
    cell = found.cell(agreement, on)
    if line.kind == LineKind.HOUR:
        cell.hours += line.quantity
    if not is_charged(agreement, line) or agreement.project is None:
        return
    agreed = loaded.sales_price(line, on)
    price = agreed if agreed is not None else price_of(found, agreement, line, on, lookup)
    if price is None:
        cell.unpriced += 1
    else:
        cell.revenue += line_amount(line.quantity, price, agreement.project.currency.digits)


def price_of(
    found: Forecast, agreement: ServiceAgreement, line: ServiceAgreementLine, on: date, lookup: PriceBook
) -> Decimal | None:
    """What the price search gives for a unit on the day, as the run would price it; None where there is no price."""
    question = line.pk, lookup.epoch(on)
    if question not in found.prices:
        try:
            found.prices[question] = price_found(agreement, line, on, lookup).sales_price
        except Refused:  # no exchange rate
            found.prices[question] = None
    return found.prices[question]


def price_book(agreements: Iterable[ServiceAgreement]) -> PriceBook:
    """The price rows of these agreements' projects and price lists, read once."""
    rows = list(agreements)
    lists = {row.price_list_id for row in rows} | {row.project.price_list_id for row in rows if row.project}
    return PriceBook([row.project_id for row in rows if row.project_id], [pk for pk in lists if pk])


def by_month(found: Summary) -> list[Total[date]]:
    """A row a month and currency; a month without anything has one of nothing."""
    sums = dict(found.sums)
    for month in found.months:
        if not any(key[0] == month for key in sums):
            sums[month, ""] = Figures()
    return [Total(month, code, sums[month, code]) for month, code in sorted(sums)]


def currencies(found: Forecast) -> dict[int, str]:
    return {row.pk: row.project.currency.code if row.project else "" for row in found.agreements}
