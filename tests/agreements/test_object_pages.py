"""The pages of service objects."""

from datetime import date

import pytest
from django.test import Client

from agreements.models import ServiceObject
from tests.agreements.ask import object_data, url
from tests.cast import user_in
from tests.make_agreements import make_object, make_site
from tests.make_money import company_today
from tests.make_orders import make_order, make_worker

pytestmark = pytest.mark.django_db


def test_the_register_its_form_and_its_page(pia: Client) -> None:
    pia.post(url("object_new"), object_data(serial_number="S-9", placed_on="2026-01-01"))
    thing = ServiceObject.objects.get(description="Lift 9")
    assert "Lift 9" in pia.get(url("objects") + "?q=S-9").text
    page = pia.get(url("object", thing.number))
    assert "S-9" in page.text and "since 1 Jan 2026" in page.text
    assert pia.post(url("object_new"), {"description": ""}).status_code == 422
    data = {"description": "Lift 10", "group": thing.group_id, "version": 1, "ended_on": "2026-05-01"}
    assert pia.post(url("object_edit", thing.number), data).status_code == 302
    stale = pia.post(url("object_edit", thing.number), data | {"description": "Lift 11"})
    assert stale.status_code == 409 and "changed by someone else" in stale.text
    assert "Lift 10" in pia.get(url("objects") + "?tab=ended").text


def test_the_parts_of_an_object_are_a_tree(pia: Client) -> None:
    machine = make_object("Machine")
    drive = make_object("Drive", parent=machine)
    make_object("Bearing", parent=drive)
    page = pia.get(url("object", machine.number))
    found = [(row["object"].description, row["depth"]) for row in page.context["parts"]]
    assert found == [("Drive", 0), ("Bearing", 1)]
    circle = {"description": "Machine", "group": machine.group_id, "version": 1, "parent": drive.pk}
    answer = pia.post(url("object_edit", machine.number), circle)
    assert answer.status_code == 409 and "part of itself" in answer.text


def test_an_object_moves(pia: Client) -> None:
    thing, yard = make_object(placed_on=date(2026, 1, 1)), make_site(name="Yard")
    move = url("object_move", thing.number)
    assert pia.get(move).status_code == 200
    assert pia.post(move, {"site": yard.pk, "on": "2025-01-01", "version": 1}).status_code == 422
    assert pia.post(move, {"site": yard.pk, "on": "2026-02-01", "version": 1}).status_code == 302
    assert pia.post(move, {"site": thing.site_id, "on": "2026-03-01", "version": 1}).status_code == 409
    shown = pia.get(url("object", thing.number)).text
    customer = yard.customer
    assert f'href="/masterdata/sites/{yard.number}/"' in shown and "1 Jan 2026 – 31 Jan 2026" in shown
    assert f"{yard.number} Yard" in shown and f"{customer.number} {customer.name}</a>" in shown
    make_object("Drive", parent=thing)
    assert "with_parts" not in pia.get(move).context["form"].fields, "it does not stand there"
    ahead = {"site": make_site(name="Later").pk, "on": "2099-01-01", "version": 2}
    assert pia.post(move, ahead).status_code == 302
    shown, drop = pia.get(url("object", thing.number)).text, url("object_move_drop", thing.number)
    assert drop in shown and "planned" in shown
    for version, said in ((2, "was changed by someone else"), (3, "is taken back"), (4, "No move of")):
        assert said in pia.post(drop, {"version": version}, follow=True).text


def test_C12_a_technician_opens_the_objects_of_his_orders_only(client: Client) -> None:
    bo = user_in("Technician")
    client.force_login(bo)
    mine, other = make_object("Mine"), make_object("Other")
    order = make_order(service_object=mine, service_on=company_today())
    order.assignments.create(worker=make_worker("Bo", user=bo))
    page = client.get(url("object", mine.number))
    assert page.status_code == 200 and "Cost" not in page.text
    assert client.get(url("object", other.number)).status_code == 404
    assert client.get(url("objects")).status_code == 403


def test_C12_a_page_asks_for_nothing_its_reader_may_not_see(client: Client) -> None:
    thing = make_object("Lift")
    visits, customer = f"/orders/of-object/{thing.number}/", f"/masterdata/customers/{thing.customer.number}/"
    for role, sees_visits in (("Planner", True), ("Administrator", False)):
        client.force_login(user_in(role))
        page = client.get(url("object", thing.number)).text
        assert (visits in page) is sees_visits
        assert ("No agreement covers this object." in page) is sees_visits
    bo = user_in("Technician")
    client.force_login(bo)
    order = make_order(service_object=thing, service_on=company_today())
    order.assignments.create(worker=make_worker("Bo", user=bo))
    page = client.get(url("object", thing.number)).text
    assert visits in page and customer not in page
