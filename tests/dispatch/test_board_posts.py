"""Planning, moving, taking off, taking back: what the board's POSTs answer, and to whom."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dispatch import pulse
from dispatch.models import Booking
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE, TECHNICIAN
from tests.cast import stranger, user_in
from tests.dispatch.ask import BOARD, JSON, fields
from tests.make_dispatch import (
    again,
    hours_of,
    make_booking,
    make_hours,
    make_technician,
    make_visit,
)
from tests.make_money import TODAY, company_today

pytestmark = pytest.mark.django_db


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
    bo, day = make_technician(calendar=make_hours()), company_today() + timedelta(days=7)
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
