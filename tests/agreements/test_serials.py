"""A swapped-out serial number is recorded against the service object."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from agreements.models import SerialSwap, ServiceObject
from agreements.operations import swap_serial
from servicemgmt.core.errors import Invalid, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER
from tests.agreements.ask import url
from tests.cast import stranger, user_in
from tests.make_agreements import make_object
from tests.make_money import item
from tests.make_orders import make_order, set_parameters

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 16)


def swap(thing: ServiceObject, number: str, on: date = DAY) -> SerialSwap:
    version = ServiceObject.objects.get(pk=thing.pk).version
    return swap_serial(thing.pk, serial_number=number, on=on, version=version, by=None)


def test_issue_3_7_the_number_taken_out_stays_recorded_and_finds_the_object():
    thing = make_object(serial_number="S-1")
    made = swap(thing, " S-2 ")
    thing.refresh_from_db()
    assert (made.old_number, made.new_number, thing.serial_number) == ("S-1", "S-2", "S-2")
    assert list(ServiceObject.objects.all().search("S-1")) == [thing]
    event = Event.objects.get(action="serial_swapped")
    assert event.changes["serial_number"] == ["S-1", "S-2"]


def test_issue_3_7_a_swap_puts_another_free_number_in_and_goes_forward():
    thing = make_object(serial_number="S-1", item=item())
    make_object("Other", serial_number="S-9", item=item())
    set_parameters(one_item_on_many_objects=False)
    for number in ("", "S-1", "S-9"):
        with pytest.raises(Invalid) as refusal, transaction.atomic():
            swap(thing, number)
        assert refusal.value.field == "serial_number"
    swap(thing, "S-2")
    with pytest.raises(Invalid) as refusal:
        swap(thing, "S-3", date(2026, 3, 15))
    assert refusal.value.field == "on"
    with pytest.raises(Stale):
        swap_serial(thing.pk, serial_number="S-4", on=DAY, version=1, by=None)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE agreements_serialswap SET text = 'x'", "serialswap_append_only"),
        ("DELETE FROM agreements_serialswap", "serialswap_append_only"),
        (
            "INSERT INTO agreements_serialswap"
            " (object_id, old_number, new_number, swapped_on, text, subject, label)"
            " SELECT object_id, 'A', 'A', swapped_on, '', '', '' FROM agreements_serialswap",
            "serialswap_puts_another_number_in",
        ),
    ],
)
def test_constraints(statement: str, constraint: str) -> None:
    swap(make_object(serial_number="S-1"), "S-2")
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_of(error.value) == constraint


def test_issue_3_7_a_number_is_swapped_on_a_page_for_an_order(pia: Client) -> None:
    thing, order = make_object(serial_number="S-1"), make_order()
    page = url("object_swap", thing.number)
    assert "In it now: S-1" in pia.get(page).text
    asked = {"serial_number": "S-2", "on": "2026-03-16", "version": 1, "text": "To the workshop"}
    back = pia.post(f"{page}?for=serviceorder:{order.pk}", asked)
    assert back.status_code == 302 and "open" in back.url
    shown = pia.get(url("object", thing.number)).text
    assert "S-1 → S-2" in shown and order.number in shown and "To the workshop" in shown
    assert pia.post(page, asked | {"serial_number": "S-3"}).status_code == 409
    assert pia.post(page, asked | {"version": 2}).status_code == 422
    for day in ("", "2199-01-31"):
        assert pia.post(page, asked | {"version": 2, "serial_number": "S-3", "on": day}).status_code == 422
    assert pia.put(page).status_code == 405
    assert pia.post(f"{page}?for=what:7", asked | {"version": 2, "serial_number": "S-3"}).status_code == 302
    pia.force_login(stranger())
    assert pia.get(page).status_code == 403
    pia.force_login(user_in("Technician"))
    assert pia.get(page).status_code == 403


def test_issue_3_7_the_page_of_a_number_names_the_objects_that_have_or_had_it(client: Client):
    first, second = make_object(serial_number="S-1"), make_object("Other", serial_number="S-9")
    swap(first, "S-2")
    client.force_login(user_in(DISPATCHER))

    def panel(number: str) -> str:
        return client.get(url("objects_with"), {"number": number}).content.decode()

    assert first.number in panel("S-1") and "taken out" in panel("S-1") and "in it now" not in panel("S-1")
    assert "put in" in panel("S-2") and "in it now" in panel("S-2")
    assert second.number in panel("S-9") and first.number not in panel("S-9")
    assert "No service object" in panel("S-7") and "No service object" in panel("")
    client.force_login(stranger())
    assert client.get(url("objects_with")).status_code == 403
