"""The pages of stock: works, wrong method, stranger, wrong state, leaves a trace."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from servicemgmt.core.models import Event, User
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.inventory.models import Lot, OnHand
from servicemgmt.inventory.operations import receive
from tests import make_money as make
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleo(client):
    client.force_login(user_in(FINANCE))
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def values(**changes: object) -> dict[str, object]:
    return {
        "item": make.item().pk,
        "warehouse": make.warehouse().pk,
        "quantity": "3",
        "value": "10",
        "on": "2026-03-16",
        "text": "First",
    } | changes


def test_goods_are_received_and_shown_with_their_value(cleo):
    assert cleo.post(reverse("inventory:receive"), values()).url == reverse("inventory:on_hand")
    text = text_of(cleo.get(reverse("inventory:on_hand")))
    assert "F-100" in text and "10.00 EUR" in text and "3.333333" in text
    moves = text_of(cleo.get(reverse("inventory:moves")))
    assert "Receipt" in moves and "V-2026-000001" in moves and "First" in moves
    assert Event.objects.filter(action="stock_received").count() == 1


@pytest.mark.parametrize(("zone", "now"), [("Pacific/Kiritimati", "12:00"), ("Pacific/Honolulu", "05:00")])
def test_goods_are_dated_by_the_company_s_day_wherever_the_reader_is(cleo, zone, now):
    make.firm()
    User.objects.update(time_zone=zone)
    with time_machine.travel(f"2026-03-16T{now}Z", tick=False):
        form = cleo.get(reverse("inventory:receive")).context["form"]
        assert form["on"].value() == date(2026, 3, 16)
        assert cleo.post(reverse("inventory:receive"), values(on="2026-03-17")).status_code == 422
        assert cleo.post(reverse("inventory:receive"), values(on="2026-03-16")).status_code == 302


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"quantity": "0"}, 422),
        ({"value": "-1"}, 422),
        ({"on": "2199-01-31"}, 422),
        ({"on": "2019-01-31"}, 409),
    ],
)
def test_goods_that_cannot_be_received(cleo, changes, status):
    assert cleo.post(reverse("inventory:receive"), values(**changes)).status_code == status
    assert not OnHand.objects.filter(quantity__gt=0).exists()


def test_goods_are_transferred_as_far_as_there_are_any(cleo):
    main, van = make.warehouse(), make.warehouse("VAN")
    receive(make.item(), main, Decimal(3), value=Decimal(9), on=make.TODAY, by=None)
    asked = {"item": make.item().pk, "source": main.pk, "target": van.pk, "quantity": "2", "on": "2026-03-16"}
    assert cleo.post(reverse("inventory:transfer"), asked).status_code == 302
    refused = cleo.post(reverse("inventory:transfer"), asked)
    assert refused.status_code == 409 and "Only 1 PC" in text_of(refused)
    same = cleo.post(reverse("inventory:transfer"), asked | {"target": main.pk})
    assert same.status_code == 422
    assert Event.objects.filter(action="stock_transferred").count() == 1


def test_unused_parts_are_returned_from_a_van(cleo):
    url, main, van = reverse("inventory:return_unused"), make.warehouse(), make.warehouse("VAN")
    assert "Nothing to return" in text_of(cleo.get(url))
    receive(make.item(), van, Decimal(3), value=Decimal(9), on=make.TODAY, by=None)
    field = f"item-{make.item().pk}"
    shown = text_of(cleo.get(url, {"source": van.pk}))
    assert field in shown and "F-100" in shown
    asked = {"source": van.pk, "target": main.pk, "on": "2026-03-16", field: "2"}
    assert cleo.post(url, asked).status_code == 302
    assert list(OnHand.objects.order_by("quantity").values_list("quantity", flat=True)) == [1, 2]
    refused = cleo.post(url, asked)
    assert refused.status_code == 409 and "Only 1 PC" in text_of(refused)
    assert cleo.post(url, asked | {field: ""}).status_code == 422
    assert cleo.put(url).status_code == 405
    assert Event.objects.filter(action="stock_returned").count() == 1


def test_the_lists_are_read_only(cleo):
    for name in ("on_hand", "moves"):
        assert cleo.post(reverse(f"inventory:{name}")).status_code == 405


@pytest.mark.parametrize(
    ("role", "sees", "moves"),
    [
        (FINANCE, True, True),
        (MANAGER, True, True),
        (PLANNER, True, False),
        (DISPATCHER, False, False),
        (TECHNICIAN, False, False),
        ("", False, False),
    ],
)
def test_C_12_who_sees_and_who_moves_stock(client, role, sees, moves):
    make.firm()
    client.force_login(user_in(role) if role else stranger())
    for name in ("on_hand", "moves"):
        assert client.get(reverse(f"inventory:{name}")).status_code == (200 if sees else 403)
    for name in ("receive", "transfer", "return_unused"):
        assert client.get(reverse(f"inventory:{name}")).status_code == (200 if moves else 403)


def test_warehouses_are_kept_by_setup(cleo):
    make.warehouse()
    assert cleo.get(reverse("core:setup_list", args=["warehouse"])).status_code == 200


def test_the_number_is_asked_for_of_tracked_items_only_and_opens_its_history(cleo):
    assert 'name="lot"' not in text_of(cleo.get(reverse("inventory:receive")))
    pump = make.item("PUMP", tracking="SERIAL")
    asked = cleo.post(reverse("inventory:receive"), values(item=pump.pk, quantity="2"))
    assert (
        asked.status_code == 422 and 'name="lot"' in text_of(asked) and "for each piece: 2" in text_of(asked)
    )
    sent = values(item=pump.pk, quantity="2", lot="PUMP-1\nPUMP-2")
    assert cleo.post(reverse("inventory:receive"), sent).status_code == 302
    van = make.warehouse("VAN")
    moved = {
        "item": pump.pk,
        "source": make.warehouse().pk,
        "target": van.pk,
        "quantity": "1",
        "lot": "PUMP-1",
    }
    assert cleo.post(reverse("inventory:transfer"), moved | {"on": "2026-03-16"}).status_code == 302
    back = cleo.get(reverse("inventory:return_unused"), {"source": van.pk})
    assert "PUMP-1" in text_of(back) and "PUMP-2" not in text_of(back)
    lot = Lot.objects.get(number="PUMP-1")
    listed = text_of(cleo.get(reverse("inventory:lots")))
    assert reverse("inventory:lot", args=[lot.pk]) in listed and "PUMP-2" in listed
    history = text_of(cleo.get(reverse("inventory:lot", args=[lot.pk])))
    assert history.count('data-label="Kind"') == 3 and "Van: 1" in history
    only = cleo.get(reverse("inventory:moves"), {"lot": "PUMP-1", "format": "csv"})
    assert b"".join(only.streaming_content if only.streaming else [only.content]).count(b"PUMP-1") == 3
    cleo.force_login(stranger())
    assert cleo.get(reverse("inventory:lots")).status_code == 403
    assert cleo.get(reverse("inventory:lot", args=[lot.pk])).status_code == 403
