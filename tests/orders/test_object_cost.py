"""What visits cost a service object: its own work less what came back, and its share of the rest."""

from decimal import Decimal

import pytest

from agreements.models import ServiceObject
from orders.models import ServiceOrder
from orders.operations import relate_object, require_on_order
from orders.posting import post_order_lines, return_part
from orders.queries.object_cost import cost_text, with_cost
from servicemgmt.core.display import money
from servicemgmt.inventory.operations import receive
from servicemgmt.projects.operations import consume_requirement, pick_requirement
from tests import make_money
from tests.make_agreements import make_object
from tests.make_money import NOW, TODAY
from tests.make_orders import make_line, make_order, move, sign

pytestmark = pytest.mark.django_db


def costs(*objects: ServiceObject) -> list[Decimal]:
    return [with_cost(ServiceOrder.objects.all(), found).get().cost for found in objects]


def test_issue_4_2_returns_take_off_requirements_count_and_what_is_for_all_is_shared_to_the_cent():
    main, part = make_money.warehouse(), make_money.item()
    receive(part, main, Decimal(10), value=Decimal(100), on=TODAY, by=None)
    order, lifts = make_order(), [make_object(f"Lift {number}") for number in (1, 2, 3)]
    for lift in lifts:
        relate_object(order.pk, lift, version=None, by=None)
    used = make_line(order, "ITEM", quantity=Decimal(4), service_object=lifts[0])
    line = make_line(order, "ITEM", quantity=Decimal(2), service_object=lifts[1], item_setup="REQUIREMENT")
    make_line(order, "EXPENSE", quantity=Decimal(1), cost_price=Decimal(100), description="Travel")
    need = require_on_order(
        order.pk,
        part,
        Decimal(2),
        category=line.category,
        warehouse=main,
        needed_on=TODAY,
        line=line.pk,
        by=None,
    )
    need = pick_requirement(need.pk, Decimal(2), on=TODAY, version=need.version, by=None)
    consume_requirement(need.pk, Decimal(2), on=TODAY, version=need.version, by=None, at=NOW)
    move(order, "INPROCESS")
    sign(order)
    post_order_lines(move(order, "COMPLETED").pk, by=None, at=NOW)
    return_part(order.pk, used.pk, Decimal(3), version=None, by=None, at=NOW)
    shares = [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    assert costs(*lifts) == [10 + shares[0], 20 + shares[1], shares[2]], "together what the order cost"
    assert cost_text(ServiceOrder.objects.all(), lifts[1]) == money(Decimal("53.34"), "EUR")


def test_issue_4_2_the_only_object_of_an_order_bears_all_of_it_and_an_unposted_visit_costs_nothing():
    order, lift = make_order(), make_object()
    relate_object(order.pk, lift, version=None, by=None)
    make_line(order, "EXPENSE", quantity=Decimal(1), cost_price=Decimal(100))
    assert cost_text(ServiceOrder.objects.all(), lift) == ""
    move(order, "INPROCESS")
    sign(order)
    post_order_lines(move(order, "COMPLETED").pk, by=None, at=NOW)
    assert costs(lift) == [100]
