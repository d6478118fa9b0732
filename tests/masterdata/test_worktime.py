from datetime import UTC, date, datetime, time, timedelta
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


def spans_of(marks: set[int]) -> list[tuple[int, int]]:
    """Openings one after the other between an even number of marks."""
    ordered = sorted(marks)
    return list(zip(ordered[::2], ordered[1::2], strict=False))


DAYS = st.sets(st.integers(0, 1440), max_size=6).map(spans_of)
#: Weeks in which the clock changes: by an hour, by half an hour, on the other half of the globe, never.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 10, 25)),
]
MINUTE = timedelta(minutes=1)


def open_minutes(calendar: Openings, zone: str, first: date, days: int) -> set[datetime]:
    """Every open minute in UTC, found by looking at each: an opening lasts from the first minute whose wall clock has
    come to its start until the first that has come to its end."""
    begin = datetime.combine(first - timedelta(days=2), time(), UTC)
    minutes = [begin + n * MINUTE for n in range((days + 4) * 1440)]
    walls = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in minutes]
    reached: dict[datetime, datetime] = {}
    high = walls[0] - MINUTE
    for moment, wall in zip(minutes, walls, strict=True):
        if wall > high:
            skipped = high + MINUTE
            while skipped <= wall:
                reached[skipped] = moment
                skipped += MINUTE
            high = wall
    found: set[datetime] = set()
    for offset in range(days):
        day = first + timedelta(days=offset)
        for opens, closes in calendar.on(day):
            midnight = datetime.combine(day, time())
            start, end = reached[midnight + opens * MINUTE], reached[midnight + closes * MINUTE]
            while start < end:
                found.add(start)
                start += MINUTE
    return found


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.dictionaries(st.integers(0, 6), DAYS, min_size=1),
    st.dictionaries(st.integers(0, 3), DAYS, max_size=2),
    st.integers(0, 4 * 1440),
    st.integers(0, 2000),
)
def test_F52_F55_adding_and_measuring_agree_with_counting_minute_by_minute(
    change, week, special, start, minutes
):
    """Several intervals a day, days that differ, any zone, both clock changes."""
    zone, changes = change
    first = changes - timedelta(days=2)
    calendar = Openings(week, {first + timedelta(days=n): spans for n, spans in special.items()})
    is_open = open_minutes(calendar, zone, first, 8)
    begin = datetime.combine(first, time(12), UTC) + start * MINUTE
    moment, slow = begin, 0
    for _ in range(minutes):
        slow += moment in is_open
        moment += MINUTE
    assert minutes_between(calendar, zone, begin, moment) == slow
    coming = sorted(minute for minute in is_open if minute >= begin)
    if slow and coming:
        assert add_minutes(calendar, zone, begin, slow) == coming[slow - 1] + MINUTE
    if coming and coming[0] < datetime.combine(first + timedelta(days=6), time(), UTC):
        assert next_opening(calendar, zone, begin) == coming[0]
