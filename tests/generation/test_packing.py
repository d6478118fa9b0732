"""SO-A11 against a slow reference: every way of sharing visits is tried on small random cases."""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.models import WindowMethod
from orders.planning import Line, Options, Plan, Terms, Window, plan
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


@st.composite
def lines(draw: Any) -> tuple[Line, ...]:
    """Up to three lines with some ten dates between them."""
    return tuple(
        Line(
            id=number,
            number=number,
            kind="HOUR",
            start=DAY_ONE + timedelta(days=draw(st.integers(min_value=-20, max_value=25))),
            unit=draw(st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, None])),
            every=draw(st.integers(min_value=9, max_value=20)) if number else 1,
            window=draw(windows),
            label=f"L{number}",
        )
        for number in range(1, draw(st.integers(min_value=1, max_value=3)) + 1)
    )


closed = st.frozensets(st.integers(min_value=-31, max_value=90), max_size=60)


def planned(found: tuple[Line, ...], shut: frozenset[int]) -> Plan:
    return plan(
        Terms(date(2000, 1, 1), found),
        Options(PERIOD),
        is_open=lambda site, day: (day - DAY_ONE).days not in shut,
        existing={},
    )


@settings(max_examples=300, deadline=None)
@given(lines(), closed)
def test_every_date_is_placed_once_inside_its_range_and_on_an_open_day_where_there_is_one(
    found: tuple[Line, ...], shut: frozenset[int]
) -> None:
    terms = Terms(date(2000, 1, 1), found)
    wanted = sorted((line.id, day) for line in found for day in calculated_dates(terms, line, PERIOD))
    result = planned(found, shut)
    assert sorted((i.line.id, i.calculated) for order in result.orders for i in order.lines) == wanted
    for order in result.orders:
        ids = [item.line.id for item in order.lines]
        assert len(ids) == len(set(ids)), "two dates of a line share a visit"
        for item in order.lines:
            allowed = allowed_range(terms, item.line, item.calculated)
            assert order.day in allowed and item.range == allowed
            has_open_day = any(
                (allowed.start + timedelta(days=n) - DAY_ONE).days not in shut for n in range(allowed.days)
            )
            is_open = (order.day - DAY_ONE).days not in shut
            assert is_open == has_open_day and order.conflict == (not is_open)
            if not has_open_day:
                assert order.day == item.calculated


@settings(max_examples=100, deadline=None)
@given(lines(), closed, st.integers(min_value=1, max_value=39))
def test_two_adjacent_periods_ask_for_the_same_dates_as_one(
    found: tuple[Line, ...], shut: frozenset[int], cut: int
) -> None:
    def dates(period: Period, existing: dict[int, frozenset[date]]) -> set[tuple[int, date]]:
        result = plan(
            Terms(date(2000, 1, 1), found), Options(period), is_open=lambda site, day: True, existing=existing
        )
        return {(i.line.id, i.calculated) for order in result.orders for i in order.lines}

    border = PERIOD.start + timedelta(days=cut)
    first = dates(Period(PERIOD.start, border), {})
    there = {line.id: frozenset(day for pk, day in first if pk == line.id) for line in found}
    second = dates(Period(border + timedelta(days=1), PERIOD.end), there)
    assert first | second == dates(PERIOD, {}) and not first & second
    assert not dates(
        PERIOD, {line.id: frozenset(d for pk, d in first | second if pk == line.id) for line in found}
    )


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
                if n != first and day in options[n] and items[n].line.id != items[first].line.id
            ]
            for chosen in choices(fitting):
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


def test_the_number_of_visits_is_the_least_possible_nearly_always_and_never_two_more() -> None:
    dice = random.Random(20_241)
    equal = total = 0
    while total < 300:
        found = tuple(
            Line(
                id=n, number=n, kind="HOUR", start=DAY_ONE + timedelta(days=dice.randint(-5, 15)),
                unit=Unit.DAY, every=dice.randint(8, 21), label=f"L{n}",
                window=Window(WindowMethod.MANUAL, dice.randint(0, 5), dice.randint(0, 5)),
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
