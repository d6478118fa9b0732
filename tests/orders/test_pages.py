"""The pages of orders: what they show to whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.operations import end, move_object
from orders.listing import OPEN
from orders.models import ServiceOrder
from orders.operations import change_order, relate_object
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER, PLANNER
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import make_agreement, make_object, make_project, make_site
from tests.make_orders import NOW, fresh, make_done_order, make_line, make_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [DISPATCHER, PLANNER, MANAGER, FINANCE])
def test_order_page_opens(client: Client, role):
    order = make_done_order(kinds=("HOUR", "EXPENSE", "FEE"))
    client.force_login(user_in(role))
    page = client.get(f"/orders/{order.number}/")
    assert page.status_code == 200, page.content
    assert order.number in page.content.decode()


def test_each_price_says_why_and_the_cost_why_to_who_may_see_it(client: Client):
    order = make_order()
    make_money.cost_price("41")
    make_money.sales_price("95")
    make_line(order, sales_price=None, cost_price=None)
    for role, seen in ((DISPATCHER, ["95.00 EUR for everybody"]), (FINANCE, ["95.00 EUR for", "41.00 for"])):
        client.force_login(user_in(role))
        page = client.get(f"/orders/{order.number}/").content.decode()
        assert all(sentence in page for sentence in seen) and ("41.00 for" in page) == (role == FINANCE)


def test_the_way_to_the_schedule_is_shown_to_who_may_plan_and_while_there_is_something_to_plan(client):
    order, done = make_order(), make_done_order()
    way = f"{reverse('dispatch:schedule')}?order={order.pk}"
    client.force_login(user_in(DISPATCHER))
    assert way in client.get(f"/orders/{order.number}/").content.decode()
    assert client.get(way).status_code == 200
    assert reverse("dispatch:schedule") not in client.get(f"/orders/{done.number}/").content.decode()
    client.force_login(user_in(FINANCE))
    assert reverse("dispatch:schedule") not in client.get(f"/orders/{order.number}/").content.decode()


def test_an_order_says_which_of_its_objects_stand_elsewhere_on_its_day(client: Client):
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, by=None)
    annex = make_site(lift.customer, "Annex")
    moved = {"site": annex, "today": order.service_on, "by": None}
    client.force_login(user_in(PLANNER))
    page = reverse("orders:order", args=[order.number])
    assert "Stands at" not in client.get(page).text
    move_object(lift.pk, on=order.service_on + timedelta(days=1), version=lift.version, **moved)
    assert "Stands at" not in client.get(page).text, "it moves after the visit"
    later = order.service_on + timedelta(days=2)
    change_order(order.pk, version=fresh(order).version, by=None, at=NOW, service_on=later)
    assert "Stands at Annex on that day" in client.get(page).text


def test_an_open_order_says_that_its_agreement_ends_before(client: Client):
    order = make_order(agreement=make_agreement())
    client.force_login(user_in(PLANNER))
    page = reverse("orders:order", args=[order.number])
    assert "before this visit" not in client.get(page).text
    agreement = order.agreement
    end(
        agreement.pk,
        on=order.service_on - timedelta(days=1),
        reason="Moved",
        version=agreement.version,
        by=None,
    )
    assert "before this visit" in client.get(page).text


def test_what_is_open_is_found_without_reading_what_is_done():
    make_order()
    open_now = ServiceOrder.objects.filter(OPEN).order_by("service_on", "pk")[:10]
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):  # as it is chosen where there are many orders
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = open_now.explain()
    assert "serviceorder_in_process" in plan and "Sort" not in plan, plan


def test_list_opens(client):
    make_order()
    client.force_login(user_in(DISPATCHER))
    assert client.get("/orders/").status_code == 200
    for tab in ("unassigned", "late", "hold", "post", "all"):
        assert client.get(f"/orders/?tab={tab}").status_code == 200
    assert client.get("/orders/?format=csv").status_code == 200


@pytest.mark.parametrize(
    "open_",
    [
        "add:HOUR",
        "add:ITEM",
        "add:EXPENSE",
        "add:FEE",
        "repair:new",
        "relate",
        "relate_task",
        "assign",
        "reason",
        "clock:start",
        "stage:1",
        "nonsense",
        "line:0",
        "task:x",
    ],
)
def test_forms_open(client, open_):
    order = make_order()
    make_line(order)
    client.force_login(user_in(DISPATCHER))
    assert client.get(f"/orders/{order.number}/?open={open_}").status_code == 200


def test_pages_ask_the_database_as_often_for_many_rows_as_for_few(client):
    order = make_order()
    client.force_login(user_in(MANAGER))

    def asked(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    make_line(order)
    few_lines, few_orders = asked(f"/orders/{order.number}/"), asked("/orders/")
    for _number in range(6):
        make_line(order)
        make_order()
    assert asked(f"/orders/{order.number}/") == few_lines
    assert asked("/orders/") == few_orders
    assert few_lines < 45 and few_orders < 15, (few_lines, few_orders)


def test_a_project_leads_to_its_own_orders_and_agreements_and_to_no_others(client: Client):
    mine, other = make_order(project=make_project()), make_order(project=make_project("Another"))
    agreements = [make_agreement(project=order.project) for order in (mine, other)]
    client.force_login(user_in(PLANNER))
    page = client.get(reverse("projects:project", args=[mine.project.number])).content.decode()
    for address, numbers in (
        (reverse("orders:orders"), (mine.number, other.number)),
        (reverse("agreements:agreements"), tuple(row.number for row in agreements)),
    ):
        assert f"{address}?project={mine.project.pk}&amp;tab=all" in page
        listed = client.get(address, {"project": mine.project.pk, "tab": "all"}).content.decode()
        assert numbers[0] in listed and numbers[1] not in listed
