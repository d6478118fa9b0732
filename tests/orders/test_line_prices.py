"""What lines of orders cost, and who bears them: found, entered, discounted, under warranty (PR-08 … PR-12)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from agreements.models import ServiceObject
from orders.copying.operations import copy_from_order
from orders.operations import (
    add_line,
    change_line,
    change_order,
    relate_object,
)
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Event
from servicemgmt.projects.models import Coverage, LineKind, SalesDiscount
from servicemgmt.projects.pricing.discounts import discount_in
from servicemgmt.projects.pricing.explain import explain
from tests import make_money
from tests.make_agreements import make_object
from tests.make_money import NOW
from tests.make_orders import (
    make_line,
    make_order,
    make_worker,
    set_parameters,
)

pytestmark = pytest.mark.django_db


def test_AG_08_a_line_gets_category_property_prices_and_currency_of_its_project():
    order = make_order()
    make_money.cost_price("41")
    make_money.sales_price("95")
    set_parameters(hour_category=make_money.category())
    line = add_line(order.pk, version=order.version, by=None, at=NOW, kind="HOUR", quantity=Decimal("1.5"))
    assert line.category.code == "HOUR" and line.line_property.coverage == Coverage.CHARGED
    assert (line.cost_price, line.sales_price, line.is_sales_price_modified) == (41, 95, False)
    assert line.price_reason["sales"]["chosen"]["price"] == "95"
    assert line.description == "Hour" and line.line_number == 1


def test_PR_10_a_sales_price_by_hand_stays_when_the_worker_changes_and_goes_when_emptied():
    order = make_order()
    make_money.sales_price("95")
    bo, kim = make_worker(), make_worker("Kim")
    make_money.sales_price("70", worker=kim)
    line = make_line(order, sales_price=None, worker=bo)
    assert line.sales_price == 95 and not line.is_sales_price_modified
    line = change_line(line.pk, version=1, by=None, at=NOW, sales_price=Decimal(80))
    assert line.is_sales_price_modified and line.price_reason["sales"]["by_hand"]
    line = change_line(line.pk, version=2, by=None, at=NOW, worker=kim)
    assert line.sales_price == 80 and line.is_sales_price_modified
    line = change_line(line.pk, version=3, by=None, at=NOW, sales_price=None)
    assert line.sales_price == 70 and not line.is_sales_price_modified


def test_a_discount_entered_on_the_line_is_taken_off_what_is_found_or_entered_and_replaces_that_of_the_customer():
    order = make_order()
    make_money.sales_price("95")
    SalesDiscount.objects.create(
        kind=LineKind.HOUR, percent=50, valid_from=date(2020, 1, 1), customer=order.project.customer
    )
    line = make_line(order, sales_price=None, discount=Decimal("12.5"))
    assert (line.sales_price, line.listed_price, line.is_sales_price_modified) == (
        Decimal("83.125"),
        95,
        False,
    )
    assert discount_in(line.price_reason, line.sales_price) == (95, Decimal("12.5")), (
        "as the invoice will say"
    )
    told = " ".join(explain(line.price_reason["sales"]))
    assert "12.5 % entered by hand is taken off 95" in told and "50 % for" in told and "by hand" in told
    line = change_line(line.pk, version=1, by=None, at=NOW, sales_price=Decimal(95), discount=Decimal("12.5"))
    assert (line.sales_price, line.is_sales_price_modified) == (Decimal("83.125"), False), (
        "sent back by a form"
    )
    line = change_line(line.pk, version=2, by=None, at=NOW, sales_price=Decimal(80))
    assert (line.sales_price, line.listed_price, line.is_sales_price_modified) == (70, 80, True)
    line = change_line(line.pk, version=3, by=None, at=NOW, quantity=Decimal(3), worker=make_worker("Kim"))
    assert (line.sales_price, line.listed_price) == (70, 80), "priced again, it is taken off once"
    line = change_line(line.pk, version=4, by=None, at=NOW, discount=Decimal(0), sales_price=None)
    assert (line.sales_price, line.agreed_price) == (95, 95), "no discount at all, whatever the customer has"
    line = change_line(line.pk, version=5, by=None, at=NOW, discount=None)
    assert (line.sales_price, line.agreed_price) == (Decimal("47.5"), None)


@pytest.mark.parametrize(
    ("kind", "days", "reason"),
    [
        ("ITEM", 0, "Warranty on parts until 16 Mar 2026"),
        ("ITEM", 1, ""),
        ("HOUR", -1, "Warranty on labour until 15 Mar 2026"),
        ("HOUR", 0, ""),
        ("EXPENSE", -1, ""),
    ],
)
def test_parts_and_hours_on_an_object_under_warranty_are_borne_by_it_to_its_last_day(kind, days, reason):
    day = date(2026, 3, 16)
    set_parameters(warranty_line_property=make_money.line_property(Coverage.WARRANTY))
    order = make_order(service_on=day)
    thing = make_object(
        customer=order.customer, warranty_parts_until=day, warranty_labour_until=day - timedelta(days=1)
    )
    relate_object(order.pk, thing, version=None, by=None)
    line = make_line(order, kind, service_object=thing, executed_on=day + timedelta(days=days))
    assert line.line_property.coverage == (Coverage.WARRANTY if reason else Coverage.CHARGED)
    assert line.coverage_reason == reason
    said = make_line(order, kind, service_object=thing, line_property=order.project.line_property)
    assert said.line_property.coverage == Coverage.CHARGED, "who says otherwise is heard"


def test_PR_09_a_warranty_that_bears_a_share_takes_it_off_once_and_says_so():
    day = date(2026, 3, 16)
    set_parameters(warranty_line_property=make_money.line_property(Coverage.WARRANTY))
    make_money.sales_price("95")
    order = make_order(service_on=day)
    thing = make_object(
        customer=order.customer, warranty_labour_until=day, warranty_labour_percent=Decimal(40)
    )
    relate_object(order.pk, thing, version=None, by=None)
    line = make_line(order, sales_price=None, service_object=thing)
    assert (line.line_property.coverage, line.warranty, line.sales_price) == (Coverage.CHARGED, 40, 57)
    assert line.coverage_reason == "Warranty on labour until 16 Mar 2026"
    told = " ".join(explain(line.price_reason["sales"]))
    assert "40 % that is borne (Warranty on labour until 16 Mar 2026) is taken off 95" in told
    assert discount_in(line.price_reason, line.sales_price) == (95, 40), "as the invoice will say"
    line = change_line(
        line.pk, version=1, by=None, at=NOW, worker=make_worker("Kim"), sales_price=Decimal(95)
    )
    assert (line.sales_price, line.is_sales_price_modified) == (57, False), (
        "sent back by a form, and off once"
    )
    line = change_line(line.pk, version=2, by=None, at=NOW, sales_price=Decimal(200))
    assert (line.sales_price, line.listed_price, line.is_sales_price_modified) == (120, 200, True)
    (copy,) = copy_from_order(order.pk, order, [line.pk], version=None, by=None, at=NOW)
    assert (copy.sales_price, copy.warranty) == (120, 40), (
        "the copy bears its own share, off the price entered"
    )
    line = change_line(line.pk, version=3, by=None, at=NOW, discount=Decimal(0))
    assert (line.sales_price, line.warranty, line.coverage_reason) == (200, None, ""), (
        "who says otherwise is heard"
    )
    SalesDiscount.objects.create(
        kind=LineKind.HOUR, percent=50, valid_from=date(2020, 1, 1), customer=order.project.customer
    )
    less = make_line(order, sales_price=None, service_object=thing)
    assert (less.sales_price, less.warranty, less.coverage_reason) == (Decimal("47.5"), None, "")
    assert "another one takes off more" in " ".join(explain(less.price_reason["sales"]))
    late = make_line(order, service_object=thing, executed_on=day + timedelta(days=1))
    free = make_line(order, service_object=thing, line_property=order.project.line_property)
    assert late.warranty is None and free.warranty is None


def test_PR_11_on_another_day_who_bears_a_line_stays_where_it_was_said_and_else_follows_the_warranty():
    day, after = date(2026, 3, 16), date(2026, 3, 17)
    set_parameters(warranty_line_property=make_money.line_property(Coverage.WARRANTY))
    make_money.sales_price("95")
    order = make_order(service_on=day)
    thing = make_object(customer=order.customer, warranty_labour_until=day)
    half = make_object(
        "Lift 2", customer=order.customer, warranty_labour_until=day, warranty_labour_percent=50
    )
    for found in (thing, half):
        relate_object(order.pk, found, version=None, by=None)
    goodwill, charged = make_money.line_property(Coverage.GOODWILL), order.project.line_property
    make_line(order, sales_price=None, line_property=goodwill, coverage_reason="A good customer")
    make_line(order, sales_price=None, service_object=thing, line_property=charged)
    make_line(order, sales_price=None, service_object=thing)
    make_line(order, sales_price=None, service_object=half)

    def told():
        rows = order.lines.order_by("line_number")
        return list(rows.values_list("line_property__coverage", "coverage_reason", "sales_price"))

    first, warranty = told(), "Warranty on labour until 16 Mar 2026"
    said = [("GOODWILL", "A good customer", 95), ("CHARGED", "", 95)]
    assert first == [*said, ("WARRANTY", warranty, 95), ("CHARGED", warranty, Decimal("47.5"))]
    change_order(order.pk, version=None, by=None, at=NOW, service_on=after)
    assert told() == [*said, ("CHARGED", "", 95), ("CHARGED", "", 95)]
    change_order(order.pk, version=None, by=None, at=NOW, service_on=day)
    assert [row for at, row in enumerate(told()) if at != 1] == [
        row for at, row in enumerate(first) if at != 1
    ]


@pytest.mark.parametrize(
    ("percent", "borne"),
    [(100, (Coverage.WARRANTY, None, 95)), (50, (Coverage.CHARGED, 50, Decimal("47.5")))],
)
def test_PR_11_on_another_day_or_object_who_bears_a_line_follows_the_warranty_unless_it_was_said(
    percent, borne
):
    day, after = date(2026, 3, 16), date(2026, 3, 17)
    set_parameters(warranty_line_property=make_money.line_property(Coverage.WARRANTY))
    make_money.sales_price("95")
    order = make_order(service_on=day)
    covered, other = (
        make_object(
            name, customer=order.customer, warranty_labour_until=until, warranty_labour_percent=percent
        )
        for name, until in (("Lift", day), ("Gate", None))
    )
    for thing in (covered, other):
        relate_object(order.pk, thing, version=None, by=None)
    line = make_line(order, sales_price=None, service_object=covered)
    goodwill = make_money.line_property(Coverage.GOODWILL)
    said = make_line(order, service_object=covered, line_property=goodwill, coverage_reason="A good customer")

    def changed(row, **fields):
        """As the form sends it, with what stands there already."""
        row.refresh_from_db()
        sent = {"line_property": row.line_property, "coverage_reason": row.coverage_reason} | fields
        row = change_line(row.pk, version=None, by=None, at=NOW, **sent)
        return row.line_property.coverage, row.warranty, row.sales_price

    charged = (Coverage.CHARGED, None, 95)
    assert changed(line, executed_on=day) == borne
    assert changed(line, executed_on=after) == charged and changed(line, executed_on=day) == borne
    assert changed(line, service_object=other) == charged
    assert changed(line, service_object=covered) == borne
    assert changed(line, description="As it was") == borne
    for fields in ({"executed_on": after}, {"service_object": other}):
        assert changed(said, **fields)[0] == Coverage.GOODWILL
    said.refresh_from_db()
    assert said.coverage_reason == "A good customer"


def test_PR_11_a_reason_that_somebody_wrote_stays_while_the_warranty_lasts():
    day = date(2026, 3, 16)
    set_parameters(warranty_line_property=make_money.line_property(Coverage.WARRANTY))
    order = make_order(service_on=day)
    for percent in (100, 50):
        thing = make_object(
            f"Lift {percent}",
            customer=order.customer,
            warranty_labour_until=day,
            warranty_labour_percent=percent,
        )
        relate_object(order.pk, thing, version=None, by=None)
        make_line(order, service_object=thing, coverage_reason="The maker agreed")
    for moved_to, said in ((day - timedelta(days=1), "The maker agreed"), (day + timedelta(days=1), "")):
        change_order(order.pk, version=None, by=None, at=NOW, service_on=moved_to)
        assert set(order.lines.values_list("coverage_reason", flat=True)) == {said}


@pytest.mark.parametrize("percent", [Decimal(0), Decimal("100.01"), Decimal(-5)])
def test_a_warranty_bears_more_than_nothing_and_at_most_all(percent):
    with pytest.raises(ValidationError) as caught:
        make_object(warranty_parts_percent=percent)
    assert set(caught.value.error_dict) == {"warranty_parts_percent"}
    with pytest.raises(IntegrityError, match="serviceobject_warranty_bears_some_of_it"):
        ServiceObject.objects.filter(pk=make_object().pk).update(warranty_labour_percent=percent)


def test_a_form_that_sends_the_found_price_back_does_not_make_it_one_by_hand():
    make_money.firm()
    make_money.sales_price("95")
    line = make_line(make_order(), sales_price=None)
    line = change_line(line.pk, version=1, by=None, at=NOW, quantity=Decimal(3), sales_price=Decimal(95))
    assert line.sales_price == 95 and not line.is_sales_price_modified and line.quantity == 3


def test_B_8_a_line_is_marked_up_by_its_line_property_and_priced_again_with_another():
    order = make_order()
    make_money.cost_price("41.50")
    make_money.sales_price("89")
    marked = make_money.line_property(code="UP", cost_markup=Decimal(10), sales_markup=Decimal(25))
    line = make_line(order, sales_price=None, cost_price=None, line_property=marked)
    assert (line.sales_price, line.cost_price) == (Decimal("111.25"), Decimal("45.65"))
    plain = make_money.line_property()
    line = change_line(line.pk, version=None, by=None, at=NOW, line_property=plain)
    assert (line.sales_price, line.cost_price) == (89, Decimal("41.50"))


def test_issue_3_who_gives_a_line_away_says_why_and_what_is_charged_has_no_reason():
    order, free = make_order(), make_money.line_property(Coverage.GOODWILL)
    with pytest.raises(Invalid) as caught:
        make_line(order, line_property=free, coverage_reason=" ")
    assert caught.value.field == "coverage_reason"
    line = make_line(order, line_property=free, coverage_reason="A good customer")
    told = Event.objects.filter(action="line_added").latest("pk").changes
    assert told["coverage_reason"] == [None, "A good customer"]
    line = change_line(line.pk, version=1, by=None, at=NOW, line_property=make_money.line_property())
    assert line.coverage_reason == ""


def test_an_expense_typed_with_its_cost_is_sold_by_the_model_on_that_cost():
    order = make_order()
    make_money.sales_price("10", kind=LineKind.EXPENSE, model="PERCENT")
    line = make_line(order, LineKind.EXPENSE, cost_price=Decimal(20), sales_price=None)
    assert (line.cost_price, line.sales_price) == (20, 22)
