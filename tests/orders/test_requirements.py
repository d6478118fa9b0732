"""Items reserved for an order: on its page, and what they keep it from (SO-13, SO-15, SO-17, SO-18)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from orders.operations import cancel_order, delete_order, drop_requirement, require_on_order
from orders.posting import post_order_lines
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER
from servicemgmt.inventory.operations import receive
from servicemgmt.projects.models import ItemRequirement, Transaction
from servicemgmt.projects.operations import (
    consume_requirement,
    delete_requirement,
    pick_requirement,
    return_requirement,
)
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_site
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_done_order, make_line, make_order, move

pytestmark = pytest.mark.django_db


def need(order, quantity: str = "2", **fields) -> ItemRequirement:
    main = make_money.warehouse()
    receive(make_money.item(), main, Decimal(10), value=Decimal(60), on=TODAY, by=None)
    given = {"category": make_money.category("ITEM"), "warehouse": main, "needed_on": TODAY, "by": None}
    return require_on_order(order.pk, make_money.item(), Decimal(quantity), **(given | fields))


def pick(row: ItemRequirement) -> ItemRequirement:
    return pick_requirement(row.pk, row.quantity, on=TODAY, version=row.version, by=None)


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_SO_17_an_order_reserves_on_its_project():
    order = make_order()
    row = need(order)
    assert (row.project, row.subject, row.label) == (order.project, f"serviceorder:{order.pk}", order.number)
    assert Event.objects.filter(subject=row.subject, action="item_required").exists()


def test_SO_17_32_an_order_without_project_reserves_nothing():
    site = make_site()
    order = make_order(customer=site.customer, site=site)
    assert order.project is None
    with pytest.raises(Refused, match="has no project"):
        need(order)


def test_SO_13_SO_15_37_reserved_items_keep_an_order_from_being_cancelled_and_deleted():
    order = make_order()
    make_line(order)
    row = need(order)
    with pytest.raises(Refused, match="item requirements; delete them"):
        cancel_order(order.pk, version=None, by=None, at=NOW)
    with pytest.raises(Refused, match="item requirements; delete them first"):
        delete_order(order.pk, version=fresh(order).version, by=None)
    drop_requirement(order.pk, row.pk, version=row.version, by=None)
    cancel_order(order.pk, version=None, by=None, at=NOW)


def test_SO_13_what_was_picked_and_returned_no_longer_keeps_it():
    order = make_order()
    make_line(order)
    row = pick(need(order))
    with pytest.raises(Refused, match="return what is picked"):
        cancel_order(order.pk, version=None, by=None, at=NOW)
    return_requirement(row.pk, row.quantity, on=TODAY, version=row.version, by=None)
    cancel_order(order.pk, version=None, by=None, at=NOW)


def test_SO_18_posting_the_order_leaves_its_requirements_alone_and_consuming_posts_on_the_project():
    order = make_done_order()
    row = move_back_and_need(order)
    posted = post_order_lines(order.pk, by=None, at=NOW)
    assert len(posted.lines) == 1
    assert not Transaction.objects.filter(item__isnull=False).exists()
    row = pick(row)
    step = consume_requirement(row.pk, Decimal(1), on=TODAY, version=row.version, by=None, at=NOW)
    assert step.transaction.project == order.project
    assert step.transaction.voucher.subject == f"serviceorder:{order.pk}"
    assert step.transaction.sales_amount == 25


def move_back_and_need(order) -> ItemRequirement:
    """The order is reserved for while it can be changed, and is done again then."""
    move(order, "INPROCESS")
    row = need(order)
    move(order, "COMPLETED")
    return row


def test_SO_17_a_requirement_of_another_order_is_not_dropped_here():
    row = need(make_order())
    with pytest.raises(Invalid):
        drop_requirement(make_order().pk, row.pk, version=row.version, by=None)


def test_SO_17_the_order_page_shows_reserves_and_deletes(client):
    client.force_login(user_in(DISPATCHER))
    order = make_order()
    row = need(order)
    page = reverse("orders:order", args=[order.number])
    add = reverse("orders:requirement_add", args=[order.number])
    shown = text_of(client.get(page))
    assert "Item requirements" in shown and "Reserved" in shown
    assert 'name="needed_on"' in text_of(client.get(page, {"open": "require"}))
    asked = {
        "item": row.item.pk,
        "quantity": "3",
        "warehouse": row.warehouse.pk,
        "needed_on": "2026-03-20",
        "category": row.category.pk,
    }
    assert client.get(add).status_code == 405
    assert client.post(add, asked | {"quantity": ""}).status_code == 422
    assert client.post(add, asked).status_code == 302
    assert ItemRequirement.objects.count() == 2
    remove = reverse("orders:requirement_remove", args=[order.number, row.pk])
    assert client.post(remove, {"version": 9}).status_code == 409
    assert client.post(remove, {"version": row.version}).status_code == 302
    assert ItemRequirement.objects.count() == 1
    assert client.post(remove).status_code == 404
    other = ItemRequirement.objects.get()
    delete_requirement(other.pk, version=other.version, by=None)
    assert "None. Reserve items" in text_of(client.get(page))
    client.force_login(stranger())
    assert client.post(add, asked).status_code == 403


def test_SO_12_an_order_that_may_not_change_reserves_nothing():
    order = make_done_order()
    with pytest.raises(Refused, match="does not allow changes"):
        need(order)


def test_SO_17_a_line_set_up_as_requirement_offers_to_be_reserved(client):
    client.force_login(user_in(DISPATCHER))
    order = make_order()
    line = make_line(order, "ITEM", item_setup="REQUIREMENT", quantity=Decimal(3), description="Belt")
    page = reverse("orders:order", args=[order.number])
    assert f"?open=require:{line.pk}" in text_of(client.get(page))
    form = client.get(page, {"open": f"require:{line.pk}"}).context["form"]
    assert (form["item"].initial, form["quantity"].initial, form["text"].initial) == (line.item, "3", "Belt")
    assert client.get(page, {"open": "require:x"}).context["form"]["item"].initial is None
