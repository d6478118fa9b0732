"""The pages of service requests."""

import pytest

from orders.models import RequestStatus, ServiceOrder, ServiceRequest
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_site
from tests.make_orders import make_request

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("in_march")
def test_a_call_is_taken_and_ordered_in_one_press(client):
    agreement = make_agreement()
    site, ann = make_site(), user_in(DISPATCHER)
    make_request()
    client.force_login(ann)
    page = client.get(f"/orders/requests/new/?customer={site.customer_id}").content.decode()
    assert str(agreement) in page and "What applies" in page
    for name in ("section#choices", "div#about"):
        region = client.get(
            f"/orders/requests/new/?customer={site.customer_id}",
            headers={"HX-Request": "true", "HX-Target": name},
        ).content.decode()
        assert region.lstrip().startswith(f"<{name.partition('#')[0]}") and "<html" not in region
        assert 'name="summary"' not in region, "what is just typed stays"
    data = {"customer": site.customer_id, "summary": "Lift stuck", "priority": "HIGH", "site": site.pk}
    answer = client.post("/orders/requests/new/", data | {"then": "order"})
    order = ServiceOrder.objects.get()
    assert answer.url == f"/orders/{order.number}/" and order.agreement == agreement
    answer = client.post("/orders/requests/new/", data)
    row = ServiceRequest.objects.order_by("-pk").first()
    assert answer.url == f"/orders/requests/{row.number}/"
    assert client.post("/orders/requests/new/", data | {"summary": ""}).status_code == 422
    assert "Lift stuck" in client.get(f"/orders/requests/{row.number}/").content.decode()
    assert client.get("/orders/requests/").status_code == 200
    assert Event.objects.filter(action="received", actor=ann).exists()


def test_where_the_order_cannot_be_made_the_call_is_not_kept_either(client):
    make_request()
    site = make_site()
    client.force_login(user_in(DISPATCHER))
    data = {"customer": site.customer_id, "summary": "Lift stuck", "priority": "HIGH", "then": "order"}
    answer = client.post("/orders/requests/new/", data)
    assert answer.status_code == 409 and "service parameters" in answer.content.decode()
    assert ServiceRequest.objects.count() == 1


@pytest.mark.usefixtures("in_march")
def test_a_request_is_edited_ordered_closed_and_opened_again(client):
    make_agreement()
    make_site()
    row, other = make_request(), make_request()
    client.force_login(user_in(DISPATCHER))
    base, them = f"/orders/requests/{row.number}/", f"/orders/requests/{other.number}/"
    assert client.get(f"{base}edit/").status_code == 200
    data = {"customer": row.customer_id, "summary": "Door stuck", "priority": "LOW", "version": 1}
    assert client.post(f"{base}edit/", data).status_code == 302
    assert client.post(f"{base}edit/", data | {"summary": "X"}).status_code == 409
    for path in ("order", "close", "reopen"):
        assert client.get(f"{base}{path}/").status_code == 405
    assert client.post(f"{base}order/", {"version": 1}).status_code == 409
    assert client.post(f"{base}order/", {"version": 2}).status_code == 302
    assert client.post(f"{them}close/", {"version": 1, "answer": ""}).status_code == 422
    assert client.post(f"{them}close/", {"version": 1, "answer": "Power was off"}).status_code == 302
    assert client.post(f"{them}order/", {"version": 2}).status_code == 409
    assert client.get(them).status_code == 200
    assert client.post(f"{them}reopen/", {"version": 2}).status_code == 302
    assert client.post(f"{them}reopen/", {"version": 3}).status_code == 409
    assert set(ServiceRequest.objects.values_list("status", flat=True)) == {
        RequestStatus.OPEN,
        RequestStatus.ORDERED,
    }
    client.force_login(stranger())
    for path in ("", "edit/", "order/", "close/", "reopen/"):
        assert client.post(f"{base}{path}").status_code in (403, 405)
