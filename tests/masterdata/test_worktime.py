from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.masterdata.worktime import (
    NeverOpen,
    Openings,
    add_minutes,
    instant,
    is_open_day,
    minutes_between,
    next_opening,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Openings({day: [(480, 960)] for day in range(5)}, {})
LUNCH = Openings({day: [(480, 720), (780, 1020)] for day in range(5)}, {})
ALL_DAY = Openings({day: [(0, 1440)] for day in range(7)}, {})


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)


def test_54_an_order_received_on_saturday_starts_on_monday_morning():
    assert next_opening(OFFICE, "Europe/Berlin", local(2026, 11, 21, 10)) == local(2026, 11, 23, 8)


def test_55_ten_hours_from_friday_14_end_on_monday_16():
    assert add_minutes(OFFICE, "Europe/Berlin", local(2026, 11, 20, 14), 600) == local(2026, 11, 23, 16)


def test_52_without_a_calendar_the_clock_never_stops():
    start = local(2026, 11, 21, 9)
    assert add_minutes(None, "Europe/Berlin", start, 480) == local(2026, 11, 21, 17)
    assert minutes_between(None, "Europe/Berlin", start, local(2026, 11, 21, 15)) == 360


def test_lunch_does_not_count():
    assert minutes_between(LUNCH, "Europe/Berlin", local(2026, 11, 20, 11), local(2026, 11, 20, 14)) == 120
    assert add_minutes(LUNCH, "Europe/Berlin", local(2026, 11, 20, 11), 90) == local(2026, 11, 20, 13, 30)


def test_a_closed_day_is_skipped_and_a_special_opening_counts():
    calendar = Openings(OFFICE.week, {date(2026, 11, 23): [], date(2026, 11, 22): [(600, 720)]})
    assert next_opening(calendar, "Europe/Berlin", local(2026, 11, 20, 17)) == local(2026, 11, 22, 10)
    assert not is_open_day(calendar, date(2026, 11, 23))
    assert is_open_day(calendar, date(2026, 11, 22))


def test_25_a_time_inside_the_spring_gap_is_the_first_instant_after_it():
    assert instant(date(2026, 3, 29), 150, BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_25_a_time_that_autumn_repeats_is_the_first_of_the_two():
    assert instant(date(2026, 10, 25), 150, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_of_clock_change_has_23_or_25_hours():
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        start, end = instant(day, 0, BERLIN), instant(day + timedelta(days=1), 0, BERLIN)
        assert minutes_between(ALL_DAY, "Europe/Berlin", start, end) == hours * 60


def test_a_calendar_that_never_opens_says_so():
    with pytest.raises(NeverOpen):
        add_minutes(Openings({}, {}), "Europe/Berlin", local(2026, 11, 20, 14), 1)


OPENING = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda o: o[0] < o[1])


@settings(max_examples=60)
@given(
    week=st.dictionaries(st.integers(0, 6), st.lists(OPENING, max_size=1), min_size=1),
    start=st.integers(0, 16 * 1440).map(
        lambda minute: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minute)
    ),
    minutes=st.integers(0, 3000),
)
def test_adding_and_measuring_agree_with_counting_minute_by_minute(week, start, minutes):
    calendar, begin = Openings(week, {}), start

    def is_open(moment: datetime) -> bool:
        wall = moment.astimezone(BERLIN)
        minute = wall.hour * 60 + wall.minute
        return any(opens <= minute < closes for opens, closes in calendar.on(wall.date()))

    moment, slow = begin, 0
    for _ in range(minutes):
        slow += is_open(moment)
        moment += timedelta(minutes=1)
    assert minutes_between(calendar, "Europe/Berlin", begin, moment) == slow
