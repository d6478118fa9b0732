"""Of the discounts that a line could have one counts (PR-09): pure, against what people would say."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.projects.models import LineKind, SalesDiscount
from servicemgmt.projects.pricing.discounts import Borne, discount_in, discounted, take_off, warranty_in

PERCENT = st.decimals(0, 100, places=2)


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(0, 10**6, places=2),
    st.none() | PERCENT,
    st.none() | st.decimals("0.01", "99.99", places=2),
    st.lists(PERCENT, max_size=2),
)
def test_one_discount_counts_by_hand_before_the_greater_of_warranty_and_row(price, by_hand, share, rows):
    valid_from = [date(2020, 1, 1), date(2021, 1, 1)]
    found = [
        SalesDiscount(pk=at, kind=LineKind.HOUR, percent=percent, valid_from=valid_from[at])
        for at, percent in enumerate(rows)
    ]
    reason: dict[str, object] = {}
    borne = Borne(share, "Warranty") if share else None
    net = take_off(price, found, date(2026, 1, 1), reason, by_hand=by_hand, borne=borne)
    expected = by_hand if by_hand is not None else max(share or 0, rows[-1] if rows else 0)
    assert net == discounted(price, expected) and 0 <= net <= price
    assert discount_in({"sales": reason}, net) == ((price, expected) if expected else (None, None))
    wins = by_hand is None and share and share > (rows[-1] if rows else 0)
    assert warranty_in({"sales": reason}) == ("Warranty" if wins else "")
    passed = [row for row in reason.get("discounts_passed_over", ()) if row["why"] in ("LESS", "BY_HAND")]
    assert len(passed) == max((by_hand is not None) + bool(share) + bool(rows) - 1, 0)
