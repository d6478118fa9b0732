"""When an interval falls: anchors, weekdays by rule, seasons, days left out; what its page says of it."""

import calendar
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.models import ServiceInterval
from agreements.recurrence import Recurrence, season
from servicemgmt.core.models import Event
from servicemgmt.core.periods import Period, Unit
from tests.cast import user_in
from tests.make_agreements import make_interval

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
UNITS = list(Unit.values)


def dates(unit: str, anchor: date, within: Period = YEAR, every: int = 1, **rule: Any) -> list[date]:
    return list(Recurrence(unit, every, **rule).dates(anchor, within))


def test_the_second_tuesday_of_each_quarter() -> None:
    found = dates(Unit.QUARTER, date(2026, 1, 20), ordinal=2, weekday=1)
    assert found == [date(2026, 4, 14), date(2026, 7, 14), date(2026, 10, 13)]
    assert dates(Unit.QUARTER, date(2026, 1, 13), ordinal=2, weekday=1)[0] == date(2026, 1, 13)


def test_the_last_friday_from_april_to_october_and_every_second_week_on_a_thursday() -> None:
    found = dates(Unit.MONTH, date(2026, 1, 1), ordinal=-1, weekday=4, months=season(4, 10))
    assert found[0] == date(2026, 4, 24) and found[-1] == date(2026, 10, 30) and len(found) == 7
    thursdays = dates(Unit.WEEK, date(2026, 1, 5), every=2, weekday=3)
    assert thursdays[:3] == [date(2026, 1, 8), date(2026, 1, 22), date(2026, 2, 5)]


def test_a_season_may_span_the_turn_of_the_year_and_days_are_left_out() -> None:
    assert season(11, 2) == {11, 12, 1, 2} and season(5, 5) == {5} and season(None, None) == set(range(1, 13))
    works_holiday = Period(date(2026, 8, 3), date(2026, 8, 21))
    found = dates(
        Unit.WEEK, date(2026, 7, 27), Period(date(2026, 7, 1), date(2026, 8, 31)), pauses=(works_holiday,)
    )
    assert found == [date(2026, 7, 27), date(2026, 8, 24), date(2026, 8, 31)]


def test_after_a_visit_the_next_is_an_interval_later() -> None:
    monthly = Recurrence(Unit.MONTH)
    assert next(monthly.dates_after(date(2026, 1, 31), YEAR)) == date(2026, 2, 28)
    fortnight = Recurrence(Unit.WEEK, 2, weekday=1)
    assert next(fortnight.dates_after(date(2026, 1, 7), YEAR)) == date(2026, 1, 20)
    second_tuesday = Recurrence(Unit.MONTH, 1, 2, 1)
    assert next(second_tuesday.dates_after(date(2026, 1, 2), YEAR)) == date(2026, 2, 10)


days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@st.composite
def rules(draw: Any) -> Recurrence:
    unit = draw(st.sampled_from(UNITS))
    weekday = draw(st.none() | st.integers(0, 6)) if unit != Unit.DAY else None
    monthly = unit not in (Unit.DAY, Unit.WEEK)
    return Recurrence(
        unit,
        draw(st.integers(1, 5)),
        draw(st.sampled_from([1, 2, 3, 4, -1])) if monthly and weekday is not None else None,
        weekday,
        season(draw(st.integers(1, 12)), draw(st.integers(1, 12)))
        if draw(st.booleans())
        else season(None, None),
        tuple(Period(day, day + timedelta(days=3)) for day in draw(st.lists(days, max_size=2))),
    )


@settings(max_examples=150, deadline=None)
@given(rules(), days, days, st.integers(0, 700), st.integers(0, 700))
def test_adjacent_periods_have_together_the_dates_of_the_whole(
    rule: Recurrence, anchor: date, start: date, first: int, second: int
) -> None:
    cut = start + timedelta(days=first)
    whole = Period(start, cut + timedelta(days=second + 1))
    parts = [
        *rule.dates(anchor, Period(start, cut)),
        *rule.dates(anchor, Period(cut + timedelta(1), whole.end)),
    ]
    found = list(rule.dates(anchor, whole))
    assert found == parts == sorted(set(found))
    assert all(day >= anchor and rule.allows(day) for day in found)
    if rule.weekday is not None:
        assert {day.weekday() for day in found} <= {rule.weekday}


