"""billing-rules 4.5: rounding, splitting, and every number given there."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicemgmt.core.money import Rounding, line_amount, round_money, split

D = Decimal
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False)
weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=60).filter(lambda found: sum(found) > 0)
digits = st.integers(0, 4)


def decimals(*texts: str) -> list[Decimal]:
    return [D(text) for text in texts]


@pytest.mark.parametrize(
    ("amount", "places", "rounded"),
    [
        ("2.675", 2, "2.68"),
        ("-2.675", 2, "-2.68"),
        ("2.665", 2, "2.67"),
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("1.00005", 4, "1.0001"),
        ("67.7419354839", 2, "67.74"),
    ],
)
def test_37_rounding_is_half_up_away_from_zero(amount, places, rounded):
    assert round_money(D(amount), places) == D(rounded)


def test_37_a_line_is_rounded_once():
    assert line_amount(D("3"), D("33.335"), discount_percent=D("10")) == D("90.00")
    assert line_amount(D("1.5"), D("0.333333")) == D("0.50")
    assert line_amount(D("-1"), D("2.675")) == D("-2.68")


def test_38_tax_is_taken_from_the_rounded_net():
    net = round_money(D(200) * 29 / 30)
    tax = round_money(net * D("0.25"))
    assert (net, tax, net + tax) == (D("193.33"), D("48.33"), D("241.66"))
    unrounded = D(200) * 29 / 30
    assert round_money(unrounded + unrounded * D("0.25")) == D("241.67"), "what we do not do"


def test_39_a_hundred_over_twelve_cumulative():
    assert split(D(100), [1] * 12) == decimals(*["8.33", "8.34", "8.33"] * 4)


def test_39_five_cents_over_twelve():
    parts = split(D("0.05"), [1] * 12)
    assert (parts.count(D("0.01")), parts.count(D("0.00"))) == (5, 7)


def test_39_a_credit_mirrors_its_invoice():
    assert split(D(-100), [1] * 12) == [-part for part in split(D(100), [1] * 12)]


def test_39_remainder_first_and_last():
    assert split(D(100), [1] * 12, rounding=Rounding.FIRST) == [D("8.37"), *decimals("8.33") * 11]
    assert split(D(100), [1] * 12, rounding=Rounding.LAST) == [*decimals("8.33") * 11, D("8.37")]


def test_40_currencies_without_and_with_three_decimals():
    assert split(D(1000), [1, 1, 1], 0) == decimals("333", "334", "333")
    assert split(D("10.000"), [1, 1, 1], 3) == decimals("3.333", "3.334", "3.333")


def test_30_a_period_cut_in_three_loses_no_cent():
    assert split(D(100), [10, 10, 11]) == decimals("32.26", "32.26", "35.48")
    assert split(D(200), [9, 2, 20]) == decimals("58.06", "12.91", "129.03")


@given(amounts, weights, digits, st.sampled_from(Rounding))
def test_parts_add_up_exactly(total, shares, places, rounding):
    total = round_money(total, places)
    parts = split(total, shares, places, rounding)
    assert sum(parts) == total and len(parts) == len(shares)
    assert all(part == round_money(part, places) for part in parts)


@given(amounts, weights, digits)
def test_cumulative_is_never_more_than_a_unit_off(total, shares, places):
    total, whole = round_money(total, places), sum(shares)
    unit, running, given_out = D(1).scaleb(-places), 0, D(0)
    for share, part in zip(shares, split(total, shares, places), strict=True):
        running += share
        given_out += part
        assert abs(given_out - total * running / whole) <= unit / 2
        assert abs(part - total * share / whole) <= unit


@given(amounts, weights, digits, st.sampled_from(Rounding))
def test_a_mirrored_total_has_mirrored_parts(total, shares, places, rounding):
    total = round_money(total, places)
    assert split(-total, shares, places, rounding) == [
        -part for part in split(total, shares, places, rounding)
    ]


@given(amounts, st.integers(1, 40), digits)
def test_a_share_of_nothing_gets_nothing(total, n, places):
    total = round_money(total, places)
    assert split(total, [0, n, 0], places) == [0, total, 0]


@given(amounts, digits)
def test_rounding_twice_changes_nothing(amount, places):
    once = round_money(amount, places)
    assert round_money(once, places) == once == amount.quantize(D(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert round_money(-amount, places) == -once


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_must_add_up_to_something(shares):
    with pytest.raises(ValueError, match="weights"):
        split(D(1), shares)
