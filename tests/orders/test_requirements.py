"""Items reserved for an order: on its page, and what they keep it from (SO-13, SO-15, SO-17, SO-18)."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from orders.models import ServiceOrderLine
from orders.operations import (
    cancel_line,
    cancel_order,
    change_line,
    change_order,
    delete_order,
    drop_requirement,
    require_on_order,
    revoke_line,
    revoke_order,
)
from orders.posting import post_order_lines, undo_posting
from orders.queries.detail import line_rows
from orders.queries.posting import orders_to_post
from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER
from servicemgmt.inventory.models import OnHand
from servicemgmt.inventory.operations import receive
from servicemgmt.masterdata.models import InvoiceGrouping
from servicemgmt.projects.models import ItemRequirement, Transaction
from servicemgmt.projects.operations import (
    change_requirement,
    consume_requirement,
    delete_requirement,
    make_proposals,
    pick_requirement,
    return_requirement,
    undo_consumption,
)
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_site
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_done_order, make_line, make_order, move, sign

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


def test_SO_17_what_an_order_needs_goes_with_it_to_its_new_project():
    order, other = make_order(), make_money.project("Other", customer=make_money.customer())
    row, used = need(order), pick(need(order))
    change = partial(change_order, order.pk, version=None, by=None, at=NOW)
    consumed = consume_requirement(used.pk, Decimal(1), on=TODAY, version=used.version, by=None, at=NOW)
    with pytest.raises(Refused, match=f"used on {order.project.number} already"):
        change(project=other)
    used.refresh_from_db()
    undo_consumption(used.pk, consumed.pk, on=TODAY, version=used.version, by=None, at=NOW)
    with pytest.raises(Refused, match="delete its requirements first"):
        change(project=None)
    change(project=other)
    assert [found.project for found in ItemRequirement.objects.all()] == [other, other]
    assert Event.objects.get(subject=subject_of(row), action="changed").changes["project"][1] == str(other)


def test_SO_17_a_price_agreed_for_goods_does_not_go_to_a_project_in_another_currency():
    order = make_order()
    abroad = make_money.project("London", customer=order.customer, currency=make_money.money("USD"))
    row = need(order, sales_price=Decimal(50))
    with pytest.raises(Refused, match="was entered in EUR; delete its requirement first"):
        change_order(order.pk, version=None, by=None, at=NOW, project=abroad)
    drop_requirement(order.pk, row.pk, version=row.version, by=None)
    need(order)
    change_order(order.pk, version=None, by=None, at=NOW, project=abroad)
    assert ItemRequirement.objects.get().project == abroad


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
    asked = {name: form[name].initial for name in ("quantity", "text", "line", "needed_on")}
    asked |= {"item": line.item.pk, "category": line.category.pk, "warehouse": make_money.warehouse().pk}
    add = reverse("orders:requirement_add", args=[order.number])
    assert client.post(add, asked | {"item": make_money.item("Other").pk}).status_code == 422
    assert client.post(add, asked).status_code == 302
    line.refresh_from_db()
    assert line.requirement == ItemRequirement.objects.get()
    assert client.post(add, asked).status_code == 409, "a line needs one requirement"
    shown = text_of(client.get(page))
    assert "?open=require:" not in shown and f"?open=line:{line.pk}" not in shown
    change = reverse("orders:line_change", args=[order.number, line.pk])
    assert client.post(change, {"version": line.version, "quantity": 5}).status_code in (409, 422)
    assert fresh(line).quantity == 3


def waiting(quantity: str = "3") -> tuple[ServiceOrderLine, ItemRequirement]:
    """An order with an hour, and a line that is an item requirement with what is reserved for it."""
    order = make_order()
    make_line(order)
    line = make_line(
        order, "ITEM", item_setup="REQUIREMENT", quantity=Decimal(quantity), sales_price=Decimal(30)
    )
    row = need(order, quantity, line=line.pk, sales_price=Decimal(30))
    return fresh(line), row


def step(work, row: ItemRequirement, quantity: str, **fields):
    """Do this with so many of the requirement as it stands."""
    at = {"at": NOW} if work is consume_requirement else {}
    return work(row.pk, Decimal(quantity), on=TODAY, version=fresh(row).version, by=None, **(at | fields))


def test_SO_18_SO_11_a_line_is_posted_by_the_consumption_of_its_requirement_and_posting_leaves_it_alone():
    line, row = waiting()
    order = line.order
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    step(pick_requirement, row, "3")
    step(consume_requirement, row, "1")
    assert fresh(line).status == "CREATED", "two are in hand"
    posted = post_order_lines(order.pk, by=None, at=NOW)
    assert (len(posted.lines), posted.refused) == (1, []), "no word of the requirement"
    assert fresh(order).progress == "IN_PROCESS"
    assert not orders_to_post({}).exists()
    (shown,) = [row for row in line_rows(fresh(order)) if row.line == line]
    assert (shown.sales, shown.cost) == (90, 6 + 2 * (line.cost_price or 0))
    last = step(consume_requirement, row, "1")
    step(return_requirement, row, "1")
    assert (fresh(line).status, fresh(order).progress) == ("POSTED", "POSTED")
    assert Event.objects.filter(subject=row.subject, action="posted", changes__lines__1=[str(line)]).exists()
    (shown,) = [row for row in line_rows(fresh(order)) if row.line == line]
    assert (shown.sales, shown.cost) == (60, 12)
    undo_consumption(row.pk, last.pk, on=TODAY, version=fresh(row).version, by=None, at=NOW)
    assert (fresh(line).status, fresh(order).progress) == ("CREATED", "IN_PROCESS")
    step(return_requirement, row, "1")
    assert (fresh(line).status, fresh(order).progress) == ("POSTED", "POSTED")
    undo_posting(order.pk, version=None, by=None, at=NOW)
    assert fresh(line).status == "POSTED", "undoing is about what posting did"
    with pytest.raises(Refused, match="take the consumption"):
        change_line(line.pk, version=None, by=None, at=NOW, quantity=Decimal(9))


def test_SO_18_a_line_of_which_all_came_back_is_cancelled():
    line, row = waiting()
    step(pick_requirement, row, "3")
    step(return_requirement, row, "3")
    assert (fresh(line).status, fresh(line).requirement) == ("CANCELLED", None)
    assert fresh(line.order).progress == "IN_PROCESS"
    revoke_line(line.pk, version=None, by=None, at=NOW)
    assert (fresh(line).requirement.quantity, OnHand.objects.get().reserved) == (3, 3)


def test_SO_13_cancelling_the_line_releases_what_is_reserved_and_taking_it_back_reserves_anew():
    line, row = waiting()
    step(pick_requirement, row, "1")
    with pytest.raises(Refused, match="return it first"):
        cancel_line(line.pk, version=None, by=None, at=NOW)
    step(return_requirement, row, "1")
    assert OnHand.objects.get().reserved == 2
    cancel_line(line.pk, version=None, by=None, at=NOW)
    assert (OnHand.objects.get().reserved, fresh(row).status) == (0, "RETURNED")
    revoke_line(line.pk, version=None, by=None, at=NOW)
    again = fresh(line).requirement
    assert (again.sales_price, OnHand.objects.get().reserved) == (30, 3)
    cancel_line(line.pk, version=None, by=None, at=NOW)
    assert not ItemRequirement.objects.filter(pk=again.pk).exists(), "nothing was done for it"
    cancel_order(line.order_id, version=None, by=None, at=NOW)
    revoke_order(line.order_id, version=None, by=None, at=NOW)
    assert fresh(line).requirement and OnHand.objects.get().reserved == 3


def test_SO_17_a_line_needs_as_many_as_its_requirement_and_waits_again_when_that_is_deleted():
    line, row = waiting()
    move(line.order, "INPROCESS")
    sign(line.order)
    changed = {"needed_on": TODAY, "text": "", "by": None, "at": NOW}
    row = change_requirement(row.pk, quantity=Decimal(5), version=row.version, **changed)
    assert (fresh(line).quantity, fresh(line.order).signed_off_at) == (5, None)
    step(pick_requirement, row, "2")
    step(consume_requirement, row, "2")
    change_requirement(row.pk, quantity=Decimal(2), version=fresh(row).version, **changed)
    assert (fresh(line).quantity, fresh(line).status) == (2, "POSTED")
    other, row = waiting()
    delete_requirement(row.pk, version=row.version, by=None)
    assert (fresh(other).requirement, fresh(other).status) == (None, "CREATED")


def test_PR_09_SO_18_goods_consumed_for_an_order_are_proposed_with_its_hours():
    agreement = make_agreement()
    order = make_order(agreement=agreement)
    make_line(order)
    row = pick(need(order))
    used = step(consume_requirement, row, "2").transaction
    assert (used.site, used.agreement_number) == (order.site, agreement.number)
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    post_order_lines(order.pk, by=None, at=NOW)
    (proposal,) = make_proposals(
        Transaction.objects.all(), invoice_date=TODAY, by=None, at=NOW, grouping=InvoiceGrouping.AGREEMENT
    )
    assert proposal.lines.count() == 2


def test_a_cancelled_or_journal_line_has_no_requirement_and_a_posted_one_a_transaction_or_a_requirement():
    line, row = waiting()
    for fields, name in (
        ({"status": "CANCELLED"}, "orderline_requirement_where_set_up_so"),
        ({"item_setup": "JOURNAL"}, "orderline_requirement_where_set_up_so"),
        (
            {"requirement": None, "status": "POSTED", "signed_off_at": NOW},
            "orderline_transaction_when_posted",
        ),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ServiceOrderLine.objects.filter(pk=line.pk).update(**fields)
