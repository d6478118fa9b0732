"""AG-15, AG-16: lines of templates, of agreements and of other orders, copied into an order."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agreements import operations as agreements
from orders.copying.operations import copy_from_agreement, copy_from_order
from orders.models import LineStatus
from orders.operations import relate_object, relate_task
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.core.models import Event
from tests.cast import stranger, user_in
from tests.make_agreements import (
    make_agreement,
    make_interval,
    make_object,
    make_project,
    make_task,
    make_template_group,
)
from tests.make_agreements import make_line as make_agreement_line
from tests.make_money import line_property, money
from tests.make_orders import NOW, fresh, make_line, make_order

pytestmark = pytest.mark.django_db


def test_AG_15_lines_of_a_template_bring_their_relations_into_an_order(django_assert_max_num_queries) -> None:
    template = make_agreement("Model", template_group=make_template_group())
    lift = agreements.relate_object(template.pk, make_object(), by=None)
    task = agreements.relate_task(template.pk, make_task("OIL", note_internal="Bring oil"), by=None)
    ids = [make_agreement_line(template, object_relation=lift, task_relation=task).pk for _ in range(3)]
    order = make_order()
    with django_assert_max_num_queries(40):
        made = copy_from_agreement(order.pk, ids, version=order.version, by=user_in("Planner"), at=NOW)
    assert [line.line_number for line in made] == [1, 2, 3]
    assert {line.planned_quantity for line in made} == {Decimal(1)} and made[0].agreement_line is None
    assert order.object_relations.get().service_object == lift.service_object
    assert order.task_relations.get().note_internal == "Bring oil"
    assert Event.objects.filter(subject=f"serviceorder:{order.pk}", action="line_added").count() == 3
    with pytest.raises(Stale):
        copy_from_agreement(order.pk, ids, version=order.version, by=None, at=NOW)
    agreements.stop_line(ids[0], reason="Unused", version=1, by=None)
    with pytest.raises(Refused, match="stopped"):
        copy_from_agreement(order.pk, ids, version=None, by=None, at=NOW)


def test_AG_15_AG_06_lines_of_an_agreement_bring_their_relations_and_what_was_agreed() -> None:
    agreement = make_agreement()
    abroad = make_agreement("Abroad", project=make_project("Dollars", currency=money("USD")))
    lift = agreements.relate_object(agreement.pk, make_object(), by=None)
    covered = line_property("COVERED")
    here = make_agreement_line(
        agreement, object_relation=lift, line_property=covered, sales_price=Decimal(99)
    )
    foreign = make_agreement_line(abroad, sales_price=Decimal(99))
    order = make_order(agreement=agreement)
    ids = [here.pk, foreign.pk]
    first, second = copy_from_agreement(order.pk, ids, version=None, by=None, at=NOW)
    assert (first.object_relation.service_object, first.line_property) == (lift.service_object, covered)
    assert (first.sales_price, first.is_sales_price_modified) == (Decimal(99), True)
    assert not second.is_sales_price_modified
    agreements.suspend(agreement.pk, reason="Rests", version=fresh(agreement).version, by=None)
    with pytest.raises(Refused, match="stopped"):
        copy_from_agreement(order.pk, ids, version=None, by=None, at=NOW)


def test_AG_16_lines_of_another_order_are_content_only() -> None:
    source, target = make_order(), make_order(service_on=date(2026, 5, 4))
    price = {"sales_price": Decimal("99.50"), "discount": Decimal(10)}
    make_line(source, quantity=Decimal(2), executed_on=date(2026, 3, 16), **price)
    found = make_line(source, quantity=Decimal(3), sales_price=None)
    copied = copy_from_order(
        target.pk, source, [row.pk for row in source.lines.all()], version=None, by=None, at=NOW
    )
    by_hand, searched = copied
    assert {line.status for line in copied} == {LineStatus.CREATED}
    assert {(line.signed_off_at, line.transaction, line.executed_on) for line in copied} == {
        (None, None, None)
    }
    assert (by_hand.quantity, by_hand.listed_price, by_hand.sales_price, by_hand.is_sales_price_modified) == (
        2,
        Decimal("99.50"),
        Decimal("89.55"),
        True,
    )
    assert searched.quantity == 3 and not searched.is_sales_price_modified
    with pytest.raises(Refused, match="Tick"):
        copy_from_order(target.pk, target, [found.pk], version=None, by=None, at=NOW)
    abroad = make_order(project=make_project("London", currency=money("USD")))
    (other,) = copy_from_order(
        abroad.pk, source, [source.lines.order_by("pk")[0].pk], version=None, by=None, at=NOW
    )
    assert not other.is_sales_price_modified, "it was entered in another currency"


def test_AG_15_AG_16_the_dialog(client: Client) -> None:
    template = make_agreement("Model", template_group=make_template_group())
    keep = make_agreement_line(template, description="Keep")
    source, order = make_order(), make_order()
    line = make_line(source, description="Of the order")
    agreement = make_agreement("Care")
    make_agreement_line(agreement, description="Agreed")
    url = reverse("orders:copy_lines", args=[order.number])
    assert client.get(url).status_code == 302
    client.force_login(stranger())
    assert client.get(url).status_code in (403, 404)
    client.force_login(user_in("Planner"))
    assert "Model" in client.get(url).text and client.delete(url).status_code == 405
    assert "Keep" in client.get(url, {"source": template.pk}).text
    assert "Of the order" in client.get(url, {"order-typed": source.number}).text
    assert "Agreed" in client.get(url, {"source-typed": agreement.number}).text
    assert client.post(f"{url}?source={template.pk}", {"version": order.version}).status_code == 409
    answer = client.post(f"{url}?source={template.pk}", {"version": order.version, "line": keep.pk})
    assert answer.status_code == 302
    version = fresh(order).version
    client.post(f"{url}?order={source.pk}", {"version": version, "line": line.pk})
    assert list(order.lines.values_list("description", flat=True)) == ["Keep", "Of the order"]


def test_lines_of_an_order_become_lines_of_an_agreement(client: Client) -> None:
    agreement, order = make_agreement(), make_order()
    lift = relate_object(order.pk, make_object(), by=None)
    task = relate_task(order.pk, make_task("OIL", note_internal="Bring oil"), by=None)
    line = make_line(order, object_relation=lift, task_relation=task, quantity=Decimal("1.5"))
    back = make_line(order, "EXPENSE", quantity=Decimal(-1))
    url = reverse("orders:to_agreement", args=[order.number])
    data = {"agreement": agreement.pk, "start_date": "2026-03-01", "interval": make_interval().pk}
    client.force_login(stranger())
    assert client.get(url).status_code == 403
    client.force_login(user_in("Planner"))
    assert line.description in client.get(url).text and client.delete(url).status_code == 405
    assert client.post(url, data).status_code == 409
    assert client.post(url, data | {"line": back.pk}).status_code == 422
    assert client.post(url, data | {"line": line.pk, "start_date": "2030-01-01"}).status_code == 422
    assert client.post(url, data | {"line": line.pk})["Location"].endswith(f"/{agreement.number}/")
    copy = agreement.lines.get()
    assert (copy.quantity, copy.start_date, copy.interval) == (
        line.quantity,
        date(2026, 3, 1),
        make_interval(),
    )
    assert copy.object_relation.service_object == lift.service_object and copy.sales_price is None
    assert copy.task_relation.note_internal == "Bring oil"
    assert Event.objects.filter(subject=f"serviceagreement:{agreement.pk}", action="line_added").exists()
