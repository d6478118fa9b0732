"""Parts of service BOMs replaced on orders and billed there (TB-06, scenarios 73 and 74)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementObject, BomChange, ServiceBom
from orders.models import BomChangeOnOrder, ServiceOrder
from orders.operations import attach_bom_on_order, delete_order, put_part_in, replace_part, unrelate
from orders.posting import post_order_lines
from orders.queries.boms import boms_of
from servicemgmt.core.errors import Invalid, Refused
from tests import make_money
from tests.cast import user_in
from tests.make_boms import make_bom, make_part, make_relation, make_template, part_of
from tests.make_money import NOW, TODAY
from tests.make_orders import make_done_order, make_order, set_parameters

pytestmark = pytest.mark.django_db


@pytest.fixture
def relation() -> AgreementObject:
    set_parameters(item_category=make_money.category("ITEM"))
    return make_relation()


def replace(bom: ServiceBom, quantity: int, **fields: Any) -> BomChange:
    line, usual = part_of(bom, "P1"), {"on": TODAY, "version": None, "by": None, "at": NOW}
    return replace_part(line.pk, quantity=Decimal(quantity), **(usual | fields))


def order_of(relation: AgreementObject) -> ServiceOrder:
    return make_order(agreement=relation.agreement)


def test_TB_06_scenario_73_a_replaced_part_is_billed_on_the_order(relation: AgreementObject) -> None:
    bom, order = make_bom(relation=relation), order_of(relation)
    change = replace(bom, 1, item=make_part("P1"), order=order, billing="LINE")
    assert (change.action, change.quantity, change.label) == ("QTY_REPLACED", 1, order.number)
    assert sorted(bom.lines.filter(item__number="P1").values_list("quantity", flat=True)) == [1, 3]
    line = order.lines.get()
    assert (line.kind, line.item.number, line.quantity, line.sales_price) == ("ITEM", "P1", 1, 25)
    assert line.object_relation.service_object == relation.service_object
    assert BomChangeOnOrder.objects.get(change=change).line == line
    with pytest.raises(Refused, match="cancel the order"):
        delete_order(order.pk, version=None, by=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        BomChangeOnOrder.objects.update(line=None)


def test_the_page_of_an_object_says_what_its_visits_cost_so_far(
    relation: AgreementObject, client: Client
) -> None:
    order = make_done_order(agreement=relation.agreement, service_object=relation.service_object)
    post_order_lines(order.pk, by=None, at=NOW)
    address = reverse("orders:object_orders", args=[relation.service_object.number])
    region = {"HX-Request": "true", "HX-Target": "section#visits"}
    client.force_login(user_in("Planner"))
    told = client.get(address, headers=region).text
    assert "Cost so far" in told and "80.00" in told
    client.force_login(user_in("Dispatcher"))
    assert "Cost so far" not in client.get(address, headers=region).text


def test_TB_06_scenario_74_without_billing_there_is_history_only(relation: AgreementObject) -> None:
    bom, order = make_bom(relation=relation), order_of(relation)
    change = replace(bom, 4, order=order)
    assert change.action == "REPLACED" and not order.lines.exists()
    assert change.on_order.order == order
    assert replace(bom, 1).label == "" and BomChangeOnOrder.objects.count() == 1


def test_RE_02_the_work_description_names_the_parts_of_an_object(
    relation: AgreementObject, client: Client
) -> None:
    make_bom(relation=relation)
    order = make_order(agreement=relation.agreement, service_object=relation.service_object)
    client.force_login(user_in("Planner"))
    address = reverse("reporting:work_description", args=[order.number])
    assert "Parts: Lift drive" in " ".join(client.get(f"{address}?format=html").text.split())


def test_TB_06_as_an_item_requirement(relation: AgreementObject) -> None:
    bom, order = make_bom(relation=relation), order_of(relation)
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        replace(bom, 1, order=order, billing="REQUIREMENT")
    assert refusal.value.field == "category" and not bom.changes.exists()
    change = replace(
        bom,
        1,
        order=order,
        billing="REQUIREMENT",
        category=make_money.category("ITEM"),
        warehouse=make_money.warehouse(),
    )
    assert change.is_requirement and not order.lines.exists()


def test_TB_06_only_orders_of_the_agreement_and_only_what_is_put_in(relation: AgreementObject) -> None:
    bom, order = make_bom(relation=relation), order_of(relation)
    for fields, field in (
        ({"order": make_order(), "billing": "LINE"}, "order"),
        ({"billing": "LINE"}, "order"),
        ({"order": order, "billing": "LINE", "replacement": False}, "billing"),
    ):
        with pytest.raises(Invalid) as refusal, transaction.atomic():
            replace(bom, 3, **fields)  # type: ignore[arg-type]
        assert refusal.value.field == field
    for fields, day in (({}, TODAY), ({"order": order}, order.service_on)):
        with pytest.raises(Invalid) as refusal:
            replace(bom, 1, on=day + timedelta(days=1), **fields)  # type: ignore[arg-type]
        assert refusal.value.field == "on", "no day that is yet to come, but for that of the visit"
    grown = replace(bom, 6, replacement=False, order=order, billing="LINE")
    assert grown.action == "QTY_CHANGED" and order.lines.get().quantity == 2
    added = put_part_in(
        bom.pk,
        item=make_part("P7"),
        quantity=Decimal(3),
        on=TODAY,
        version=None,
        by=None,
        at=NOW,
        order=order,
        billing="LINE",
    )
    assert added.action == "INSERTED" and order.lines.get(item__number="P7").quantity == 3
    gone = replace(bom, 0, replacement=False, order=order)
    assert gone.action == "DELETED" and gone.on_order.order == order


def test_TB_03_on_an_object_of_an_order(relation: AgreementObject) -> None:
    order = make_order(service_object=relation.service_object)
    mine = order.object_relations.get()
    bom = attach_bom_on_order(order.pk, mine.pk, make_template(), on=TODAY, version=order.version, by=None)
    assert boms_of(order) == {relation.service_object_id: bom}
    mine.refresh_from_db()
    with pytest.raises(Refused, match="delete or move"):
        unrelate(order.pk, mine, version=None, by=None)
    replace(bom, 1, order=order, billing="LINE")
    assert order.lines.get().item.number == "P1"
