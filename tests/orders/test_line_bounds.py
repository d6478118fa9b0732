"""What was worked and spent can be: hours of a day, costs that are not below nothing (SO-20, PR-04)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from orders.models import ServiceOrderLine
from orders.operations import cancel_line, change_line, revoke_line, revoke_order
from servicemgmt.core.errors import Invalid
from servicemgmt.projects.models import LineKind
from tests.make_money import NOW, TODAY
from tests.make_orders import make_line, make_order, make_worker

pytestmark = pytest.mark.django_db


def test_SO_20_a_worker_has_24_hours_on_a_day_over_all_orders():
    bo, order = make_worker(), make_order()
    first = make_line(order, worker=bo, quantity=Decimal(20), executed_on=TODAY)
    more = {"worker": bo, "quantity": Decimal("4.5"), "executed_on": TODAY}
    with pytest.raises(Invalid, match="Bo would have 24.5 hours on .* and a day has 24") as refusal:
        make_line(make_order(), **more)
    assert refusal.value.field == "quantity"
    second = make_line(make_order(), **more | {"quantity": Decimal(4)})
    for fine in ({"worker": make_worker("Kim")}, {"executed_on": TODAY + timedelta(days=1)}):
        make_line(order, **more | fine)
    plan = make_line(order, **more | {"executed_on": None, "quantity": Decimal(60)})
    for said in (
        {"quantity": Decimal(21)},
        {"quantity": None, "started_at": NOW, "ended_at": NOW + timedelta(hours=21)},
    ):
        with pytest.raises(Invalid, match="Bo would have 25 hours"):
            change_line(first.pk, version=None, by=None, at=NOW, **said)
    with pytest.raises(Invalid, match="Bo would have 84 hours"):
        change_line(plan.pk, version=None, by=None, at=NOW, executed_on=TODAY)
    cancel_line(second.pk, version=None, by=None, at=NOW)
    change_line(first.pk, version=None, by=None, at=NOW, quantity=Decimal(21))
    with pytest.raises(Invalid, match="Bo would have 25 hours"):
        revoke_line(second.pk, version=None, by=None, at=NOW)
    with pytest.raises(Invalid, match="Bo would have 25 hours"):
        revoke_order(second.order_id, version=None, by=None, at=NOW)


def test_PR_04_an_expense_costs_nothing_or_more_and_comes_back_by_its_number():
    with pytest.raises(Invalid, match="entered with a negative number") as refusal:
        make_line(make_order(), LineKind.EXPENSE, cost_price=Decimal(-12))
    assert refusal.value.field == "cost_price"
    back = make_line(make_order(), LineKind.EXPENSE, cost_price=Decimal(12), quantity=Decimal(-1))
    assert back.cost_price == 12


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"quantity": Decimal("24.01")}, "orderline_hours_of_a_day"),
        ({"cost_price": Decimal("-0.01")}, "orderline_cost_not_negative"),
    ],
)
def test_the_database_refuses_what_cannot_have_been_worked_or_spent(said, name):
    line = make_line(make_order(), worker=make_worker(), executed_on=TODAY)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ServiceOrderLine.objects.filter(pk=line.pk).update(**said)
