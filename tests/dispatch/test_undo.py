"""Undo: the inverse move within five minutes, if nothing changed since (DB-07, board-and-tablet 3.2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.operations import move_booking, resize, send, unbook, undo, undo_last
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.core.roles import DISPATCHER, PLANNER
from tests.cast import user_in
from tests.make_dispatch import again, hours_of, make_booking, make_technician, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return user_in(DISPATCHER)


def test_scenario_63_undo_gives_john_his_time_back(ann):
    booking = make_booking(worker=make_technician("John"), hour=15, by=ann)
    meg = make_technician("Meg")
    now = timezone.now()
    move_booking(booking.pk, worker=meg, start=moment(14), minutes=60, version=1, by=ann, at=now)
    undo(booking.pk, version=2, by=ann, at=now)
    booking = again(booking)
    assert booking.worker.name == "John" and hours_of(booking) == (15, 16)
    assert list(booking.activity.order.assignments.values_list("worker__name", flat=True)) == ["John"]


def test_scenario_64_undo_goes_back_step_by_step(ann):
    now = timezone.now()
    booking = make_booking(by=ann)
    for version, hour in enumerate((11, 12, 13), start=1):
        move_booking(
            booking.pk, worker=booking.worker, start=moment(hour), minutes=60, version=version, by=ann, at=now
        )
    undo_last(by=ann, at=now)
    undo_last(by=ann, at=now)
    assert hours_of(again(booking)) == (11, 12)
    undo_last(by=ann, at=now)
    undo_last(by=ann, at=now)
    assert again(booking).status == "CANCELLED"
    with pytest.raises(Refused, match="nothing of yours to undo"):
        undo_last(by=ann, at=now)


def test_what_was_taken_off_is_booked_again(ann):
    now = timezone.now()
    booking = make_booking(by=ann)
    unbook(booking.pk, version=1, by=ann, at=now)
    undo_last(by=ann, at=now)
    assert again(booking).status == "PLANNED"
    assert booking.activity.order.assignments.exists()


def test_not_after_five_minutes(ann):
    booking = make_booking(by=ann)
    with pytest.raises(Refused, match="more than five minutes ago"):
        undo(booking.pk, version=1, by=ann, at=timezone.now() + timedelta(minutes=6))


def test_not_when_somebody_else_changed_it_since(ann):
    booking, pia, now = make_booking(by=ann), user_in(PLANNER), timezone.now()
    resize(booking.pk, minutes=90, version=1, by=pia, at=now)
    with pytest.raises(Stale, match="Pia changed"):
        undo(booking.pk, version=1, by=ann, at=now)
    with pytest.raises(Stale, match="Pia changed"):
        undo_last(by=ann, at=now)


def test_not_when_the_technician_was_told_since(ann):
    booking, now = make_booking(by=ann), timezone.now()
    send(booking.pk, version=1, by=ann, at=now)
    with pytest.raises(Stale):
        undo_last(by=ann, at=now)


def test_only_ones_own(ann):
    booking = make_booking(by=ann)
    with pytest.raises(Stale, match="Ann changed"):
        undo(booking.pk, version=1, by=user_in(PLANNER), at=timezone.now())


def test_the_place_may_be_taken_by_then(ann):
    now, booking = timezone.now(), make_booking(by=ann)
    move_booking(booking.pk, worker=booking.worker, start=moment(14), minutes=60, version=1, by=ann, at=now)
    make_booking(hour=10, by=user_in(PLANNER))
    with pytest.raises(Refused, match="already booked"):
        undo_last(by=ann, at=now)
