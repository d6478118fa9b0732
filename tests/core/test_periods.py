"""billing-rules 4.2: period arithmetic and month ends, every number given there."""

import calendar
from datetime import date, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicemgmt.core.periods import Period, Unit, index_at, occurrences, period, periods, step

days = st.dates(date(1990, 1, 1), date(2080, 12, 31))
units = st.sampled_from(Unit.values)
counts = st.integers(1, 7)


def starts(anchor: str, unit: str, n: int, **options: bool) -> list[str]:
    return [step(date.fromisoformat(anchor), unit, k, **options).isoformat() for k in range(1, n + 1)]


@pytest.mark.parametrize(
    ("anchor", "unit", "expected"),
    [
        ("2023-01-31", "MONTH", ["2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31", "2023-06-30"]),
        ("2023-10-31", "MONTH", ["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]),
        ("2024-01-30", "MONTH", ["2024-02-29", "2024-03-30", "2024-04-30"]),
        ("2024-02-29", "YEAR", ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2023-08-31", "QUARTER", ["2023-11-30", "2024-02-29", "2024-05-31", "2024-08-31"]),
    ],
)
def test_11_period_n_starts_at_the_anchor_plus_n_steps(anchor, unit, expected):
    assert starts(anchor, unit, len(expected)) == expected


@pytest.mark.parametrize("unit", Unit.values)
@pytest.mark.parametrize("month_end", [False, True])
def test_12_periods_tile_over_48_periods(unit, month_end):
    for day, count in product(range(1, 32), (1, 2, 3)):
        found = [period(date(2023, 1, day), unit, count, n, month_end=month_end) for n in range(48)]
        assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(found)), (day, count)
        assert all(each.start <= each.end for each in found), (day, count)


def test_13_month_end_anchors():
    assert [step(date(2016, 1, 31), "MONTH", k, month_end=True).isoformat() for k in range(4)] == [
        "2016-01-31",
        "2016-02-29",
        "2016-03-31",
        "2016-04-30",
    ]
    assert step(date(2023, 4, 30), "MONTH", 1, month_end=True) == date(2023, 5, 31)
    assert step(date(2023, 4, 30), "MONTH", 1) == date(2023, 5, 30)


def test_15_weeks_and_years():
    assert step(date(2018, 2, 22), "WEEK", 1) == date(2018, 3, 1)
    assert step(date(2018, 2, 22), "YEAR", 1) == date(2019, 2, 22)


def test_16_a_late_run_does_not_move_dates():
    """Due 1 March, run on 5 March: the period starts on 1 March, the next on 1 April."""
    anchor, run_on = date(2024, 1, 1), date(2024, 3, 5)
    n = index_at(anchor, "MONTH", 1, run_on)
    assert period(anchor, "MONTH", 1, n).start == date(2024, 3, 1)
    assert period(anchor, "MONTH", 1, n + 1).start == date(2024, 4, 1)


def test_17_five_missed_months_are_five_periods_in_order():
    found = list(periods(date(2024, 1, 15), "MONTH", 1, Period(date(2024, 1, 15), date(2024, 6, 14))))
    assert [p.start.month for p in found] == [1, 2, 3, 4, 5] and found[-1].end == date(2024, 6, 14)


def test_18_the_last_period_is_clipped():
    agreement = Period(date(2018, 1, 1), date(2018, 3, 15))
    found = [p.clip(agreement) for p in periods(agreement.start, "MONTH", 1, agreement)]
    assert [(p.start, p.end) for p in found if p] == [
        (date(2018, 1, 1), date(2018, 1, 31)),
        (date(2018, 2, 1), date(2018, 2, 28)),
        (date(2018, 3, 1), date(2018, 3, 15)),
    ]
    agreement = Period(date(2024, 1, 1), date(2024, 4, 1))
    found = [p.clip(agreement) for p in periods(agreement.start, "MONTH", 1, agreement)]
    assert [(p.start, p.end) for p in found if p][-1] == (date(2024, 4, 1), date(2024, 4, 1))
    assert len(found) == 4


def test_21_a_calendar_quarter_first_ends_with_march():
    found = next(periods(date(2018, 1, 1), "QUARTER", 1, Period(date(2018, 1, 15), date(2018, 12, 31))))
    assert found.end == date(2018, 3, 31)


def test_SO_A05_the_first_occurrence_is_the_anchor_itself():
    within = Period(date(2024, 1, 31), date(2024, 4, 30))
    assert list(occurrences(date(2024, 1, 31), "MONTH", 1, within)) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
    ]
    assert list(occurrences(date(2024, 6, 1), "MONTH", 1, within)) == []


@given(days, units, counts, days, st.booleans())
def test_the_index_names_the_period_the_day_lies_in(anchor, unit, count, day, month_end):
    n = index_at(anchor, unit, count, day, month_end=month_end and unit in ("MONTH", "QUARTER", "YEAR"))
    found = period(anchor, unit, count, n, month_end=month_end and unit in ("MONTH", "QUARTER", "YEAR"))
    assert day in found


@given(days, units, counts, st.integers(-60, 60))
def test_steps_never_drift(anchor, unit, count, n):
    """Whatever the clamping in between, a step of n from the anchor keeps the anchor's day where the month has it."""
    moved = step(anchor, unit, n * count)
    if unit in ("DAY", "WEEK"):
        assert (moved - anchor).days == n * count * (7 if unit == "WEEK" else 1)
    else:
        last = calendar.monthrange(moved.year, moved.month)[1]
        assert moved.day == min(anchor.day, last)
        months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit] * count * n
        assert (moved.year - anchor.year) * 12 + moved.month - anchor.month == months


@given(days, units, counts, days, st.integers(0, 800))
def test_periods_cover_the_span_without_gap_or_overlap(anchor, unit, count, start, length):
    span = Period(start, start + timedelta(days=length))
    found = list(periods(anchor, unit, count, span))
    assert found[0].start <= span.start and found[-1].end >= span.end
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(found))
    clipped = [c for p in found if (c := p.clip(span))]
    assert sum(c.days for c in clipped) == span.days


@given(days, units, counts, st.integers(0, 700))
def test_occurrences_are_the_starts_of_periods(anchor, unit, count, length):
    within = Period(anchor, anchor + timedelta(days=length))
    assert list(occurrences(anchor, unit, count, within)) == [
        p.start for p in periods(anchor, unit, count, within)
    ]


def test_what_does_not_touch_has_nothing_in_common():
    first, second = Period(date(2024, 1, 1), date(2024, 1, 31)), Period(date(2024, 2, 1), date(2024, 2, 29))
    assert first.clip(second) is None and first.days == 31 and date(2024, 2, 1) not in first
