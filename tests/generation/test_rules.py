"""Closed days, visits due from the last one done, and joining: on the pure function."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agreements.models import ClosedDay, CombineBy, DueFrom, WindowMethod
from orders.planning import WHOLE_DAY, OpenOrder, Options, Plan, Standing, Terms, Window, plan
from orders.planning.dates import allowed_range, calculated_dates
from orders.promise import promise
from servicemgmt.core.periods import Period
from tests.generation.test_planning import WEEKDAYS, days, line, planned, why

MAY = (date(2026, 5, 1), date(2026, 5, 31))
SATURDAY = date(2026, 5, 2)


def closed_day(policy: str, **terms: Any) -> Plan:
    once = line(1, SATURDAY, unit=None)
    return planned(once, period=MAY, is_open=WEEKDAYS, closed_day=policy, **terms)


def test_F25_SO_A14_a_closed_day_stays_moves_or_is_skipped_as_the_agreement_says() -> None:
    stays = closed_day(ClosedDay.WARN)
    assert days(stays) == [SATURDAY] and stays.orders[0].conflict
    for policy, day in ((ClosedDay.NEXT, date(2026, 5, 4)), (ClosedDay.PREVIOUS, date(2026, 5, 1))):
        moved = closed_day(policy, start=date(2026, 5, 1))
        # The line itself starts on the Saturday, so only the agreement before it could be open.
        expected = day if policy == ClosedDay.NEXT else SATURDAY
        assert days(moved) == [expected] and moved.orders[0].conflict == (expected == SATURDAY)
    assert why(closed_day(ClosedDay.NEXT)) == ["calculated 2 May 2026, a closed day: moved to 4 May 2026"]
    skipped = closed_day(ClosedDay.SKIP)
    assert not skipped.orders
    assert [(s.code, str(s.reason)) for s in skipped.skipped] == [
        ("closed", "Skipped, a closed day: 2 May 2026.")
    ]


def test_SO_A14_the_previous_open_day_and_never_outside_the_validity() -> None:
    weekly = line(1, date(2026, 4, 25), unit="WEEK")
    found = planned(weekly, period=MAY, is_open=WEEKDAYS, closed_day=ClosedDay.PREVIOUS)
    assert [day.day for day in days(found)] == [1, 8, 15, 22, 29]
    ends = planned(
        line(1, SATURDAY, unit=None, end=date(2026, 5, 3)),
        period=MAY,
        is_open=WEEKDAYS,
        closed_day=ClosedDay.NEXT,
    )
    assert days(ends) == [SATURDAY] and ends.orders[0].conflict


def actual(
    standing: Standing | None = None, *, from_today: bool = False, there: frozenset[date] = frozenset()
) -> Plan:
    quarterly = line(1, date(2026, 1, 10), unit="MONTH", every=1, due_from=DueFrom.ACTUAL)
    return plan(
        Terms(date(2026, 1, 1), (quarterly,)),
        Options(Period(date(2026, 5, 1), date(2026, 7, 31)), from_today=from_today),
        is_open=lambda site, day: True,
        existing={1: there},
        standing={1: standing} if standing else {},
    )


def expected(found: Plan) -> list[date]:
    return [item.day for item in found.forecast]


def test_SO_A05_due_from_actual_begins_with_the_plan_and_has_one_open_visit() -> None:
    first = actual()
    assert days(first) == [date(2026, 5, 10)]
    assert expected(first) == [date(2026, 6, 10), date(2026, 7, 10)]
    assert str(first.forecast[0].reason) == "if the visit of 10 May 2026 is done that day"
    waiting = actual(Standing(open_on=date(2026, 5, 12)))
    assert not waiting.orders and expected(waiting) == [date(2026, 6, 12), date(2026, 7, 12)]
    assert [skip.code for skip in waiting.skipped] == ["open"]
    several = actual(Standing(open_on=date(2026, 5, 12), open_count=3))
    assert str(several.skipped[0].reason).startswith(
        "3 visits, the last on 12 May 2026, are still to be done"
    )


def test_SO_A14_what_follows_counts_from_the_day_that_a_closed_one_moved_the_visit_to() -> None:
    """10 May 2026 is a Sunday."""
    monthly = line(1, date(2026, 1, 10), due_from=DueFrom.ACTUAL)
    found = plan(
        Terms(date(2026, 1, 1), (monthly,), closed_day=ClosedDay.NEXT),
        Options(Period(date(2026, 5, 1), date(2026, 7, 31))),
        is_open=WEEKDAYS,
        existing={},
    )
    assert days(found) == [date(2026, 5, 11)] and expected(found) == [date(2026, 6, 11), date(2026, 7, 11)]
    assert str(found.forecast[0].reason) == "if the visit of 11 May 2026 is done that day"


def test_due_from_actual_counts_from_the_day_it_was_done() -> None:
    done = actual(Standing(done_on=date(2026, 4, 20)))
    assert days(done) == [date(2026, 5, 20)] and expected(done) == [date(2026, 6, 20), date(2026, 7, 20)]
    assert why(done) == ["calculated 20 May 2026, counted from the visit of 20 Apr 2026"]
    early = actual(Standing(done_on=date(2026, 4, 20)), there=frozenset([date(2026, 5, 20)]))
    assert days(early) == [date(2026, 5, 21)], "a calculated date is used once"


def test_what_is_overdue_from_actual_is_due_today_or_said() -> None:
    late = Standing(done_on=date(2026, 2, 1))
    said = actual(late)
    assert not said.orders and [skip.code for skip in said.skipped] == ["overdue"]
    assert "Due since 1 Mar 2026" in str(said.skipped[0].reason)
    assert days(actual(late, from_today=True)) == [date(2026, 5, 1)]


def test_SO_A14_due_from_actual_goes_on_to_the_next_date_where_a_closed_day_is_skipped() -> None:
    """Due Sunday 17 May; every night of half a year with and without a horizon that reaches the date after."""
    sunday, june = date(2026, 5, 17), date(2026, 6, 17)

    def skipping(period: Period, done_on: date, *, from_today: bool = True) -> Plan:
        monthly = line(1, date(2026, 1, 10), due_from=DueFrom.ACTUAL)
        return plan(
            Terms(date(2026, 1, 1), (monthly,), closed_day=ClosedDay.SKIP),
            Options(period, from_today=from_today),
            is_open=WEEKDAYS,
            existing={},
            standing={1: Standing(done_on=done_on)},
        )

    done = date(2026, 4, 17)
    for age in range(45):
        today = date(2026, 5, 10) + timedelta(days=age)
        four = [today + timedelta(days=n) for n in range(4)]
        late = next(day for day in four if day.weekday() < 5)
        expected = late if today > june else june
        assert days(skipping(Period(today, four[-1]), done)) == ([expected] if expected in four else [])
        assert days(skipping(Period(today, date(2026, 7, 31)), done)) == [expected]
    found = skipping(Period(*MAY), done)
    assert [(skip.code, str(skip.reason)) for skip in found.skipped] == [
        ("closed", "Skipped, a closed day: 17 May 2026.")
    ]
    by_hand = skipping(Period(sunday + timedelta(days=1), date(2026, 6, 30)), done, from_today=False)
    assert days(by_hand) == [june] and not by_hand.skipped, "no dead end"
    assert all(day.weekday() < 5 for day in expected_of(by_hand))


def expected_of(found: Plan) -> list[date]:
    return [item.day for item in found.forecast]


def test_SO_A14_what_a_closed_day_moves_to_today_can_still_be_done() -> None:
    def night(today: date, policy: str) -> Plan:
        return plan(
            Terms(date(2026, 1, 1), (line(1, date(2026, 5, 3), unit=None),), closed_day=policy),
            Options(Period(today, MAY[1]), from_today=True),
            is_open=WEEKDAYS,
            existing={},
        )

    monday = date(2026, 5, 4)
    moved = night(monday, ClosedDay.NEXT)
    assert days(moved) == [monday] and not moved.skipped
    for over in (night(monday + timedelta(days=1), ClosedDay.NEXT), night(monday, ClosedDay.PREVIOUS)):
        assert not over.orders and "overdue" in [skip.code for skip in over.skipped]
    gone = night(monday, ClosedDay.SKIP)
    assert [skip.code for skip in gone.skipped] == ["period"], "nobody shall create what was skipped"


def test_SO_A14_a_line_whose_object_moves_waits_for_an_open_day_at_the_new_site() -> None:
    moves = {"site": 1, "moves": ((date(2026, 5, 15), 2),)}

    def visit(day: date, *shut: int) -> tuple[date, int | None, bool]:
        once = line(1, day, unit=None, window=Window(WindowMethod.MONTH), **moves)
        terms = {"start": date(2026, 5, 1), "period": MAY}
        (order,) = planned(once, is_open=lambda site, day: site not in shut, **terms).orders
        return order.day, order.site, order.conflict

    tenth, twentieth = date(2026, 5, 10), date(2026, 5, 20)
    assert visit(tenth) == (tenth, 1, False)
    assert visit(tenth, 1) == (date(2026, 5, 15), 2, False)
    assert visit(tenth, 1, 2) == (tenth, 1, True)
    assert visit(twentieth, 2)[1:] == (2, True), "the line does not begin before its first day"


def test_a_taken_date_due_from_actual_goes_to_the_next_day_that_the_rule_permits() -> None:
    def next_of(**rule: Any) -> list[date]:
        weekly = line(1, date(2026, 1, 6), unit="WEEK", rule=rule, due_from=DueFrom.ACTUAL)
        return days(
            plan(
                Terms(date(2026, 1, 1), (weekly,)),
                Options(Period(*MAY)),
                is_open=lambda site, day: True,
                existing={1: frozenset([date(2026, 5, 5)])},
                standing={1: Standing(done_on=date(2026, 4, 28))},
            )
        )

    assert next_of() == [date(2026, 5, 6)]
    assert next_of(pauses=(Period(date(2026, 5, 6), date(2026, 5, 8)),)) == [date(2026, 5, 9)]
    assert next_of(weekday=1) == [date(2026, 5, 12)], "a Tuesday stays a Tuesday"


def test_what_is_planned_from_today_neither_moves_into_the_past_nor_joins_it() -> None:
    def from_today(today: date, closed_day: str, *orders: OpenOrder, **fields: Any) -> Plan:
        lines = (line(1, date(2026, 1, 6), **fields), line(2, date(2026, 5, 20)))
        return plan(
            Terms(date(2026, 1, 1), lines, closed_day=closed_day),
            Options(Period(today, date(2026, 5, 31)), lines=frozenset([1]), from_today=True),
            is_open=WEEKDAYS,
            existing={},
            standing={1: Standing(done_on=date(2026, 2, 1))},
            open_orders=orders,
        )

    sunday = date(2026, 5, 3)
    late = from_today(sunday, ClosedDay.PREVIOUS, due_from=DueFrom.ACTUAL)
    assert days(late) == [sunday] and late.orders[0].conflict
    monday, month = date(2026, 5, 4), Window(WindowMethod.MONTH)
    forgotten, coming = there(date(2026, 5, 1), 2), there(date(2026, 5, 7), 2, number=2)
    assert joined(from_today(monday, ClosedDay.WARN, forgotten, coming, window=month)) == ["SO-2"]
    alone = from_today(monday, ClosedDay.WARN, forgotten, window=month)
    assert not joined(alone) and alone.orders[0].lines[0].range == Period(monday, date(2026, 5, 31))


def test_SO_A08_dates_before_the_period_that_later_ones_would_pass_over_are_said() -> None:
    def remarks(today: date, there: frozenset[date], **fields: Any) -> list[tuple[str, str]]:
        found = plan(
            Terms(date(2026, 1, 1), (line(1, date(2026, 1, 20), **fields),)),
            Options(Period(date(2027, 1, 1), date(2027, 3, 31)), today=today),
            is_open=lambda site, day: True,
            existing={1: there},
        )
        return [(skip.code, str(skip.reason)) for skip in found.skipped]

    (said,) = remarks(date(2026, 10, 10), frozenset([date(2026, 10, 20)]))
    assert said[0] == "not yet" and said[1].startswith("2 dates from 20 Nov 2026 on come before the period")
    assert remarks(date(2026, 10, 10), frozenset())[0][1].startswith("3 dates from 20 Oct 2026 on")
    assert not remarks(date(2026, 10, 10), frozenset([date(2026, 12, 20)])), "nothing is between"
    assert not remarks(date(2027, 1, 5), frozenset()), "nor before today"


def test_SO_A08_SO_A14_what_a_closed_day_takes_away_is_neither_a_gap_nor_still_to_come() -> None:
    def codes(period: Period, there: frozenset[date]) -> list[str]:
        found = plan(
            Terms(SATURDAY, (line(1, SATURDAY, unit="WEEK"),), closed_day=ClosedDay.SKIP),
            Options(period, today=SATURDAY),
            is_open=WEEKDAYS,
            existing={1: there},
        )
        return [skip.code for skip in found.skipped]

    assert codes(Period(date(2026, 6, 1), date(2026, 6, 30)), frozenset()) == ["closed"]
    assert codes(Period(*MAY), frozenset([date(2026, 5, 30)])) == ["existing"]


@given(
    st.integers(0, 60),
    st.sampled_from(["DAY", "WEEK", "MONTH"]),
    st.sampled_from([Window(WindowMethod.WEEK), Window(WindowMethod.MONTH), Window(days_after=9), None]),
    st.sampled_from(list(DueFrom.values)),
)
def test_from_today_whole_window_periods_are_planned_and_what_is_over_is_said(
    age: int, unit: str, window: Window | None, due_from: str
) -> None:
    today = date(2026, 5, 20)
    new = line(1, today - timedelta(days=age), unit=unit, window=window, due_from=due_from)
    terms, options = (
        Terms(date(2026, 1, 1), (new,)),
        Options(Period(today, date(2026, 6, 30)), from_today=True),
    )
    found = plan(terms, options, is_open=lambda site, day: True, existing={})
    dates = calculated_dates(terms, new, Period(new.start, options.period.end))
    still = [day for day in dates if allowed_range(terms, new, day).end >= today]
    made = sorted(item.calculated for order in found.orders for item in order.lines)
    assert made == (still if due_from == DueFrom.PLAN else still[:1])
    assert all(day >= today for day in days(found))
    said = [str(skip.reason) for skip in found.skipped if skip.code == "overdue"]
    over = len(dates) - len(still) if due_from == DueFrom.PLAN else 0
    assert bool(said) == bool(over) and all(f"{over} visits" in text or over == 1 for text in said)


def there(day: date, *lines: int, number: int = 1, site: int = 0, sla: int | None = None) -> OpenOrder:
    return OpenOrder(number, f"SO-{number}", day, site, frozenset(lines), sla)


def joining(*orders: OpenOrder, window: Window | None = None, **terms: Any) -> Plan:
    lines = (line(1, date(2026, 5, 6), window=window), line(2, date(2026, 5, 20)))
    return plan(
        Terms(date(2026, 1, 1), lines, **terms),
        Options(Period(*MAY), lines=frozenset([1])),
        is_open=WEEKDAYS,
        existing={},
        open_orders=orders,
    )


def joined(found: Plan) -> list[str]:
    return [order.joins.number for order in found.orders if order.joins]


def test_SO_A11_lines_whose_hours_contradict_or_of_another_sla_are_visited_apart_and_say_so() -> None:
    morning, noon, late = (480, 600), (540, 720), (840, 960)
    lines = [
        line(n, date(2026, 5, 6), unit=None, hours=hours) for n, hours in enumerate((morning, late, noon), 1)
    ]
    found = planned(*lines, line(4, date(2026, 5, 6), unit=None, sla=7), period=MAY)
    assert [([i.line.number for i in o.lines], o.hours) for o in found.orders] == [
        ([1, 3], (540, 600)), ([2], late), ([4], WHOLE_DAY),
    ]  # fmt: skip
    on = "calculated 6 May 2026; not together with"
    assert why(found) == [
        f"{on} “L2”, whose hours contradict; not together with “L4”, of another SLA",
        f"{on} “L2”, whose hours contradict; not together with “L4”, of another SLA",
        f"{on} “L1”, “L3”, whose hours contradict; not together with “L4”, of another SLA",
        f"{on} “L1”, “L3” and 1 more line, of another SLA",
    ]


def test_a_line_is_visited_where_its_object_stands_on_the_day() -> None:
    moves = {"site": 1, "moves": ((date(2026, 5, 8), 2),)}
    month, there = Window(WindowMethod.MONTH), OpenOrder(9, "SO-9", date(2026, 5, 7), 2, frozenset([2]))
    found = plan(
        Terms(
            date(2026, 1, 1),
            (line(1, date(2026, 5, 6), unit="WEEK", **moves), line(2, date(2026, 5, 7), unit=None, site=2)),
        ),
        Options(Period(*MAY)),
        is_open=lambda site, day: True,
        existing={2: frozenset([date(2026, 5, 7)])},
        open_orders=[there],
    )
    assert [(order.day.day, order.site) for order in found.orders] == [(6, 1), (13, 2), (20, 2), (27, 2)]
    wide = planned(line(1, date(2026, 5, 6), unit=None, window=month, **moves), period=MAY)
    (order,) = wide.orders
    assert (order.site, order.lines[0].range) == (1, Period(date(2026, 5, 6), date(2026, 5, 7)))
    late = Options(Period(date(2026, 5, 20), MAY[1]), from_today=True)
    gone = Terms(date(2026, 1, 1), (line(1, date(2026, 5, 6), unit=None, window=month, **moves),))
    (order,) = plan(gone, late, is_open=lambda site, day: True, existing={}).orders
    assert (order.site, order.day) == (2, date(2026, 5, 20))


def test_hours_that_the_clock_leaves_out_in_spring_promise_nothing() -> None:
    spring, gap = date(2026, 3, 29), (130, 160)
    assert promise(spring, gap, "Europe/Berlin") is None and promise(spring, gap, "Asia/Tokyo")
    across = promise(spring, (100, 190), "Europe/Berlin")
    assert across and (across.upper - across.lower) == timedelta(minutes=30)


WEEK = Window(WindowMethod.WEEK)


def test_a_line_joins_an_order_of_its_key_inside_its_range_before_anything_is_packed() -> None:
    found = joining(there(date(2026, 5, 8), 2), window=WEEK)
    assert joined(found) == ["SO-1"] and not found.created and days(found) == [date(2026, 5, 8)]
    assert why(found) == ["calculated 6 May 2026, joins order SO-1 on 8 May 2026"]
    for order in (
        there(date(2026, 5, 8), 2, site=7),
        there(date(2026, 5, 11), 2),
        there(date(2026, 5, 9), 2),
        there(date(2026, 5, 8), 1, 2),
        there(date(2026, 5, 8), 2, sla=3),
        there(date(2026, 5, 8)),
    ):
        assert not joined(joining(order, window=WEEK)), order
    assert not joined(joining(there(date(2026, 5, 8), 2))), "without a window only on its day"
    other_worker = joining(there(date(2026, 5, 8), 2), window=WEEK, combine_by=CombineBy.TASK)
    assert joined(other_worker) == ["SO-1"], "both lines have no task, so the key is one"


def test_the_nearest_order_is_joined_and_two_dates_of_a_line_join_two() -> None:
    near, far = there(date(2026, 5, 7), 2, number=2), there(date(2026, 5, 4), 2, number=1)
    assert joined(joining(near, far, window=WEEK)) == ["SO-2"]
    weekly = line(1, date(2026, 5, 6), unit="WEEK", window=Window(WindowMethod.MONTH))
    monthly = line(2, date(2026, 5, 20))
    found = plan(
        Terms(date(2026, 1, 1), (weekly, monthly)),
        Options(Period(*MAY), lines=frozenset([1])),
        is_open=WEEKDAYS,
        existing={},
        open_orders=[there(date(2026, 5, 20), 2)],
    )
    assert [(i.calculated.day, bool(o.joins)) for o in found.orders for i in o.lines] == [
        (6, False), (13, False), (20, True), (27, False),
    ]  # fmt: skip


def test_an_order_with_lines_of_several_keys_is_not_joined() -> None:
    lines = (
        line(1, date(2026, 5, 6), task=1),
        line(2, date(2026, 5, 6), task=1),
        line(3, date(2026, 5, 6), task=2),
    )
    found = plan(
        Terms(date(2026, 1, 1), lines, combine_by=CombineBy.TASK),
        Options(Period(*MAY), lines=frozenset([1])),
        is_open=WEEKDAYS,
        existing={},
        open_orders=[there(date(2026, 5, 6), 2, 3)],
    )
    assert not joined(found)
