"""The board's pages: what they show, who may, what they answer."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dispatch import pulse
from dispatch.models import Booking
from orders.models import ServiceOrder
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE, TECHNICIAN
from servicemgmt.masterdata.operations import add_absence
from tests.cast import stranger, user_in
from tests.make_dispatch import (
    again,
    hours_of,
    make_booking,
    make_hours,
    make_team,
    make_technician,
    make_visit,
    moment,
)
from tests.make_money import TODAY
from tests.make_orders import make_line, make_worker, move

pytestmark = pytest.mark.django_db
BOARD = f"/dispatch/board/?day={TODAY}"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def ann(client):
    client.force_login(user_in(DISPATCHER))
    return client


def board(client, **query):
    return client.get(reverse("dispatch:board"), {"day": TODAY, **query})


def rows(response):
    return {row.name: row for row in response.context["board"].rows}


def fields(worker, **changes):
    return {"worker": worker.pk, "day": TODAY, "start": "10:00", "minutes": 60, "version": 1, **changes}


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


@pytest.mark.parametrize(
    "query", ["day=x", "team=abc", "scale=year", "priority=TOP", "q=%00", "day=0001-01-01"]
)
def test_nonsense_in_the_address_is_ignored(ann, query):
    make_booking()
    assert ann.get(f"/dispatch/board/?{query}").status_code == 200


def test_the_week(ann):
    make_booking(hour=9, day=date(2026, 3, 18))
    response = board(ann, scale="week")
    days = {cell.day: len(cell.bars) for cell in rows(response)["Bo"].cells}
    assert days[date(2026, 3, 18)] == 1 and len(days) == 7 and min(days) == date(2026, 3, 16)


def test_it_opens_on_a_working_day_with_work(ann):
    today = timezone.localdate()
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
    today = timezone.localdate()
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


# --- changes


def test_nothing_new_is_204(ann):
    make_technician()
    query = {"day": TODAY, "from": 7, "to": 18, "since": pulse.current()}
    assert ann.get(reverse("dispatch:changes"), query).status_code == 204


def test_only_the_rows_that_changed_come(ann, django_capture_on_commit_callbacks):
    make_technician("Meg")
    since = pulse.current()
    with django_capture_on_commit_callbacks(execute=True):
        booking = make_booking()
    told = ann.get(reverse("dispatch:changes"), {"day": TODAY, "from": 7, "to": 18, "since": since}).json()
    assert set(told["rows"]) == {str(booking.worker_id)}
    assert f'id="bar-{booking.pk}"' in told["rows"][str(booking.worker_id)]


def test_away_too_long_means_loading_again(ann):
    told = ann.get(reverse("dispatch:changes"), {"day": TODAY, "from": 7, "to": 18, "since": 5}).json()
    assert told["reload"]


# --- schedule, move, take off, undo: works · wrong method · stranger · wrong state · leaves an Event


def test_scheduling(ann):
    bo, order = make_technician(), make_visit()
    response = ann.post(f"/dispatch/schedule/?order={order.pk}", fields(bo))
    assert response.url == BOARD
    assert hours_of(Booking.objects.get()) == (10, 11)
    assert Event.objects.filter(action="booked", actor__name="Ann").count() == 2


def test_scheduling_without_a_time_takes_the_next_free_one(ann):
    bo, day = make_technician(calendar=make_hours()), timezone.localdate() + timedelta(days=7)
    day -= timedelta(days=day.weekday() - 1)
    make_booking(worker=bo, day=day, hour=8)
    order = make_visit()
    ann.post(f"/dispatch/schedule/?order={order.pk}", fields(bo, day=day, start=""))
    assert again(Booking.objects.last()).during.lower.astimezone().minute == 0
    assert Booking.objects.count() == 2
    busy = ann.post(
        f"/dispatch/schedule/?order={make_visit().pk}", fields(bo, day=day, start="", minutes=600)
    )
    assert busy.status_code == 409 and "no free 10 h" in busy.text


def test_a_taken_time_is_409_with_the_sentence(ann):
    booking, order = make_booking(), make_visit()
    response = ann.post(f"/dispatch/schedule/?order={order.pk}", fields(booking.worker))
    assert response.status_code == 409 and "Bo is already booked for" in response.text
    told = ann.post(f"/dispatch/schedule/?order={order.pk}", fields(booking.worker), **JSON)
    assert told.status_code == 409 and "Bo is already booked for" in told.json()["say"]


def test_a_bad_form_is_422(ann):
    order = make_visit()
    response = ann.post(f"/dispatch/schedule/?order={order.pk}", {"worker": 0, "day": "x"})
    assert response.status_code == 422
    assert ann.post("/dispatch/schedule/?order=99999", {}).status_code == 404
    assert ann.get("/dispatch/schedule/").status_code == 404


def test_the_form_opens_with_what_is_known(ann):
    order = make_visit(hours=1.5, preferred_technician=make_technician("Meg"))
    form = ann.get(f"/dispatch/schedule/?order={order.pk}").context["form"]
    assert (form["minutes"].value(), form["worker"].value()) == (90, make_technician("Meg").pk)


def test_moving(ann):
    booking, meg = make_booking(), make_technician("Meg")
    assert ann.get(f"/dispatch/bookings/{booking.pk}/").status_code == 200
    response = ann.post(f"/dispatch/bookings/{booking.pk}/", fields(meg, start="13:30", minutes=45))
    assert response.url == BOARD and hours_of(again(booking)) == (13.5, 14.25)
    assert Event.objects.filter(action="booking_moved").exists()


def test_moving_what_was_moved_is_409(ann):
    booking, meg = make_booking(), make_technician("Meg")
    ann.post(f"/dispatch/bookings/{booking.pk}/", fields(meg))
    response = ann.post(f"/dispatch/bookings/{booking.pk}/", fields(meg, start="14:00"))
    assert response.status_code == 409 and "Ann changed" in response.text
    assert ann.post(f"/dispatch/bookings/{booking.pk}/", fields(meg, version="")).status_code == 409


def test_taking_off_and_undoing(ann):
    booking = make_booking(by=user_in(DISPATCHER))
    assert ann.post(f"/dispatch/bookings/{booking.pk}/unbook/", {"version": 1}).url == BOARD
    assert again(booking).status == "CANCELLED"
    told = ann.post(f"/dispatch/board/undo/?booking={booking.pk}&version=2", **JSON)
    assert told.status_code == 200 and again(booking).status == "PLANNED"
    ann.post("/dispatch/board/undo/")
    assert again(booking).status == "CANCELLED"


def test_taking_off_what_has_begun_is_refused(ann):
    booking = make_booking()
    Booking.objects.update(status="WORKING")
    told = ann.post(f"/dispatch/bookings/{booking.pk}/unbook/", {"version": 1}, **JSON)
    assert told.status_code == 409 and "cannot be taken off" in told.json()["say"]
    response = ann.post(f"/dispatch/bookings/{booking.pk}/unbook/", {"version": 1}, follow=True)
    assert "cannot be taken off" in response.text


def test_telling_the_technician(ann):
    booking = make_booking()
    ann.post(f"/dispatch/bookings/{booking.pk}/send/", {"version": 1})
    assert again(booking).dispatched_at
    assert Event.objects.filter(action="dispatched").exists()


def test_the_answer_to_the_script_holds_rows_warnings_and_undo(ann, django_capture_on_commit_callbacks):
    bo, order = make_technician(calendar=make_hours()), make_visit()
    query = f"day={TODAY}&from=7&to=21&since={pulse.current()}"
    with django_capture_on_commit_callbacks(execute=False):
        told = ann.post(
            f"/dispatch/schedule/?order={order.pk}&{query}", fields(bo, start="18:00"), **JSON
        ).json()
    assert told["warnings"] == ["Outside the working time of Bo."]
    assert told["undo"].startswith("/dispatch/board/undo/?booking=")
    assert "tray" in told


POSTS = ["schedule/?order=1", "bookings/1/", "bookings/1/unbook/", "bookings/1/send/", "board/undo/"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("who", [FINANCE, TECHNICIAN, None])
def test_changing_needs_the_permission(client, path, who):
    client.force_login(user_in(who) if who else stranger())
    assert client.post(f"/dispatch/{path}").status_code == 403


@pytest.mark.parametrize("path", ["board/", "board/changes/", "bookings/1/card/"])
def test_seeing_needs_the_permission(client, path):
    client.force_login(user_in(TECHNICIAN))
    assert client.get(f"/dispatch/{path}").status_code == 403


@pytest.mark.parametrize("path", POSTS[2:])
def test_wrong_method(ann, path):
    assert ann.get(f"/dispatch/{path}").status_code == 405


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
