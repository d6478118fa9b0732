"""SO-A11 against a slow reference: every way of sharing visits is tried on small random cases."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.models import ClosedDay, WindowMethod
from agreements.recurrence import Recurrence
from orders.planning import WHOLE_DAY, Line, OpenOrder, Options, Plan, Terms, Window, plan
from orders.planning.dates import allowed_range, calculated_dates
from servicemgmt.core.periods import Period, Unit

DAY_ONE = date(2024, 1, 1)
PERIOD = Period(DAY_ONE, DAY_ONE + timedelta(days=40))

few_days = st.integers(min_value=0, max_value=6)
windows = st.one_of(
    st.none(),
    st.builds(Window, st.just(WindowMethod.MANUAL), few_days, few_days),
    st.sampled_from([Window(WindowMethod.WEEK), Window(WindowMethod.MONTH)]),
)


#: Hours that contradict, that overlap, and none.
HOURS = [WHOLE_DAY, WHOLE_DAY, (480, 600), (540, 720), (840, 960)]
SLAS = [None, None, 1, 2]


recurrences = st.one_of(
    st.none(),
    st.builds(Recurrence, st.just(Unit.DAY), st.integers(9, 20)),
    st.builds(Recurrence, st.just(Unit.WEEK), st.integers(1, 3), st.none(), st.none() | st.integers(0, 6)),
    st.just(Recurrence(Unit.MONTH)),
    st.builds(Recurrence, st.just(Unit.MONTH), st.just(1), st.sampled_from([1, 2, -1]), st.integers(0, 6)),
)


@st.composite
def lines(draw: Any) -> tuple[Line, ...]:
    """Up to three lines with up to a dozen dates between them."""
    return tuple(
        Line(
            id=number,
            number=number,
            kind="HOUR",
            start=DAY_ONE + timedelta(days=draw(st.integers(min_value=-20, max_value=25))),
            recurrence=draw(recurrences),
            window=draw(windows),
            label=f"L{number}",
            sla=draw(st.sampled_from(SLAS)),
            hours=draw(st.sampled_from(HOURS)),
        )
        for number in range(1, draw(st.integers(min_value=1, max_value=3)) + 1)
    )


closed = st.frozensets(st.integers(min_value=-31, max_value=90), max_size=60)


policies = st.sampled_from(list(ClosedDay.values))


def planned(found: tuple[Line, ...], shut: frozenset[int], closed_day: str = ClosedDay.WARN) -> Plan:
    return plan(
        Terms(date(2000, 1, 1), found, closed_day=closed_day),
        Options(PERIOD),
        is_open=lambda site, day: (day - DAY_ONE).days not in shut,
        existing={},
    )


@settings(max_examples=300, deadline=None)
@given(lines(), closed, policies)
def test_every_date_is_placed_once_inside_its_range_and_on_an_open_day_where_there_is_one(
    found: tuple[Line, ...], shut: frozenset[int], policy: str
) -> None:
    terms = Terms(date(2000, 1, 1), found)
    result = planned(found, shut, policy)
    placed = {(i.line.id, i.calculated): order.day for order in result.orders for i in order.lines}
    assert len(placed) == result.line_count, "placed once"
    for line in found:
        for day in calculated_dates(terms, line, PERIOD):
            allowed = allowed_range(terms, line, day)
            days = [allowed.start + timedelta(days=n) for n in range(allowed.days)]
            open_days = [d for d in days if (d - DAY_ONE).days not in shut]
            if open_days:
                assert placed.pop((line.id, day)) in open_days
                continue
            if policy == ClosedDay.SKIP:
                assert (line.id, day) not in placed
                continue
            last = line.end or day + timedelta(days=366)
            later = [n for n in range((last - day).days + 1) if (day - DAY_ONE).days + n not in shut]
            earlier = [
                n
                for n in range(min((day - line.start).days, 366) + 1)
                if (day - DAY_ONE).days - n not in shut
            ]
            expected = day
            if policy == ClosedDay.NEXT and later:
                expected = day + timedelta(days=later[0])
            if policy == ClosedDay.PREVIOUS and earlier:
                expected = day - timedelta(days=earlier[0])
            assert placed.pop((line.id, day)) == expected
    assert not placed, "nothing else"
    for order in result.orders:
        ids = [item.line.id for item in order.lines]
        assert len(ids) == len(set(ids)), "two dates of a line share a visit"
        assert order.conflict == ((order.day - DAY_ONE).days in shut)
        assert all(order.day in item.range for item in order.lines)
        assert len({item.line.sla for item in order.lines}) == 1, "one SLA"
        assert order.hours == shared_hours(item.line for item in order.lines), "hours that all allow"


@settings(max_examples=300, deadline=None)
@given(lines(), closed, st.integers(min_value=1, max_value=39), policies, st.booleans())
def test_two_adjacent_periods_create_what_one_does(
    found: tuple[Line, ...], shut: frozenset[int], cut: int, policy: str, fixed: bool
) -> None:
    """The same (line, calculated date); without time windows the same orders too, for what moves joins."""
    if fixed:
        found = tuple(replace(line, window=None) for line in found)

    def create(period: Period, before: Plan) -> Plan:
        made = [
            OpenOrder(n, f"SO-{n}", o.day, o.site, frozenset(ids), o.lines[0].line.sla, o.hours)
            for n, o in enumerate(before.orders)
            for ids in [[item.line.id for item in o.lines]]
        ]
        there = {line.id: frozenset(d for pk, d in dates(before) if pk == line.id) for line in found}
        return plan(
            Terms(date(2000, 1, 1), found, closed_day=policy),
            Options(period),
            is_open=lambda site, day: (day - DAY_ONE).days not in shut,
            existing=there,
            open_orders=made,
        )

    def dates(*plans: Plan) -> set[tuple[int, date]]:
        return {(i.line.id, i.calculated) for made in plans for order in made.orders for i in order.lines}

    border = PERIOD.start + timedelta(days=cut)
    whole = create(PERIOD, Plan())
    first = create(Period(PERIOD.start, border), Plan())
    second = create(Period(border + timedelta(days=1), PERIOD.end), first)
    assert dates(first, second) == dates(whole) and not dates(first) & dates(second)
    assert not create(PERIOD, Plan(orders=(*first.orders, *second.orders))).orders, "again creates nothing"
    if fixed:
        assert orders_of(first, second) == orders_of(whole)


def orders_of(*plans: Plan) -> set[tuple[date, tuple[tuple[int, ...], ...]]]:
    """By day the orders with the lines on them; what joins an order is on it.

    Two dates of a line moved to one day may go to either of its orders, so such a day counts by its lines.
    """
    found: dict[date, dict[int, list[int]]] = {}
    for n, made in enumerate(plans):
        for at, order in enumerate(made.orders):
            key = order.joins.id if order.joins else 1000 * n + at
            found.setdefault(order.day, {}).setdefault(key, []).extend(i.line.id for i in order.lines)
    days = set()
    for day, by_order in found.items():
        ids = sorted(pk for lines in by_order.values() for pk in lines)
        orders = tuple(sorted(tuple(sorted(lines)) for lines in by_order.values()))
        days.add((day, orders if len(ids) == len(set(ids)) else (tuple(ids),)))
    return days


def shared_hours(found: Iterable[Line]) -> tuple[int, int] | None:
    """What all lines leave of the day; None where they contradict."""
    spans = [line.hours for line in found]
    start, end = max(span[0] for span in spans), min(span[1] for span in spans)
    return (start, end) if start < end else None


def fewest(result: Plan, shut: frozenset[int]) -> int:
    """The least number of visits for the dates of a plan, by trying every partition."""
    items = [item for order in result.orders for item in order.lines]
    options = []
    for item in items:
        days = [item.range.start + timedelta(days=n) for n in range(item.range.days)]
        open_days = frozenset(day for day in days if (day - DAY_ONE).days not in shut)
        options.append(open_days or frozenset([item.calculated]))

    @cache
    def least(left: frozenset[int]) -> int:
        if not left:
            return 0
        first = min(left)
        best = len(left)
        for day in options[first]:
            fitting = [
                n
                for n in left
                if n != first
                and day in options[n]
                and items[n].line.id != items[first].line.id
                and items[n].line.sla == items[first].line.sla
            ]
            for chosen in choices(fitting):
                if shared_hours(items[n].line for n in chosen | {first}) is None:
                    continue
                best = min(best, 1 + least(left - chosen - {first}))
        return best

    def choices(fitting: list[int]) -> list[frozenset[int]]:
        """At most one date of each other line."""
        found = [frozenset[int]()]
        for line in {items[n].line.id for n in fitting}:
            mine = [n for n in fitting if items[n].line.id == line]
            found += [one | {n} for one in found for n in mine]
        return found

    return least(frozenset(range(len(items))))


RULES: list[Callable[[random.Random], Recurrence | None]] = [
    lambda dice: Recurrence(Unit.DAY, dice.randint(8, 21)),
    lambda dice: Recurrence(Unit.WEEK, dice.randint(1, 3), None, dice.choice([None, *range(7)])),
    lambda dice: Recurrence(Unit.MONTH),
    lambda dice: Recurrence(Unit.MONTH, 1, dice.choice([1, 2, -1]), dice.randint(0, 6)),
    lambda dice: None,
]
WINDOWS: list[Callable[[random.Random], Window | None]] = [
    lambda dice: Window(WindowMethod.MANUAL, dice.randint(0, 5), dice.randint(0, 5)),
    lambda dice: Window(WindowMethod.WEEK),
    lambda dice: Window(WindowMethod.MONTH),
    lambda dice: None,
]


def test_the_number_of_visits_is_the_least_possible_nearly_always_and_never_two_more() -> None:
    dice = random.Random(20_241)
    equal = total = 0
    while total < 1000:
        found = tuple(
            Line(
                id=n, number=n, kind="HOUR", start=DAY_ONE + timedelta(days=dice.randint(-5, 15)),
                recurrence=dice.choice(RULES)(dice), window=dice.choice(WINDOWS)(dice), label=f"L{n}",
                sla=dice.choice(SLAS), hours=dice.choice(HOURS),
            )
            for n in range(1, dice.randint(2, 4))
        )  # fmt: skip
        shut = frozenset(dice.sample(range(-10, 60), dice.randint(0, 25)))
        result = planned(found, shut)
        if result.line_count > 9:
            continue
        total += 1
        best = fewest(result, shut)
        assert best <= len(result.orders) <= best + 1
        equal += len(result.orders) == best
    assert equal >= 0.95 * total, f"{equal} of {total}"
