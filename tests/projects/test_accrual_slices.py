"""Cutting an amount into slices: billing-rules 39, 40, 46 and 47, SB-18, scenarios 99 and 100."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.money import ZERO, Rounding
from servicemgmt.core.periods import Period
from servicemgmt.projects.accruals.slicing import slices_of, taken
from servicemgmt.projects.models import (
    AccrualMethod,
)
from tests.make_accruals import numbers

JAN, MAR = date(2026, 1, 1), date(2026, 3, 31)
ANY = [Decimal("1200.00"), Decimal("0.05"), Decimal("-100.00"), Decimal("0.00")]


def amounts(total, first, last, **fields):
    fields.setdefault("unit", "MONTH")
    return [part.amount for part in slices_of(Decimal(total), Period(first, last), **fields)]


@pytest.mark.parametrize(
    ("first", "last", "method", "expected"),
    [
        (
            date(2023, 1, 15), date(2024, 1, 14), "DAYS",
            "55.89 92.06 101.91 98.63 101.92 98.63 101.92 101.92 98.63 101.91 98.63 101.92 46.03",
        ),
        (
            date(2024, 1, 15), date(2025, 1, 14), "DAYS",
            "55.74 95.08 101.64 98.36 101.64 98.36 101.64 101.64 98.36 101.64 98.36 101.64 45.90",
        ),
        (date(2023, 1, 15), date(2024, 1, 14), "EQUAL", "55.89 " + "99.83 " * 11 + "45.98"),
        (date(2023, 1, 15), date(2023, 11, 21), "EQUAL", "65.59 " + "117.04 " * 9 + "81.05"),
    ],
)  # fmt: skip
def test_46_47_1200_over_a_year_from_the_15th(first, last, method, expected):
    assert amounts("1200.00", first, last, method=method) == numbers(expected)


@pytest.mark.parametrize(
    ("total", "year", "method", "rounding", "expected"),
    [
        ("300.00", 2026, "DAYS", "FIRST", "103.34 93.33 103.33"),
        ("300.00", 2026, "DAYS", "LAST", "103.33 93.33 103.34"),
        ("300.00", 2026, "DAYS", "CUMULATIVE", "103.33 93.34 103.33"),
        ("300.00", 2024, "DAYS", "CUMULATIVE", "102.20 95.60 102.20"),
        ("300.00", 2026, "EQUAL", "CUMULATIVE", "100 100 100"),
        ("100.00", 2026, "EQUAL", "FIRST", "33.34 33.33 33.33"),
        ("100.00", 2026, "EQUAL", "LAST", "33.33 33.33 33.34"),
        ("100.00", 2026, "EQUAL", "CUMULATIVE", "33.33 33.34 33.33"),
    ],
)
def test_SB_18_a_quarter_in_months(total, year, method, rounding, expected):
    quarter = date(year, 1, 1), date(year, 3, 31)
    assert amounts(total, *quarter, method=method, rounding=Rounding(rounding)) == numbers(expected)


def test_39_40_100_in_twelve_and_currencies_of_0_and_3_digits():
    year = date(2026, 1, 1), date(2026, 12, 31)
    assert amounts("100.00", *year, method="EQUAL") == numbers("8.33 8.34 8.33 " * 4)
    assert sorted(amounts("0.05", *year, method="EQUAL")) == numbers("0 " * 7 + "0.01 " * 5)
    assert amounts("1000", JAN, MAR, method="EQUAL", digits=0) == numbers("333 334 333")
    assert amounts("10.000", JAN, MAR, method="EQUAL", digits=3) == numbers("3.333 3.334 3.333")
    assert amounts("77.00", JAN, MAR, unit="") == [Decimal("77.00")]


@given(
    digits=st.sampled_from([0, 2, 3]),
    units=st.integers(-(10**9), 10**9),
    first=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    days=st.integers(1, 800),
    unit=st.sampled_from(["", "WEEK", "MONTH", "QUARTER", "YEAR"]),
    method=st.sampled_from(AccrualMethod.values),
    rounding=st.sampled_from(Rounding),
    shares=st.lists(st.decimals(0, 1, places=3), max_size=3),
)
@settings(max_examples=150)
def test_slices_tile_the_span_add_up_and_are_cut_in_step(
    digits, units, first, days, unit, method, rounding, shares
):
    total = Decimal(units).scaleb(-digits)
    span = Period(first, date.fromordinal(first.toordinal() + days - 1))
    parts = slices_of(total, span, unit=unit, method=method, rounding=rounding, digits=digits)
    assert [p.days.start for p in parts][0] == span.start and parts[-1].days.end == span.end
    assert all((b.days.start - a.days.end).days == 1 for a, b in zip(parts, parts[1:], strict=False))
    assert sum((p.amount for p in parts), ZERO) == total
    assert all(p.amount == round(p.amount, digits) for p in parts)
    whole, cut = [p.amount for p in parts], [ZERO] * len(parts)
    left = total
    for share in [*sorted(shares), Decimal(1)]:  # credits in parts, then all that is left
        gives = left if share == 1 else round(left * share, digits)
        step = taken(whole, cut, -gives, digits=digits)
        assert sum(step, ZERO) == -gives
        cut = [a + b for a, b in zip(cut, step, strict=True)]
        left -= gives
        if rounding is Rounding.CUMULATIVE and method == AccrualMethod.DAYS:
            assert all((w + c) * w >= 0 for w, c in zip(whole, cut, strict=True))
    assert [-c for c in cut] == whole
