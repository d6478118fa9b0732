"""Booking, moving, taking off: what the operations keep (C.7)."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dispatch.models import Booking
from dispatch.operations import book, ensure_activities, move_booking, resize, send, unbook
from orders.models import Assignment
from orders.operations import change_line
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, PLANNER
from tests.cast import user_in
from tests.make_dispatch import (
    again,
    hours_of,
    make_booking,
    make_team,
    make_technician,
    make_visit,
    moment,
)
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_line, move, set_parameters

pytestmark = pytest.mark.django_db


def test_DB_02_an_order_without_planned_hours_has_one_activity_of_the_usual_length():
    set_parameters(default_minutes=75)
    (activity,) = ensure_activities(make_visit(hours=0))
    assert activity.planned_minutes == 75
    assert activity.is_default


def test_scenario_68_lines_of_the_same_worker_and_task_share_an_activity():
    order = make_visit(hours=1.5)
    second = make_line(order, quantity=Decimal("0.5"))
    (activity,) = ensure_activities(order)
    assert activity.planned_minutes == 120
    change_line(second.pk, version=None, by=None, at=NOW, worker=make_technician("Meg"))
    assert sorted(a.planned_minutes for a in ensure_activities(order)) == [30, 90]
    change_line(second.pk, version=None, by=None, at=NOW, worker=None)
    assert [a.planned_minutes for a in ensure_activities(order)] == [120]


def test_DB_02_what_is_booked_keeps_its_activity():
    order = make_visit()
    booking = make_booking(order)
    make_line(order, quantity=Decimal(2), worker=make_technician("Meg"))
    activities = ensure_activities(order)
    assert {a.planned_minutes for a in activities} == {60, 120}
    assert booking.activity_id in {a.pk for a in activities}


def test_booking_takes_the_planned_length_and_snaps_to_the_teams_grid():
    booking = make_booking(make_visit(hours=1.5), hour=10.2, minutes=None)
    assert hours_of(booking) == (10.25, 11.75)


def test_booking_assigns_the_worker_and_gives_him_the_lines():
    order, bo = make_visit(), make_technician()
    make_booking(order, bo)
    assert list(order.assignments.values_list("worker", "is_lead")) == [(bo.pk, True)]
    assert order.lines.get().worker == bo


def test_the_order_is_on_the_sites_date_of_its_first_booking():
    order = make_visit()
    make_booking(order, day=date(2026, 3, 19))
    assert fresh(order).service_on == date(2026, 3, 19)


def test_DB_06_scenario_63_dragged_to_another_row_and_time():
    john, meg = make_technician("John"), make_technician("Meg")
    order = make_visit()
    booking = make_booking(order, john, hour=15)
    move_booking(booking.pk, worker=meg, start=moment(14), minutes=60, version=1, by=None, at=NOW)
    booking = again(booking)
    assert booking.worker == meg and hours_of(booking) == (14, 15)
    assert order.lines.get().worker == meg
    assert list(order.assignments.values_list("worker__name", "is_lead")) == [("Meg", True)]


def test_scenario_66_reassigning_across_teams_is_allowed():
    booking = make_booking()
    meg = make_technician("Meg", team=make_team("SOUTH"))
    moved = move_booking(
        booking.pk, worker=meg, start=booking.during.lower, minutes=60, version=1, by=None, at=NOW
    )
    assert moved.worker.team.code == "SOUTH"


def test_to_another_row_at_the_same_time_keeps_a_time_between_the_lines_of_the_grid():
    fine = make_technician("Fay", team=make_team("FINE", snap_minutes=5))
    booking = make_booking(worker=fine, hour=10 + 5 / 60)
    bo = make_technician()
    moved = move_booking(
        booking.pk, worker=bo, start=booking.during.lower, minutes=60, version=1, by=None, at=NOW
    )
    assert moved.during.lower == moment(10 + 5 / 60)


def test_a_second_visit_at_the_same_time_is_refused_naming_the_first():
    first = make_booking(hour=10)
    with pytest.raises(
        Refused, match=f"Bo is already booked for {first.activity.order.number}, .*10:00–11:00"
    ):
        make_booking(hour=10.5)
    assert Booking.objects.count() == 1


def test_the_database_itself_refuses_a_double_booking_by_name():
    booking = make_booking()
    with pytest.raises(IntegrityError, match="booking_no_double_booking"), transaction.atomic():
        Booking.objects.create(activity=booking.activity, worker=booking.worker, during=booking.during)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("booking_has_start_and_end", {"during": DateTimeTZRange(NOW, None)}),
        ("booking_soft_has_a_reason", {"is_hard": False}),
        ("booking_status_known", {"status": "LATE"}),
    ],
)
def test_the_database_keeps_bookings_sensible(constraint, fields):
    booking = make_booking()
    later = DateTimeTZRange(moment(14), moment(15))
    values = {"activity": booking.activity, "worker": booking.worker, "during": later} | fields
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Booking.objects.create(**values)


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_cannot_book_the_same_technician_at_once():
    bo, orders = make_technician(), [make_visit(), make_visit()]
    start, said = threading.Barrier(2), []

    def dispatch(order):
        try:
            start.wait()
            book(order, bo, moment(10), 60, by=None, at=NOW)
            said.append("booked")
        except Refused as refusal:
            said.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=dispatch, args=[order]) for order in orders]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert Booking.objects.count() == 1
    assert sorted(said, key=len)[0] == "booked"
    assert "Bo is already booked for" in sorted(said, key=len)[1]


def test_two_dispatchers_who_plan_the_same_order_do_not_make_a_crew_by_accident():
    order, ann = make_visit(), user_in(DISPATCHER)
    make_booking(order, by=ann)
    with pytest.raises(
        Stale, match=f"Ann changed {order.number} at .*: it is now with Bo, Mon 16 Mar 10:00–11:00"
    ):
        make_booking(order, make_technician("Meg"), hour=14)


def test_a_crew_is_booked_on_the_activity():
    booking = make_booking()
    book(booking.activity, make_technician("Meg"), moment(10), by=None, at=NOW)
    assert set(Assignment.objects.values_list("worker__name", "is_lead")) == {("Bo", True), ("Meg", False)}


def test_a_stale_move_names_who_moved_it():
    booking, pia = make_booking(), user_in(PLANNER)
    move_booking(booking.pk, worker=booking.worker, start=moment(14), minutes=60, version=1, by=pia, at=NOW)
    with pytest.raises(Stale, match="Pia changed .* it is now with Bo, Mon 16 Mar 14:00–15:00"):
        move_booking(
            booking.pk, worker=booking.worker, start=moment(8), minutes=60, version=1, by=None, at=NOW
        )


def test_a_team_that_warns_books_double_with_a_reason():
    gus = make_technician("Gus", team=make_team("LAX", booking_rule="WARN"))
    make_booking(worker=gus)
    with pytest.raises(Invalid, match="Give a reason to book anyway"):
        make_booking(worker=gus)
    soft = make_booking(worker=gus, reason="Both at the same site")
    assert not soft.is_hard and soft.soft_reason == "Both at the same site"
    moved = move_booking(soft.pk, worker=gus, start=moment(13), minutes=60, version=1, by=None, at=NOW)
    assert moved.is_hard and moved.soft_reason == ""


def test_taking_off_makes_it_unscheduled_again():
    order = make_visit()
    booking = make_booking(order)
    unbook(booking.pk, version=1, by=None, at=NOW)
    assert again(booking).status == "CANCELLED"
    assert not order.assignments.exists()
    assert make_booking(order, make_technician("Meg")).activity_id == booking.activity_id


@pytest.mark.parametrize("status", ["TRAVELLING", "WORKING", "PAUSED", "DONE"])
def test_what_has_begun_stays_on_the_board(status):
    booking = make_booking()
    Booking.objects.update(status=status)
    with pytest.raises(Refused, match="cannot be taken off"):
        unbook(booking.pk, version=1, by=None, at=NOW)


def test_of_begun_work_only_the_end_can_change():
    booking = make_booking()
    Booking.objects.update(status="WORKING")
    assert hours_of(resize(booking.pk, minutes=90, version=1, by=None, at=NOW)) == (10, 11.5)
    with pytest.raises(Refused, match="only its end can be changed"):
        move_booking(
            booking.pk, worker=booking.worker, start=moment(9), minutes=90, version=2, by=None, at=NOW
        )


def test_DB_08_a_closed_order_is_planned_no_more():
    order = make_visit()
    move(order, "INPROCESS", "COMPLETED")
    with pytest.raises(Refused, match=r"closed \(Completed\)"):
        make_booking(order)


@pytest.mark.parametrize("minutes", [0, -5, 1445])
def test_a_length_that_cannot_be(minutes):
    with pytest.raises(Invalid):
        make_booking(minutes=minutes)


def test_somebody_who_has_left_cannot_be_booked():
    bo = make_technician()
    bo.ended_on = TODAY
    bo.save()
    with pytest.raises(Refused, match="not with the company any more"):
        make_booking(worker=bo)


def test_DB_10_sent_once():
    booking = make_booking()
    send(booking.pk, version=1, by=None, at=NOW)
    send(booking.pk, version=2, by=None, at=NOW + timedelta(hours=1))
    assert again(booking).dispatched_at == NOW


def test_the_trail_of_the_order_tells_the_story():
    order, ann = make_visit(), user_in(DISPATCHER)
    booking = make_booking(order, by=ann)
    resize(booking.pk, minutes=90, version=1, by=ann, at=NOW)
    events = Event.objects.filter(subject=f"serviceorder:{order.pk}", action__in=["booked", "booking_moved"])
    assert [event.changes["visit"] for event in events.order_by("pk")] == [
        [None, "Bo, Mon 16 Mar 10:00–11:00"],
        ["Bo, Mon 16 Mar 10:00–11:00", "Bo, Mon 16 Mar 10:00–11:30"],
    ]
