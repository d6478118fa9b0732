"""The technician's clock (architecture 13): presses, what follows, and what a second sending does."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dispatch.models import BOOKING_MOVES, Booking, BookingStatus, ClockPress
from dispatch.operations import move_booking, press
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Event
from servicemgmt.core.roles import TECHNICIAN
from tests.cast import stranger, user_in
from tests.make_dispatch import again, make_booking, make_technician, make_visit, moment
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_reason, move

pytestmark = pytest.mark.django_db


def pressed(booking, to, *, at=NOW, key=None, by=None, device_at=None, **fields):
    return press(
        booking.pk,
        to=to,
        key=key or uuid4(),
        device_at=device_at or at,
        by=by or user_in(TECHNICIAN),
        at=at,
        **fields,
    )


def test_every_status_has_its_moves():
    assert set(BOOKING_MOVES) == set(BookingStatus.values)


def test_a_days_work():
    booking = make_booking()
    for minute, to in enumerate(("TRAVELLING", "WORKING", "PAUSED", "WORKING", "DONE")):
        pressed(booking, to, at=NOW + timedelta(minutes=minute))
    booking = again(booking)
    assert (booking.started_at, booking.ended_at) == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=4))
    assert booking.presses.count() == 5


def test_the_order_follows_the_clock():
    order = make_visit()
    booking = make_booking(order)
    pressed(booking, "TRAVELLING")
    assert fresh(order).stage.code == "PLANNING"
    pressed(booking, "WORKING")
    assert fresh(order).stage.code == "INPROCESS"
    pressed(booking, "PAUSED", reason=make_reason())
    assert fresh(order).stage.code == "ONHOLD"
    pressed(booking, "WORKING")
    pressed(booking, "DONE")
    assert fresh(order).stage.code == "COMPLETED"


def test_the_clock_runs_where_the_stage_cannot_follow():
    order = make_visit()
    booking = make_booking(order)
    pressed(booking, "WORKING")
    pressed(booking, "PAUSED")
    assert fresh(order).stage.code == "INPROCESS"
    assert again(booking).status == "PAUSED"
    move(order, "PLANNING")
    pressed(booking, "DONE")
    assert fresh(order).stage.code == "PLANNING"
    assert again(booking).status == "DONE"


def test_an_order_planned_while_on_hold_takes_its_day_when_work_begins():
    order = move(make_visit(service_on=TODAY - timedelta(days=40)), "INPROCESS", "ONHOLD")
    booking = make_booking(order)
    assert fresh(order).service_on == TODAY - timedelta(days=40)
    pressed(booking, "WORKING")
    assert fresh(order).service_on == TODAY
    assert order.lines.get().worker == booking.worker


def test_of_a_crew_the_last_one_finishes_the_order():
    order = make_visit()
    first = make_booking(order)
    from dispatch.operations import book

    meg = make_technician("Meg")
    meg.user = user_in(TECHNICIAN, name="Meg")
    meg.save()
    second = book(first.activity, meg, moment(10), by=None, at=NOW)
    pressed(first, "WORKING")
    pressed(first, "DONE")
    assert fresh(order).stage.code == "INPROCESS"
    pressed(second, "WORKING", by=meg.user)
    pressed(second, "DONE", by=meg.user)
    assert fresh(order).stage.code == "COMPLETED"


def test_sent_twice_pressed_once():
    booking, key = make_booking(), uuid4()
    pressed(booking, "WORKING", key=key)
    pressed(booking, "WORKING", key=key, at=NOW + timedelta(hours=1))
    assert ClockPress.objects.count() == 1
    assert again(booking).version == 2


def test_the_devices_time_counts_but_never_the_future():
    booking = make_booking()
    pressed(booking, "WORKING", device_at=NOW - timedelta(hours=2))
    pressed(booking, "DONE", device_at=NOW + timedelta(days=1))
    booking = again(booking)
    assert (booking.started_at, booking.ended_at) == (NOW - timedelta(hours=2), NOW)
    skewed = Event.objects.filter(action="clock_pressed", changes__has_key="device clock")
    assert skewed.count() == 2
    pressed(booking, "WORKING", device_at=NOW - timedelta(minutes=1))
    assert skewed.count() == 2, "a minute is nothing"


@pytest.mark.parametrize(
    ("now", "to"), [("PLANNED", "DONE"), ("DONE", "TRAVELLING"), ("PLANNED", "CANCELLED")]
)
def test_the_clock_goes_its_own_way_only(now, to):
    booking = make_booking()
    Booking.objects.update(status=now)
    with pytest.raises(Refused, match="cannot go to"):
        pressed(booking, to)


def test_a_job_given_away_meanwhile_says_so():
    booking = make_booking()
    move_booking(
        booking.pk, worker=make_technician("Meg"), start=moment(10), minutes=60, version=1, by=None, at=NOW
    )
    with pytest.raises(Refused, match="This job was given to Meg, Mon 16 Mar 10:00–11:00"):
        pressed(booking, "WORKING")


def test_nobody_else_presses():
    with pytest.raises(Refused):
        pressed(make_booking(), "WORKING", by=stranger())
