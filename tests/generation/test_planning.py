"""SO-A03 … SO-A14 and the scenarios of part F, on the pure function."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from agreements.models import CombineBy, WindowMethod
from agreements.recurrence import Recurrence
from orders.planning import Line, Options, Plan, Terms, Window, plan
from servicemgmt.core.periods import Period

ALWAYS: Callable[[int, date], bool] = lambda site, day: True  # noqa: E731
WEEKDAYS: Callable[[int, date], bool] = lambda site, day: day.weekday() < 5  # noqa: E731

MONTH = Window(WindowMethod.MONTH)
WEEK = Window(WindowMethod.WEEK)


def line(
    number: int,
    start: date,
    *,
    kind: str = "HOUR",
    unit: str | None = "MONTH",
    every: int = 1,
    rule: dict[str, Any] | None = None,
    **fields: Any,
) -> Line:
    recurrence = Recurrence(unit, every, **(rule or {})) if unit else None
    return Line(number, number, kind, start, recurrence=recurrence, label=f"L{number}", **fields)


def planned(
    *lines: Line,
    period: tuple[date, date],
    start: date = date(2000, 1, 1),
    end: date | None = None,
    combine_by: str = CombineBy.AGREEMENT,
    is_open: Callable[[int, date], bool] = ALWAYS,
    existing: dict[int, frozenset[date]] | None = None,
    kinds: frozenset[str] = frozenset(),
    continuous: bool = False,
    **terms: Any,
) -> Plan:
    return plan(
        Terms(start, lines, end, combine_by, **terms),
        Options(Period(*period), kinds, continuous),
        is_open=is_open,
        existing=existing or {},
    )


def days(result: Plan) -> list[date]:
    return [order.day for order in result.orders]


def why(result: Plan) -> list[str]:
    return [str(item.reason) for order in result.orders for item in order.lines]


def test_F13_SO_A05_every_ten_days_counts_the_start_and_both_ends() -> None:
    every = line(1, date(2024, 3, 1), unit="DAY", every=10)
    assert days(planned(every, period=(date(2024, 3, 1), date(2024, 3, 30)))) == [
        date(2024, 3, 1),
        date(2024, 3, 11),
        date(2024, 3, 21),
    ]
    assert days(planned(every, period=(date(2024, 3, 1), date(2024, 3, 31))))[-1] == date(2024, 3, 31)


def test_a_month_after_the_31st_is_the_months_last_day_and_the_31st_again() -> None:
    result = planned(line(1, date(2024, 1, 31)), period=(date(2024, 1, 1), date(2024, 5, 31)))
    assert days(result) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
        date(2024, 5, 31),
    ]


def test_F14_every_three_weeks() -> None:
    result = planned(
        line(1, date(2024, 1, 1), unit="WEEK", every=3), period=(date(2024, 1, 1), date(2024, 3, 31))
    )
    assert days(result) == [
        date(2024, 1, 1),
        date(2024, 1, 22),
        date(2024, 2, 12),
        date(2024, 3, 4),
        date(2024, 3, 25),
    ]


def test_F15_SO_A03_only_inside_the_agreement() -> None:
    result = planned(
        line(1, date(2012, 1, 1)),
        start=date(2012, 1, 1),
        end=date(2012, 12, 31),
        period=(date(2012, 11, 1), date(2013, 2, 1)),
    )
    assert days(result) == [date(2012, 11, 1), date(2012, 12, 1)]


def test_F16_SO_A04_a_line_outside_the_period_produces_nothing() -> None:
    first = line(1, date(2012, 1, 2), end=date(2012, 3, 1))
    second = line(2, date(2012, 4, 1), end=date(2012, 12, 31))
    result = planned(first, second, period=(date(2012, 10, 1), date(2012, 12, 31)))
    assert {item.line.number for order in result.orders for item in order.lines} == {2}
    assert [(skip.line.number, skip.code) for skip in result.skipped if skip.line] == [(1, "period")]
    gone = line(1, date(2012, 1, 2), end=date(2012, 3, 1), out_from=date(2012, 3, 2))
    result = planned(gone, period=(date(2012, 10, 1), date(2012, 12, 31)))
    assert [skip.code for skip in result.skipped] == ["out"] and "from 2 Mar 2012 on" in str(
        result.skipped[0].reason
    )


def elevators(**differing: list[int]) -> tuple[Line, ...]:
    """SAL1 weekly on X-1, SAL2 every two weeks on X-2, SAL3 weekly on X-2."""
    start = date(2007, 4, 1)
    fields = [{name: values[i] for name, values in differing.items()} for i in range(3)]
    return (
        line(1, start, unit="WEEK", object=1, **fields[0]),
        line(2, start, unit="WEEK", every=2, object=2, **fields[1]),
        line(3, start, unit="WEEK", object=2, **fields[2]),
    )


APRIL = (date(2007, 4, 1), date(2007, 4, 30))


def test_F17_SO_A10_combined_by_object_ten_orders() -> None:
    result = planned(*elevators(), period=APRIL, combine_by=CombineBy.OBJECT)
    assert len(result.orders) == 10
    double = [order.day.day for order in result.orders if len(order.lines) == 2]
    assert double == [1, 15, 29]
    assert all(order.key == (0, 2, None) for order in result.orders if len(order.lines) == 2)


def test_F18_combined_by_agreement_five_orders() -> None:
    result = planned(*elevators(), period=APRIL)
    assert [(order.day.day, len(order.lines)) for order in result.orders] == [
        (1, 3),
        (8, 2),
        (15, 3),
        (22, 2),
        (29, 3),
    ]


def test_F19_combined_by_employee_with_one_worker_five_orders() -> None:
    result = planned(*elevators(worker=[7, 7, 7]), period=APRIL, combine_by=CombineBy.EMPLOYEE)
    assert len(result.orders) == 5


def test_F20_combined_by_task_with_three_tasks_thirteen_orders() -> None:
    result = planned(*elevators(task=[1, 2, 3]), period=APRIL, combine_by=CombineBy.TASK)
    assert len(result.orders) == 13


def test_SO_A10_an_empty_key_is_a_group_of_its_own_and_sites_never_mix() -> None:
    start = date(2024, 1, 1)
    lines = [line(1, start, task=1), line(2, start), line(3, start), line(4, start, site=9)]
    result = planned(*lines, period=(start, start), combine_by=CombineBy.TASK)
    assert [[item.line.number for item in order.lines] for order in result.orders] == [[1], [2, 3], [4]]


def test_F21_SO_A11_a_month_window_joins_a_fixed_date() -> None:
    fixed = line(1, date(2017, 2, 15))
    moving = line(2, date(2017, 2, 3), window=MONTH)
    result = planned(fixed, moving, period=(date(2017, 2, 1), date(2017, 2, 28)))
    assert days(result) == [date(2017, 2, 15)]
    assert len(result.orders[0].lines) == 2
    assert why(result) == [
        "calculated 15 Feb 2017",
        "calculated 3 Feb 2017, moved to 15 Feb 2017 to share the visit with “L1”",
    ]


def test_F22_SO_A09_the_month_on_weekdays_only() -> None:
    result = planned(
        line(1, date(2017, 1, 15), window=MONTH),
        period=(date(2017, 2, 15), date(2017, 2, 15)),
        is_open=WEEKDAYS,
    )
    item = result.orders[0].lines[0]
    assert item.range == Period(date(2017, 2, 1), date(2017, 2, 28))
    weekend = planned(
        line(1, date(2017, 1, 18), window=MONTH),
        period=(date(2017, 2, 1), date(2017, 2, 28)),
        is_open=WEEKDAYS,
    )
    assert days(weekend) == [date(2017, 2, 17)] and not weekend.orders[0].conflict
    assert why(weekend) == ["calculated 18 Feb 2017, a closed day: moved to 17 Feb 2017"]


def test_F23_days_before_and_after() -> None:
    result = planned(
        line(1, date(2024, 1, 10), window=Window(days_before=2, days_after=3)),
        period=(date(2024, 5, 1), date(2024, 5, 31)),
    )
    assert result.orders[0].lines[0].range == Period(date(2024, 5, 8), date(2024, 5, 13))


def test_F24_a_week_runs_from_monday() -> None:
    result = planned(line(1, date(2024, 1, 15), window=WEEK), period=(date(2024, 5, 1), date(2024, 5, 31)))
    assert result.orders[0].lines[0].range == Period(date(2024, 5, 13), date(2024, 5, 19))


def test_SO_A09_a_window_stays_inside_the_validity() -> None:
    result = planned(
        line(1, date(2024, 5, 15), end=date(2024, 5, 16), window=MONTH),
        period=(date(2024, 5, 1), date(2024, 5, 31)),
    )
    assert result.orders[0].lines[0].range == Period(date(2024, 5, 15), date(2024, 5, 16))


def test_F25_SO_A14_no_window_and_a_closed_day_is_a_conflict() -> None:
    result = planned(
        line(1, date(2024, 6, 1)), period=(date(2024, 6, 1), date(2024, 6, 30)), is_open=WEEKDAYS
    )
    assert days(result) == [date(2024, 6, 1)] and result.orders[0].conflict
    assert "a closed day" in why(result)[0]


def test_SO_A14_nobody_with_an_open_day_is_drawn_onto_a_closed_one() -> None:
    """Saturday 1 June: line 1 has no other day; line 2 may be done any day of the month."""
    result = planned(
        line(1, date(2024, 6, 1)),
        line(2, date(2024, 6, 1), window=MONTH),
        period=(date(2024, 6, 1), date(2024, 6, 30)),
        is_open=WEEKDAYS,
    )
    assert [(order.day.day, order.conflict, order.lines[0].line.number) for order in result.orders] == [
        (1, True, 1),
        (3, False, 2),
    ]


def test_F26_SO_A06_without_interval_once_on_the_start() -> None:
    once = line(1, date(2024, 6, 10), unit=None)
    assert days(planned(once, period=(date(2024, 6, 1), date(2024, 6, 30)))) == [date(2024, 6, 10)]
    there = {1: frozenset({date(2024, 6, 10)})}
    assert not planned(once, period=(date(2024, 7, 1), date(2024, 7, 31)), existing=there).orders
    assert not planned(once, period=(date(2024, 6, 1), date(2024, 6, 30)), existing=there).orders


def test_F27_SO_A07_what_exists_is_not_planned_again() -> None:
    weekly = line(1, date(2024, 1, 1), unit="WEEK")
    there = {1: frozenset(date(2024, 1, 1) + timedelta(weeks=n) for n in range(5))}
    result = planned(weekly, period=(date(2024, 1, 1), date(2024, 1, 31)), existing=there)
    assert not result.orders
    assert [(skip.code, str(skip.reason)) for skip in result.skipped] == [
        ("existing", "5 dates already have an order.")
    ]


def test_F28_SO_A08_gaps_are_filled_only_when_asked() -> None:
    weekly = line(1, date(2024, 1, 1), unit="WEEK")
    there = {1: frozenset(date(2024, 1, 1) + timedelta(weeks=n) for n in (0, 1, 3, 4))}
    january = (date(2024, 1, 1), date(2024, 1, 31))
    appended = planned(weekly, period=january, existing=there)
    assert not appended.orders
    assert {skip.code for skip in appended.skipped} == {"existing", "gap"}
    assert days(planned(weekly, period=january, existing=there, continuous=True)) == [date(2024, 1, 15)]


def test_F29_SO_A02_only_the_types_asked_for() -> None:
    start = date(2024, 1, 1)
    kinds = ["HOUR", "EXPENSE", "ITEM", "FEE"]
    lines = [line(n, start, kind=kind) for n, kind in enumerate(kinds, 1)]
    result = planned(*lines, period=(start, start), kinds=frozenset({"HOUR"}))
    assert [item.line.kind for order in result.orders for item in order.lines] == ["HOUR"]
    assert [skip.code for skip in result.skipped] == ["kind"] * 3


def test_F33_the_gearbox_two_orders_of_three_lines() -> None:
    start = date(2024, 1, 1)
    lines = [line(n, start, task=1 if n <= 3 else 2) for n in range(1, 7)]
    result = planned(*lines, period=(start, start), combine_by=CombineBy.TASK)
    assert [[item.line.number for item in order.lines] for order in result.orders] == [[1, 2, 3], [4, 5, 6]]


def test_F4_F5_SO_A16_templates_and_suspended_agreements_produce_nothing() -> None:
    start = date(2024, 1, 1)
    for terms in ({"is_template": True}, {"suspended": True}):
        result = planned(line(1, start), period=(start, start), **terms)
        assert not result.orders and len(result.skipped) == 1 and str(result.skipped[0].reason)


def test_F6_AG_06_a_stopped_line_produces_nothing_and_others_do() -> None:
    start = date(2024, 1, 1)
    result = planned(
        line(1, start, unit="WEEK", stopped=True),
        line(2, start, unit="WEEK"),
        period=(start, date(2024, 1, 31)),
    )
    assert {item.line.number for order in result.orders for item in order.lines} == {2}
    assert [skip.code for skip in result.skipped] == ["stopped"]


def test_a_line_without_a_site_is_said() -> None:
    start = date(2024, 1, 1)
    result = planned(line(1, start, site=None), period=(start, start))
    assert not result.orders and [skip.code for skip in result.skipped] == ["site"]


def test_SO_A11_two_dates_of_one_line_never_share_a_visit() -> None:
    daily = line(1, date(2024, 1, 1), unit="WEEK", window=MONTH)
    monthly = line(2, date(2024, 1, 1), window=MONTH)
    result = planned(daily, monthly, period=(date(2024, 1, 1), date(2024, 1, 31)))
    assert len(result.orders) == 5
    for order in result.orders:
        numbers = [item.line.number for item in order.lines]
        assert len(numbers) == len(set(numbers))


def test_SO_A11_a_set_takes_of_another_line_the_date_nearest_to_the_first() -> None:
    """Both lines weekly with the whole month to move in: each visit pairs dates of the same week."""
    a = line(1, date(2024, 1, 1), unit="WEEK", window=MONTH)
    b = line(2, date(2024, 1, 3), unit="WEEK", window=MONTH)
    result = planned(a, b, period=(date(2024, 1, 1), date(2024, 1, 31)))
    pairs = [[item.calculated.day for item in order.lines] for order in result.orders]
    assert pairs == [[1, 3], [8, 10], [15, 17], [22, 24], [29, 31]]


def test_SO_A11_not_if_another_unplaced_date_of_the_first_line_is_nearer() -> None:
    """The monthly date of the 29th is nearer to the fifth weekly date than to the first, which goes first."""
    weekly = line(1, date(2024, 1, 1), unit="WEEK", window=MONTH)
    once = line(2, date(2024, 1, 29), unit=None, window=MONTH)
    result = planned(weekly, once, period=(date(2024, 1, 1), date(2024, 1, 31)))
    assert [len(order.lines) for order in result.orders] == [1, 1, 1, 1, 2]


def test_SO_A11_the_day_with_the_least_total_distance_and_the_earlier_on_a_tie() -> None:
    a = line(1, date(2024, 4, 10), window=Window(days_before=5, days_after=5))
    b = line(2, date(2024, 4, 13), window=Window(days_before=5, days_after=5))
    result = planned(a, b, period=(date(2024, 5, 1), date(2024, 5, 31)))
    assert days(result) == [date(2024, 5, 10)]


def test_a_month_end_anchor_comes_back_after_february() -> None:
    result = planned(line(1, date(2024, 1, 31)), period=(date(2024, 1, 1), date(2024, 4, 30)))
    assert [day.day for day in days(result)] == [31, 29, 31, 30]
