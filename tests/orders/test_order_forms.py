"""Orders made, changed, cancelled and deleted by hand."""

import pytest

from orders.forms import LineForm
from orders.models import LineStatus, OrderProgress, ServiceOrder, SlaStatus
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE
from tests.cast import user_in
from tests.make_agreements import make_agreement
from tests.make_money import category, item
from tests.make_orders import fresh, make_line, make_order, make_reason, move

pytestmark = pytest.mark.django_db


def test_order_is_created_edited_and_deleted_by_hand(client):
    agreement = make_agreement("Yearly check")
    make_order()
    client.force_login(user_in(DISPATCHER))
    page = client.get(f"/orders/new/?agreement={agreement.pk}")
    assert page.status_code == 200 and "Yearly check" in page.content.decode()
    answer = client.post(
        "/orders/new/",
        {"agreement": agreement.pk, "priority": "HIGH", "service_on": "2026-05-04", "window_from": "08:00",
         "window_until": "10:00", "site": agreement.project.site_id},
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    order = ServiceOrder.objects.get(agreement=agreement)
    assert order.description == "Yearly check" and order.promised_window.lower.isoformat().startswith(
        "2026-05-04"
    )
    edit = f"/orders/{order.number}/edit/"
    assert client.get(edit).status_code == 200
    data = {
        "description": "Other", "priority": "LOW", "service_on": "2026-05-05", "site": order.site_id, "version": 2,
    }  # fmt: skip
    assert client.post(edit, data).status_code == 409, "another version"
    answer = client.post(edit, data | {"version": order.version})
    assert answer.status_code == 302 and fresh(order).description == "Other"
    delete = f"/orders/{order.number}/delete/"
    assert client.get(delete).status_code == 405
    assert client.post(delete).status_code == 302
    assert not ServiceOrder.objects.filter(pk=order.pk).exists()
    assert Event.objects.filter(action="deleted").exists()


def test_a_new_order_that_cannot_be_is_shown_again(client):
    agreement = make_agreement()
    make_order()
    client.force_login(user_in(DISPATCHER))
    answer = client.post(
        "/orders/new/", {"agreement": agreement.pk, "priority": "LOW", "service_on": "2031-01-01"}
    )
    assert answer.status_code == 422 and "outside the period" in answer.content.decode()
    client.force_login(user_in(FINANCE))
    assert client.get("/orders/new/").status_code == 403


def test_hours_are_promised_where_the_site_is_the_usual_one_and_never_those_that_the_clock_leaves_out(client):
    agreement = make_agreement()
    make_order()
    client.force_login(user_in(DISPATCHER))
    asked = {"agreement": agreement.pk, "priority": "LOW", "service_on": "2026-03-29"}
    gap = {"window_from": "02:10", "window_until": "02:40"}
    refused = client.post("/orders/new/", asked | gap)
    assert refused.status_code == 422 and "goes forward over these hours" in refused.content.decode()
    assert (
        client.post("/orders/new/", asked | {"window_from": "08:00", "window_until": "10:00"}).status_code
        == 302
    )
    order = ServiceOrder.objects.get(agreement=agreement)
    assert order.promised_window.lower.isoformat() == "2026-03-29T06:00:00+00:00"
    data = {"description": "x", "priority": "LOW", "service_on": "2026-03-29", "site": order.site_id}
    refused = client.post(f"/orders/{order.number}/edit/", data | gap | {"version": order.version})
    assert refused.status_code == 422 and "goes forward over these hours" in refused.content.decode()


def test_an_order_that_must_stay_is_not_deleted(client, scene):
    move(scene.order, "INPROCESS")
    client.force_login(user_in(DISPATCHER))
    answer = client.post(f"/orders/{scene.order.number}/delete/", follow=True)
    assert ServiceOrder.objects.exists() and "does not allow deleting" in answer.content.decode()


def test_cancelled_and_taken_back(client, scene):
    client.force_login(user_in(DISPATCHER))
    for action, progress in (("cancel", OrderProgress.CANCELLED), ("revoke", OrderProgress.IN_PROCESS)):
        answer = client.post(
            f"/orders/{scene.order.number}/{action}/", {"version": fresh(scene.order).version}
        )
        assert answer.status_code == 302 and fresh(scene.order).progress == progress
    assert {line.status for line in scene.order.lines.all()} == {LineStatus.CREATED}


def test_the_sla_is_cancelled_with_its_reason(client, scene):
    client.force_login(user_in(DISPATCHER))
    url = f"/orders/{scene.order.number}/clock/cancel/"
    data = {"version": fresh(scene.order).version}
    assert client.post(url, data).status_code == 422
    assert client.post(url, data | {"reason": make_reason().pk}).status_code == 302
    assert fresh(scene.order).sla_status == SlaStatus.CANCELLED
    assert client.post(f"/orders/{scene.order.number}/clock/melt/", data).status_code == 409


def test_a_line_asks_for_the_piece_of_a_tracked_item_once():
    order, pump, kind = make_order(), item("PUMP", tracking="SERIAL"), category("ITEM")
    sent = {"item": item().pk, "quantity": "1", "category": kind.pk}
    assert "lot_number" not in LineForm(sent, order=order, kind="ITEM").fields
    assert "item" in LineForm(sent | {"item": ""}, order=order, kind="ITEM").errors
    first = LineForm(sent | {"item": pump.pk}, order=order, kind="ITEM")
    assert not first.is_valid() and list(first.errors) == ["lot_number"]
    again = LineForm(sent | {"item": pump.pk, "lot_number": ""}, order=order, kind="ITEM")
    assert again.is_valid() and again.values["lot_number"] == ""
    assert "lot_number" in LineForm(instance=make_line(order, "ITEM", item=pump), order=order).fields