def test_F13_every_anchor_day_and_unit_tiles_from_the_anchor_and_never_from_the_date_before() -> None:
    widths = {Unit.MONTH: 2, Unit.QUARTER: 6, Unit.YEAR: 24}
    for unit, anchor in product(UNITS, (date(2024, 1, n) for n in range(1, 32))):
        found = dates(unit, anchor, Period(anchor, date(2029, 1, 1)), every=2)
        assert found[0] == anchor
        for before, after in pairwise(found):
            if unit in (Unit.DAY, Unit.WEEK):
                assert (after - before).days == (2 if unit == Unit.DAY else 14)
            else:
                assert (after.year - before.year) * 12 + after.month - before.month == widths[Unit(unit)]
                assert after.day == min(anchor.day, calendar.monthrange(after.year, after.month)[1])


TYPED = {
    "code": "T2",
    "description": "Second Tuesday",
    "unit": "QUARTER",
    "frequency": "1",
    "ordinal": "2",
    "weekday": "1",
    "season_from": "4",
    "season_until": "10",
    "intervalpause-TOTAL_FORMS": "1",
    "intervalpause-INITIAL_FORMS": "0",
    "intervalpause-0-first_day": "2026-08-03",
    "intervalpause-0-last_day": "2026-08-21",
}


@pytest.mark.django_db
def test_an_interval_is_kept_on_its_form_which_says_its_next_dates(client: Client) -> None:
    client.force_login(user_in("Manager"))
    new = reverse("core:setup_new", args=["serviceinterval"])
    for wrong, where in (
        ({"weekday": ""}, "weekday"),
        ({"ordinal": ""}, "ordinal"),
        ({"unit": "WEEK"}, "ordinal"),
        ({"unit": "DAY"}, "weekday"),
        ({"season_until": ""}, "season_until"),
    ):
        refused = client.post(new, TYPED | wrong)
        assert refused.status_code == 422 and where in refused.context["form"].errors, wrong
    assert client.post(new, TYPED | {"intervalpause-0-last_day": "2026-08-01"}).status_code == 422
    assert client.post(new, TYPED).status_code == 302
    row = ServiceInterval.objects.get()
    assert row.pauses.count() == 1 and Event.objects.filter(subject=f"serviceinterval:{row.pk}").exists()
    page = client.get(reverse("core:setup_edit", args=["serviceinterval", row.pk]))
    assert "Every quarter on the second Tuesday, April to October only." in page.text
    assert "For a line that starts today: Tue " in page.text
    assert 'data-depends-values="MONTH QUARTER YEAR"' in page.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unit", "wrong", "rule"),
    [
        ("DAY", {"weekday": 1}, "serviceinterval_rule_fits_unit"),
        ("MONTH", {"weekday": 1}, "serviceinterval_rule_fits_unit"),
        ("MONTH", {"weekday": 7, "ordinal": 1}, "serviceinterval_weekday_known"),
        ("MONTH", {"weekday": 1, "ordinal": 5}, "serviceinterval_ordinal_known"),
        ("MONTH", {"season_from": 4}, "serviceinterval_season_has_both_ends"),
        ("MONTH", {"season_from": 4, "season_until": 13}, "serviceinterval_season_has_both_ends"),
    ],
)
def test_the_database_keeps_the_rule(unit: str, wrong: dict[str, int], rule: str) -> None:
    interval = make_interval(unit)
    with pytest.raises(IntegrityError, match=rule):
        ServiceInterval.objects.filter(pk=interval.pk).update(**wrong)


@pytest.mark.django_db
def test_days_left_out_do_not_end_before_they_start() -> None:
    with pytest.raises(IntegrityError, match="intervalpause_ends_after_start"):
        make_interval().pauses.create(first_day=date(2026, 8, 2), last_day=date(2026, 8, 1))


def test_SO_A05_counted_from_a_visit_out_of_season_it_comes_when_the_season_begins() -> None:
    summer = season(4, 10)
    after = Period(date(2025, 11, 4), date(2028, 12, 31))
    yearly = Recurrence("YEAR", months=summer)
    assert list(yearly.dates_after(date(2025, 11, 3), after)) == [date(2027, 4, 1), date(2028, 4, 1)]
    monthly = Recurrence("MONTH", months=summer)
    found = list(monthly.dates_after(date(2026, 9, 15), after))
    assert found[:3] == [date(2026, 10, 15), date(2027, 4, 1), date(2027, 5, 1)]
    tuesday = Recurrence("MONTH", ordinal=2, weekday=1, months=summer)
    assert list(tuesday.dates_after(date(2026, 10, 13), after))[0] == date(2027, 4, 13)
    last_friday = Recurrence("MONTH", ordinal=-1, weekday=4, months=summer)
    assert list(last_friday.dates_after(date(2026, 10, 30), after))[0] == date(2027, 4, 30)
    never = Recurrence("DAY", pauses=(after,))
    assert list(never.dates_after(date(2025, 11, 3), after)) == []
