"""DB-13: what speaks against a time that nothing forbids."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agreements.models import ServiceAgreement, ServiceTask
from dispatch.queries.bars import days_allowed
from dispatch.queries.warnings import warnings_of
from orders.models import ServiceOrder, ServiceOrderLine
from servicemgmt.masterdata.models import Skill
from servicemgmt.masterdata.operations import add_absence, give_skills
from tests.make_agreements import make_agreement
from tests.make_dispatch import (
    again,
    make_booking,
    make_hours,
    make_team,
    make_technician,
    make_visit,
    moment,
)

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"


def told(booking):
    return warnings_of(again(booking), BERLIN)


def test_DB_13_nothing_to_say():
    assert told(make_booking(worker=make_technician(calendar=make_hours()))) == []


@pytest.mark.parametrize(("hour", "minutes"), [(7, 120), (16.5, 60), (19, 60)])
def test_DB_13_outside_working_time(hour, minutes):
    worker = make_technician(calendar=make_hours(8, 17))
    assert told(make_booking(worker=worker, hour=hour, minutes=minutes)) == [
        "Outside the working time of Bo."
    ]


def test_DB_13_a_calendar_of_the_team_counts_in_the_workers_zone():
    team = make_team(calendar=make_hours(8, 17))
    worker = make_technician("Liz", team=team)
    worker.time_zone = "Europe/London"
    worker.save()
    assert told(make_booking(worker=worker, hour=8.5)) == ["Outside the working time of Liz."]
    assert told(make_booking(worker=worker, hour=17)) == []


def test_DB_13_away():
    worker = make_technician()
    add_absence(worker, moment(0), moment(48), by=None, reason="Holiday")
    assert told(make_booking(worker=worker)) == ["Bo is away then: Holiday."]


def test_DB_13_a_skill_that_a_task_needs_and_the_worker_lacks_or_has_no_more():
    worker, gas = make_technician(), Skill.objects.create(code="GAS", description="Gas installation")
    booking = make_booking(worker=worker)
    day = booking.during.lower.date()
    task = ServiceTask.objects.create(code="BURNER", description="Burner check", required_skill=gas)
    booking.activity.order.task_relations.create(service_task=task)
    lacks = ["Bo lacks “Gas installation” for Burner check."]
    assert told(booking) == lacks
    give_skills([worker], [gas], by=None, expires_on=day - timedelta(days=1))
    assert told(booking) == lacks
    give_skills([worker], [gas], by=None, expires_on=day)
    assert told(booking) == []


def test_DB_13_overlap():
    worker = make_technician(team=make_team(booking_rule="WARN"))
    first = make_booking(worker=worker)
    second = make_booking(worker=worker, reason="Same site")
    assert told(second) == [f"Overlaps {first.activity.order.number}, 10:00–11:00."]


def test_DB_13_after_the_deadline():
    booking = make_booking()
    ServiceOrder.objects.update(deadline=datetime(2026, 3, 16, 9, 30, tzinfo=UTC))
    assert told(booking) == ["Ends after the SLA deadline of Mon 16 Mar 10:30."]


def test_DB_13_outside_what_was_promised():
    order = make_visit(promised_window=(moment(12), moment(14)))
    assert told(make_booking(order)) == ["Outside the time promised: Mon 16 Mar 12:00–14:00."]


def test_DB_13_outside_the_days_of_the_agreement():
    order = make_visit()
    ServiceOrderLine.objects.update(date_range_from=date(2026, 3, 18), date_range_to=date(2026, 3, 20))
    assert told(make_booking(order)) == ["Outside the days of the agreement: Wed 18 Mar–Fri 20 Mar."]
    assert told(make_booking(make_visit(), hour=12)) == []


def test_a_working_day_less_an_absence():
    from dispatch.shifts import Shifts

    worker = make_technician(calendar=make_hours(8, 17))
    add_absence(worker, moment(12), moment(14), by=None)
    shifts = Shifts([worker.pk], moment(0), moment(24))
    assert shifts.minutes(worker.pk) == 7 * 60
    assert shifts.free(worker.pk) == [(moment(8), moment(12)), (moment(14), moment(17))]
    assert shifts.minutes(worker.pk) == 420 and timedelta(minutes=420) == timedelta(hours=7)


def test_DB_13_after_the_agreement_ended():
    booking = make_booking(make_visit(agreement=make_agreement()))
    assert told(booking) == []
    ServiceAgreement.objects.update(end_date=date(2026, 3, 15))
    agreement = ServiceAgreement.objects.get()
    assert told(booking) == [f"After the last day of {agreement.number}, Sun 15 Mar."]
    assert days_allowed([booking.pk]) == {booking.pk: (None, agreement.end_date)}
