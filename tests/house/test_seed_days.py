"""The plan of the demonstration company is good on any date: which days are worked on, and what happens on them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from servicemgmt.seed.days import (
    DONE,
    FATES_OF_CALLS,
    FATES_OF_VISITS,
    HOLD,
    LATE,
    SLOTS,
    Span,
    at_wall,
    calls,
    is_workday,
    nth_workday,
    slot_at,
)

CREWS = {"CLIMATE": 5, "LIFTS": 5, "LONDON": 4}
FIRST, LAST = date(2026, 1, 1), date(2029, 1, 1)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]


@pytest.mark.parametrize(
    ("today", "opens"),
    [
        (date(2026, 11, 23), date(2026, 11, 23)),  # a Monday
        (date(2026, 11, 21), date(2026, 11, 23)),  # a Saturday
        (date(2026, 11, 22), date(2026, 11, 23)),  # a Sunday
        (date(2026, 1, 31), date(2026, 2, 2)),
        (date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 3, 29), date(2026, 3, 30)),  # clocks go forward
        (date(2026, 10, 25), date(2026, 10, 26)),  # and back
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 4)),
        (date(2026, 12, 25), date(2026, 12, 28)),
    ],
)
def test_the_board_opens_today_or_on_the_next_workday(today, opens):
    assert nth_workday(today, 0) == opens


def test_workdays_are_counted_in_both_directions():
    sunday = date(2026, 11, 22)
    assert [nth_workday(sunday, n).day for n in (-3, -2, -1, 0, 1, 2)] == [18, 19, 20, 23, 24, 25]
    tuesday = date(2026, 11, 24)
    assert [nth_workday(tuesday, n).day for n in (-2, -1, 0, 1)] == [20, 23, 24, 25]
    assert nth_workday(date(2026, 12, 28), -1) == date(2026, 12, 24)


def test_on_every_date_the_plan_is_within_its_span_and_nobody_is_sent_to_two_places():
    for today in EVERY_DAY:
        plan, span = list(calls(today, Span(), CREWS)), Span()
        first, last = today - timedelta(days=span.past), today + timedelta(days=span.future)
        assert all(first <= call.day <= last and is_workday(call.day) for call in plan), today
        places = Counter(
            (call.team, call.worker, call.day, call.slot) for call in plan if call.worker is not None
        )
        assert max(places.values()) == 1, today
        assert 80 <= len(plan) <= 95, today


def test_on_every_date_there_is_work_on_the_boards_day_for_everybody_and_four_jobs_for_the_first():
    for today in EVERY_DAY:
        board_day = nth_workday(today, 0)
        on_board = [call for call in calls(today, Span(), CREWS) if call.worker is not None]
        assert {call.day for call in on_board} == {board_day}, today
        jobs = Counter((call.team, call.worker) for call in on_board)
        assert len(jobs) == sum(CREWS.values()), today
        assert jobs["CLIMATE", 0] == len(SLOTS), today


def test_on_every_date_some_calls_wait_for_somebody_and_every_fate_has_come_to_pass():
    for today in EVERY_DAY:
        plan = list(calls(today, Span(), CREWS))
        waiting = [call for call in plan if call.slot is None]
        assert len(waiting) >= 10 and all(call.day > today for call in waiting), today
        fates = Counter(call.fate for call in plan if call.day < today)
        assert min(fates[DONE], fates[LATE], fates[HOLD]) >= 2, today


def test_what_happens_to_visits_includes_everything():
    assert set(FATES_OF_VISITS) == {DONE, LATE, HOLD, "cancelled"}
    assert set(FATES_OF_CALLS) == {DONE, LATE, HOLD}


@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        ("Europe/Berlin", date(2026, 3, 27), 7),
        ("Europe/Berlin", date(2026, 3, 30), 6),
        ("Europe/Berlin", date(2026, 10, 23), 6),
        ("Europe/Berlin", date(2026, 10, 26), 7),
        ("Europe/London", date(2026, 3, 30), 7),
        ("Europe/London", date(2026, 10, 26), 8),
    ],
)
def test_slots_are_on_the_clocks_of_the_site(zone, day, hour):
    start, minutes = slot_at(zone, day, 0)
    assert (start, minutes) == (datetime(day.year, day.month, day.day, hour, tzinfo=UTC), 90)


def test_on_the_days_when_clocks_change_a_time_of_the_day_is_what_the_wall_says():
    assert at_wall("Europe/Berlin", date(2026, 3, 29), 8 * 60) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert at_wall("Europe/Berlin", date(2026, 10, 25), 8 * 60) == datetime(2026, 10, 25, 7, tzinfo=UTC)


def test_a_days_slots_do_not_overlap():
    ends = [begin + minutes for begin, minutes in SLOTS]
    assert all(end <= begin for end, (begin, _minutes) in zip(ends, SLOTS[1:], strict=False))
