"""The pure side of fees: periods, gaps and prices (SB-05 … SB-13, billing-rules 4.2–4.4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicemgmt.core.periods import Period
from subscriptions.planning import (
    Asked,
    PlannedFee,
    Series,
    border_refusal,
    next_start,
    plan_fees,
    uncovered,
)

MONTHS = Series(date(2001, 1, 1), "MONTH", 1, False)
QUARTERS = Series(date(2001, 1, 1), "QUARTER", 1, False)
ALWAYS = Period(date(2000, 1, 1), date(2099, 12, 31))


def span(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


def plan(series, asked, *, existing=(), validity=ALWAYS):
    return plan_fees(series, validity, list(existing), asked)


def test_89_regular_quarters_one_fee_each():
    assert len(plan(QUARTERS, Asked(span("2026-01-01", "2026-03-31"))).fees) == 1
    assert len(plan(QUARTERS, Asked(span("2026-01-01", "2026-06-30"))).fees) == 2


def test_SB_06_89_dates_off_the_borders_are_refused_with_the_ones_that_fit():
    sentence = border_refusal(QUARTERS, span("2026-01-01", "2026-03-15"))
    assert "2026-03-31" in sentence
    assert border_refusal(QUARTERS, span("2026-01-01", "2026-03-31")) == ""


def test_90_non_regular_is_split_at_the_borders_with_stub_prices():
    fees = plan(MONTHS, Asked(span("2014-02-17", "2014-05-16"), "NON_REGULAR")).fees
    assert [fee.kind for fee in fees] == ["NON_REGULAR", "REGULAR", "REGULAR", "NON_REGULAR"]
    assert [fee.amount(Decimal(310), 2) for fee in fees] == [
        Decimal("132.86"),
        Decimal("310.00"),
        Decimal("310.00"),
        Decimal("160.00"),
    ]


NOVEMBER = [
    span("2011-11-01", "2011-11-30"),
    span("2011-12-01", "2011-12-15"),
    span("2012-01-01", "2012-01-31"),
]


def test_91_SB_09_gaps_are_filled():
    asked = Asked(span("2011-11-01", "2012-02-28"), "NON_REGULAR")
    fees = plan(MONTHS, asked, existing=NOVEMBER).fees
    assert [fee.days for fee in fees] == [span("2011-12-16", "2011-12-31"), span("2012-02-01", "2012-02-28")]
    assert fees[0].amount(Decimal(310), 2) == Decimal("160.00")  # 16 of 31
    assert fees[1].amount(Decimal(290), 2) == Decimal("280.00")  # 28 of 29


def test_91_SB_10_continuous_makes_nothing_before_the_last_fee():
    asked = Asked(span("2011-11-01", "2012-02-28"), "NON_REGULAR", continuous=True)
    planned = plan(MONTHS, asked, existing=NOVEMBER)
    assert planned.fees == [] and planned.left_out


def test_96_SB_05_suggested_from_date():
    assert next_start(MONTHS, date(2026, 1, 1), []) == date(2026, 1, 1)
    assert next_start(QUARTERS, date(2026, 1, 1), [span("2026-01-01", "2026-03-31")]) == date(2026, 4, 1)


def test_a_regular_period_that_is_partly_taken_is_left_out_with_a_reason():
    planned = plan(
        MONTHS, Asked(span("2026-01-01", "2026-01-31")), existing=[span("2026-01-01", "2026-01-10")]
    )
    assert planned.fees == [] and "2026-01-11" in planned.left_out[0]


def test_rule_18_the_last_period_is_clipped_to_the_end():
    validity = span("2018-01-01", "2018-03-15")
    fees = plan(MONTHS, Asked(span("2018-01-01", "2018-04-30"), "NON_REGULAR"), validity=validity).fees
    assert [fee.days.end for fee in fees] == [date(2018, 1, 31), date(2018, 2, 28), date(2018, 3, 15)]


def test_rule_30_a_split_month_adds_up_to_the_month():
    whole = span("2026-01-01", "2026-01-31")
    cuts = [
        span("2026-01-01", "2026-01-10"),
        span("2026-01-11", "2026-01-20"),
        span("2026-01-21", "2026-01-31"),
    ]
    parts = [PlannedFee(days, whole, "NON_REGULAR").amount(Decimal(100), 2) for days in cuts]
    assert parts == [Decimal("32.26"), Decimal("32.26"), Decimal("35.48")]
    march = span("2026-03-01", "2026-03-31")
    cuts = [
        span("2026-03-01", "2026-03-09"),
        span("2026-03-10", "2026-03-11"),
        span("2026-03-12", "2026-03-31"),
    ]
    parts = [PlannedFee(days, march, "NON_REGULAR").amount(Decimal(200), 2) for days in cuts]
    assert parts == [Decimal("58.06"), Decimal("12.91"), Decimal("129.03")]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (span("2026-01-11", "2026-01-31"), "67.74"),
        (span("2026-01-01", "2026-01-14"), "45.16"),
        (span("2026-01-01", "2026-01-15"), "48.39"),
        (span("2023-02-01", "2023-02-14"), "50.00"),
        (span("2024-02-01", "2024-02-14"), "48.28"),
    ],
)
def test_rule_29_period_days(days, expected):
    assert PlannedFee(days, MONTHS.around(days.start), "NON_REGULAR").amount(Decimal(100), 2) == Decimal(
        expected
    )


DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))


@given(
    anchor=st.dates(date(2000, 1, 1), date(2000, 12, 31)),
    unit=st.sampled_from(["WEEK", "MONTH", "QUARTER", "YEAR"]),
    start=DAYS,
    length=st.integers(0, 500),
    price=st.decimals("0", "99999", places=4),
    digits=st.sampled_from([0, 2, 3]),
    cut=st.integers(1, 400),
)
def test_fees_tile_the_span_and_cost_the_same_however_it_is_cut(
    anchor, unit, start, length, price, digits, cut
):
    series = Series(anchor, unit, 1, False)
    asked = Period(start, start + timedelta(days=length))
    fees = plan(series, Asked(asked, "NON_REGULAR")).fees
    days = [fee.days for fee in fees]
    assert days[0].start == asked.start and days[-1].end == asked.end
    assert all(b.start == a.end + timedelta(days=1) for a, b in zip(days, days[1:], strict=False))
    total = sum(fee.amount(price, digits) for fee in fees)
    middle = min(asked.start + timedelta(days=cut), asked.end)
    first = plan(series, Asked(Period(asked.start, middle), "NON_REGULAR")).fees
    rest = plan(series, Asked(asked, "NON_REGULAR"), existing=[fee.days for fee in first]).fees
    assert sum(fee.amount(price, digits) for fee in first + rest) == total


@given(st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=5), DAYS, st.integers(0, 300))
def test_uncovered_is_exactly_the_days_that_nothing_covers(taken, start, length):
    asked = Period(start, start + timedelta(days=length))
    existing = [Period(day, day + timedelta(days=n)) for day, n in taken]
    free = {p.start + timedelta(days=n) for p in uncovered(asked, existing) for n in range(p.days)}
    days = [asked.start + timedelta(days=n) for n in range(asked.days)]
    assert free == {day for day in days if not any(day in period for period in existing)}
