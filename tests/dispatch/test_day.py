"""The technician's pages: whose they are, what they accept, and what a second sending does."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from dispatch.models import Booking, BookingStatus, ClockPress
from dispatch.operations import book, press
from dispatch.queries.day import next_job, steps_from, worked_minutes
from dispatch.queries.job import geo_link
from orders.models import ServiceOrder
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, TECHNICIAN
from servicemgmt.masterdata.models import Site
from tests.cast import user_in
from tests.dispatch.ask import JSON, job
from tests.make_dispatch import again, make_booking, make_team, make_technician, make_visit
from tests.make_money import NOW, company_today
from tests.make_orders import fresh

pytestmark = pytest.mark.django_db


def test_an_empty_day_leads_to_the_next_day_with_jobs(bo):
    worker, now = make_technician(), timezone.now()
    assert bo.get("/dispatch/day/").context["next_day"] is None
    start = (now + timedelta(days=3)).replace(hour=9)
    book(make_visit(service_on=start.date(), at=now), worker, start, 60, by=None, at=now)
    answer = bo.get("/dispatch/day/")
    assert answer.context["next_day"] == start.date()
    assert f"?on={start.date().isoformat()}" in answer.text


def test_the_day_has_the_next_job_on_top_with_one_big_button(client):
    done, visit = (make_booking(make_visit(), hour=hour) for hour in (9, 10))
    Booking.objects.filter(pk=done.pk).update(status="DONE")
    with time_machine.travel(NOW, tick=False):
        client.force_login(user_in(TECHNICIAN))
        response = client.get("/dispatch/day/")
    cards = response.context["jobs"]
    assert cards[0]["booking"] == visit and cards[0]["is_next"]
    assert response.text.count('data-size="xl"') == 1
    assert response.context["left"] == 1


def test_the_job_in_hand_is_the_next_one():
    jobs = [Booking(status=status) for status in ("PLANNED", "DONE", "WORKING", "PLANNED")]
    assert next_job(jobs) is jobs[2] and next_job(jobs[:2]) is jobs[0] and next_job([]) is None


def test_other_days_up_to_fourteen_away(bo, visit):
    today = company_today()
    assert bo.get(f"/dispatch/day/?on={today + timedelta(days=14)}").context["later"] is None
    assert bo.get(f"/dispatch/day/?on={today + timedelta(days=15)}").status_code == 404
    assert bo.get("/dispatch/day/?on=nonsense").status_code == 200


def test_somebody_without_an_employee_is_told(client):
    client.force_login(user_in(TECHNICIAN, name="Nils"))
    assert "not linked to an employee" in client.get("/dispatch/day/").text


def test_the_job_shows_what_he_must_know_and_no_prices(bo, visit):
    order = visit.activity.order
    Site.objects.filter(pk=order.site_id).update(
        access_note="Code 4711", phone="+49 30 1234", street="Am Tor 1"
    )
    ServiceOrder.objects.filter(pk=order.pk).update(details="Ring twice")
    text = bo.get(job(visit)).text
    for fact in ("Code 4711", "tel:+49301234", "geo:0,0?q=Am%20Tor%201", "Ring twice", order.number):
        assert fact in text
    assert "90.00" not in text and "style=" not in text


def test_a_team_may_show_prices(bo):
    now = timezone.now()
    worker = make_technician(team=make_team("OPEN", shows_prices=True))
    visit = book(make_visit(service_on=company_today(), at=now), worker, now, 60, by=None, at=now)
    assert "90.00" in bo.get(job(visit)).text


def test_a_site_with_a_position_is_found_by_it():
    site = Site(name="Main", latitude=Decimal("52.520000"), longitude=Decimal("13.405000"))
    assert geo_link(site) == "geo:52.52,13.405?q=52.52,13.405(Main)"


def test_the_clock(bo, visit):
    response = bo.post(job(visit, "press"), {"to": "WORKING"})
    assert response.url.startswith(job(visit)) and again(visit).status == "WORKING"
    assert fresh(visit.activity.order).stage.code == "INPROCESS"
    assert Event.objects.filter(action="clock_pressed", actor__name="Bo").exists()


def test_a_press_sent_twice_counts_once(bo, visit):
    entry = {"to": "WORKING", "key": str(uuid4()), "device_at": "2026-03-16T08:30:00.000Z"}
    first = bo.post(job(visit, "press"), entry, **JSON)
    second = bo.post(job(visit, "press"), entry, **JSON)
    assert first.json() == second.json() and first.status_code == second.status_code == 200
    assert ClockPress.objects.get().device_at.isoformat() == "2026-03-16T08:30:00+00:00"


def test_a_press_that_cannot_be_is_409_on_the_page_and_for_the_queue(bo, visit):
    response = bo.post(job(visit, "press"), {"to": "DONE"})
    assert response.status_code == 409 and "cannot go to" in response.text
    assert "cannot go to" in bo.post(job(visit, "press"), {"to": "DONE"}, **JSON).json()["say"]


def test_the_steps_follow_the_clocks_moves():
    for status in BookingStatus:
        if status != "CANCELLED":
            assert sum(step.is_next for step in steps_from(status)) <= 1
    assert [step.to for step in steps_from("WORKING")] == ["DONE", "PAUSED"]


def test_the_hours_are_filled_from_the_clock(bo, visit):
    now, user = timezone.now(), user_in(TECHNICIAN)
    for minutes, to in ((100, "WORKING"), (40, "PAUSED"), (20, "WORKING")):
        moment = now - timedelta(minutes=minutes)
        press(visit.pk, to=to, key=uuid4(), device_at=moment, by=user, at=now)
    assert worked_minutes(again(visit), now) == 80
    ((line, form),) = bo.get(job(visit)).context["hours_forms"]
    assert form["quantity"].value() == "1.5" and line.planned_quantity == 2


@pytest.mark.parametrize("path", ["/dispatch/day/", "/dispatch/jobs/1/", "/dispatch/sw.js"])
def test_the_pages_are_the_technicians(client, path):
    client.force_login(user_in(DISPATCHER))
    assert client.get(path).status_code == 403


def test_another_technicians_job_does_not_exist(bo):
    assert bo.get(job(make_booking(make_visit(), make_technician("Meg")))).status_code == 404


def test_a_job_far_away_does_not_exist(bo):
    now = timezone.now() + timedelta(days=20)
    visit = book(make_visit(), make_technician(), now, 60, by=None, at=now)
    assert bo.get(job(visit)).status_code == 404


def test_every_form_has_a_key_of_its_own(bo, visit):
    import re

    keys = re.findall(r'name="key" value="([^"]+)"', bo.get(job(visit)).text)
    assert len(keys) == len(set(keys)) > 8


def test_the_service_worker_is_for_this_folder_only(bo):
    response = bo.get("/dispatch/sw.js?user=1")
    assert response["Content-Type"].startswith("text/javascript") and "/static/" in response.text
