"""The board's pages: what they show, who may, what they answer."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from dispatch.models import Booking
from orders.models import ServiceOrder
from orders.queries.parameters import parameters
from servicemgmt.core.models import User
from servicemgmt.core.roles import TECHNICIAN
from servicemgmt.masterdata.operations import add_absence
from tests.cast import stranger, user_in
from tests.dispatch.ask import BOARD, board, rows
from tests.make_dispatch import (
    make_booking,
    make_hours,
    make_team,
    make_technician,
    make_visit,
    moment,
)
from tests.make_money import TODAY, company_today
from tests.make_orders import make_line, make_worker, move

pytestmark = pytest.mark.django_db


def test_it_shows_teams_workers_and_their_visits(ann):
    booking = make_booking(worker=make_technician(calendar=make_hours()), hour=9, minutes=90)
    response = board(ann)
    row = rows(response)["Bo"]
    assert row.load == "1 h 30 / 9 h" and row.tone == "low"
    (bar,) = row.bars
    assert (bar.pk, bar.time, bar.step, bar.length) == (booking.pk, "09:00–10:30", 24, 18)
    assert b"style=" not in response.content and b'class="bar s-24 l-18"' in response.content


def test_not_working_and_away_are_shaded(ann):
    worker = make_technician(calendar=make_hours(8, 17))
    add_absence(worker, moment(12), moment(13), by=None, reason="Doctor")
    shades = [(s.step, s.length, s.reason) for s in rows(board(ann))["Bo"].shades]
    assert shades == [(0, 12, ""), (120, 12, ""), (60, 12, "Doctor")]


def test_the_hours_shown_hold_every_visit(ann):
    make_booking(hour=5, minutes=60)
    make_booking(hour=21.5, minutes=60)
    shown = board(ann).context["board"]
    assert (shown.from_hour, shown.to_hour) == (5, 23)


def test_marks_for_priority_deadline_and_warnings(ann):
    make_booking(make_visit(priority="HIGH"), make_technician(calendar=make_hours()), hour=17)
    ServiceOrder.objects.update(deadline=moment(12))
    (bar,) = rows(board(ann))["Bo"].bars
    assert bar.is_late
    assert bar.label.endswith(
        "Planning, high priority, ends after the SLA deadline, outside the working time"
    )


def test_scenario_65_colours_can_show_the_priority(ann):
    for hour, priority in ((9, "HIGH"), (11, "NORMAL"), (13, "LOW")):
        make_booking(make_visit(priority=priority), hour=hour)
    assert [bar.tone for bar in rows(board(ann, colour="priority"))["Bo"].bars] == ["red", "yellow", "green"]


def test_scenario_62_finished_visits_can_be_hidden(ann):
    make_booking()
    Booking.objects.update(status="DONE")
    assert len(rows(board(ann))["Bo"].bars) == 1
    assert rows(board(ann, done="hide"))["Bo"].bars == []


def test_a_filter_lets_the_others_step_back_but_not_vanish(ann):
    make_booking(make_visit(priority="HIGH"), hour=9)
    make_booking(hour=11)
    assert [bar.is_dim for bar in rows(board(ann, priority="HIGH"))["Bo"].bars] == [False, True]


def test_one_team(ann):
    make_technician("Meg", team=make_team("SOUTH"))
    make_technician()
    assert set(rows(board(ann, team=make_team("SOUTH").pk))) == {"Meg"}


@pytest.mark.parametrize("query", ["day=x", "team=abc", "scale=year", "priority=TOP", "day=0001-01-01"])
def test_nonsense_in_the_address_is_ignored(ann, query):
    make_booking()
    assert ann.get(f"/dispatch/board/?{query}").status_code == 200


def test_DB_03_several_days_are_as_many_as_the_company_set_up(ann):
    make_booking(hour=9, day=date(2026, 3, 18))
    setup = parameters()
    for before, after in ((0, 6), (1, 2)):
        setup.board_days_before, setup.board_days_after = before, after
        setup.save()
        days = {cell.day: len(cell.bars) for cell in rows(board(ann, scale="days"))["Bo"].cells}
        assert days[date(2026, 3, 18)] == 1 and len(days) == before + 1 + after
        assert min(days) == date(2026, 3, 16 - before)


def test_everybody_keeps_the_board_as_he_likes_it(ann):
    ann.post("/dispatch/board/layout/", {"tray": "wide", "rows": "low"})
    assert 'data-tray="wide"' in board(ann).text and 'data-rows="low"' in board(ann).text
    nonsense = ann.post(
        "/dispatch/board/layout/", {"tray": "huge", "rows": "low"}, HTTP_ACCEPT="application/json"
    )
    assert nonsense.status_code == 422 and User.objects.get(board_rows="low").board_tray == "wide"
    assert ann.get("/dispatch/board/layout/").status_code == 405


def test_a_stranger_lays_out_nothing(client):
    client.force_login(user_in(TECHNICIAN))
    assert client.post("/dispatch/board/layout/", {"tray": "wide", "rows": "low"}).status_code == 403


def test_it_opens_on_a_working_day_with_work(ann):
    today = company_today()
    later = today + timedelta(days=3)
    while later.weekday() > 4:
        later += timedelta(days=1)
    make_booking(day=later)
    assert ann.get(reverse("dispatch:board")).context["view"].day == later


def test_both_clock_changes_keep_their_places(ann):
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        offset = 1 if day.month == 3 else 0
        make_booking(hour=10 - offset, day=day)
        response = ann.get(reverse("dispatch:board"), {"day": day})
        assert rows(response)["Bo"].bars[0].time == "10:00–11:00"


def test_few_queries_whatever_the_number_of_visits(ann, django_assert_max_num_queries):
    for hour in range(8, 14):
        make_booking(hour=hour)
        make_visit()
    with django_assert_max_num_queries(32):
        board(ann)


# --- tray


def test_the_tray_holds_what_nobody_planned(ann):
    make_booking()
    waiting = make_visit(hours=2, priority="HIGH", service_on=TODAY)
    (card,) = board(ann).context["tray"].cards
    assert (card.number, card.minutes, card.priority) == (waiting.number, 120, "HIGH")


def test_what_is_overdue_or_on_hold_has_a_tab(ann):
    today = company_today()
    make_visit(service_on=today - timedelta(days=1))
    move(make_visit(), "INPROCESS", "ONHOLD")
    make_visit(service_on=today)
    assert board(ann).context["tray"].counts == {"unscheduled": 2, "overdue": 1, "hold": 1}


def test_the_tray_can_be_searched_beyond_its_days(ann):
    make_visit(service_on=TODAY + timedelta(days=900), description="Far away")
    assert board(ann).context["tray"].cards == []
    assert len(board(ann, q="far").context["tray"].cards) == 1


def test_two_parts_of_an_order_are_two_cards_once_one_is_planned(ann):
    order = make_visit()
    make_line(order, quantity=3, worker=make_technician("Meg"))
    (card,) = board(ann).context["tray"].cards
    assert card.notes == ["1 of 2 parts"]
    make_booking(order)
    (card,) = board(ann).context["tray"].cards
    assert (card.kind, card.minutes) == ("a", 180)


def test_scenario_61_a_worker_without_team_is_under_unscheduled(ann):
    make_technician()
    make_booking(worker=make_worker("Gus"))
    (card,) = board(ann).context["tray"].cards
    assert card.kind == "b" and card.notes == ["booked for Gus, who is in no team"]


@pytest.mark.parametrize("path", ["board/", "board/changes/"])
def test_the_board_only_reads(ann, path):
    assert ann.post(f"/dispatch/{path}").status_code == 405


def test_who_may_look_but_not_change_is_led_to_the_order(client):
    from tests.make_orders import grant

    client.force_login(grant(stranger(), "view_board"))
    booking = make_booking()
    response = client.get(BOARD)
    assert f'href="/orders/{booking.activity.order.number}/"' in response.text
    assert "data-can-change" not in response.text


def test_the_stylesheet_of_steps_is_the_generated_one():
    from django.conf import settings

    from dispatch.management.commands.board_steps import TARGET, stylesheet

    assert (settings.BASE_DIR / TARGET).read_text() == stylesheet()
