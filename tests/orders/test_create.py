"""Creating, changing and deleting orders (SO-01, SO-02, SO-08, SO-09, SO-15, SO-19)."""

from datetime import date
from decimal import Decimal

import pytest

from orders.models import OrderOrigin, Priority, RequestStatus, ServiceOrder, SlaStatus
from orders.operations import change_line, change_order, delete_order, order_from_request, set_priority
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from tests import make_money
from tests.make_agreements import (
    make_agreement,
    make_calendar,
    make_object,
    make_project,
    make_site,
    make_sla,
    make_task,
    make_template_group,
)
from tests.make_money import NOW, TODAY
from tests.make_orders import (
    fresh,
    make_line,
    make_order,
    make_request,
    make_worker,
    move,
    set_parameters,
    sign,
)

pytestmark = pytest.mark.django_db


def test_SO_01_an_order_takes_everything_from_its_agreement():
    bo, kim = make_worker(), make_worker("Kim")
    agreement = make_agreement("Yearly check", preferred_technician=bo, responsible=kim, sla=make_sla())
    order = make_order(agreement=agreement, description="")
    assert order.description == "Yearly check" and order.project == agreement.project
    assert order.customer == agreement.customer and order.site == agreement.project.site
    assert (order.preferred_technician, order.responsible) == (bo, kim)
    assert (
        order.stage.code == "PLANNING"
        and order.origin == OrderOrigin.USER
        and order.priority == Priority.NORMAL
    )
    assert order.sla == agreement.sla and order.sla_status == SlaStatus.STARTED
    assert Event.objects.filter(subject=f"serviceorder:{order.pk}", action="created").exists()


def test_SO_01_scenario_35_the_day_lies_within_the_agreement():
    agreement = make_agreement(start_date=date(2011, 1, 1), end_date=date(2011, 12, 31))
    with pytest.raises(Invalid, match="outside the period") as refusal:
        make_order(agreement=agreement, service_on=date(2012, 1, 5))
    assert refusal.value.field == "service_on"
    assert make_order(agreement=agreement, service_on=date(2011, 12, 31)).pk


def test_SO_02_scenario_34_without_agreement_only_by_parameter():
    set_parameters(allow_without_agreement=False)
    with pytest.raises(Invalid, match="A service agreement is required"):
        make_order()
    set_parameters(allow_without_agreement=True)
    assert make_order().agreement is None


def test_AG_05_scenario_5_no_order_from_a_suspended_agreement():
    with pytest.raises(Refused, match="suspended"):
        make_order(agreement=make_agreement(suspended=True))


def test_AG_07_no_order_from_a_template():
    with pytest.raises(Refused, match="template"):
        make_order(agreement=make_agreement(template_group=make_template_group()))


def test_project_and_customer_must_fit_together():
    project = make_project()
    other = make_money.customer("Other")
    with pytest.raises(Invalid) as refusal:
        make_order(project=project, customer=other)
    assert refusal.value.field == "customer"
    with pytest.raises(Invalid) as refusal:
        make_order(agreement=make_agreement(), project=project)
    assert refusal.value.field == "project"
    with pytest.raises(Invalid) as refusal:
        make_order(project=project, site=make_site(other))
    assert refusal.value.field == "site"


def test_SO_09_the_site_is_the_customers_only_one_or_must_be_chosen():
    customer = make_money.customer()
    site = make_site(customer)
    assert make_order(customer=customer).site == site
    make_site(customer, "Second")
    with pytest.raises(Invalid) as refusal:
        make_order(customer=customer)
    assert refusal.value.field == "site"


def test_an_order_without_words_is_refused():
    with pytest.raises(Invalid) as refusal:
        make_order(description="")
    assert refusal.value.field == "description"


def test_service_on_is_the_sites_local_date():
    site = make_site(name="Auckland", zone="Pacific/Auckland")
    order = make_order(customer=site.customer, site=site, service_on=None, at=NOW.replace(hour=20))
    assert order.service_on == date(2026, 3, 17)


def test_SO_A14_a_closed_day_is_marked():
    set_parameters(calendar=make_calendar())
    assert make_order(service_on=date(2026, 3, 15)).calendar_conflict
    order = make_order(service_on=TODAY)
    assert not order.calendar_conflict
    change_order(order.pk, version=None, by=None, at=NOW, service_on=date(2026, 3, 21))
    assert fresh(order).calendar_conflict


def test_AG_04_the_sla_of_the_objects_group_goes_before_the_agreements():
    lift = make_object()
    lift.group.sla = make_sla("4H", hours=4)
    lift.group.save()
    order = make_order(agreement=make_agreement(sla=make_sla()), service_object=lift)
    assert order.sla.code == "4H" and order.object_relations.get().service_object == lift


def test_SO_12_the_stage_locks_the_header():
    order = make_order()
    move(order, "INPROCESS", "ONHOLD")
    with pytest.raises(Refused, match="does not allow changes"):
        change_order(order.pk, version=None, by=None, at=NOW, description="Other")


def test_SO_19_priority():
    order = make_order()
    set_priority(order.pk, priority=Priority.HIGH, version=order.version, by=None, at=NOW)
    assert fresh(order).priority == Priority.HIGH


def test_two_people_cannot_overwrite_each_others_order():
    order = make_order()
    change_order(order.pk, version=order.version, by=None, at=NOW, description="A")
    with pytest.raises(Stale):
        change_order(order.pk, version=order.version, by=None, at=NOW, description="B")


def test_a_save_without_difference_writes_nothing():
    order = make_order()
    before = Event.objects.count()
    change_order(order.pk, version=order.version, by=None, at=NOW, description=order.description)
    assert fresh(order).version == order.version and Event.objects.count() == before


def test_SO_03_a_project_given_later_prices_the_lines():
    site = make_site()
    order = make_order(customer=site.customer, site=site)
    make_money.sales_price("95")
    line = make_line(order, sales_price=None, cost_price=None)
    assert line.sales_price is None and line.line_property is None
    change_order(order.pk, version=None, by=None, at=NOW, project=make_project())
    line.refresh_from_db()
    assert line.sales_price == 95 and line.line_property
    abroad = make_project("London", currency=make_money.money("USD"))
    change_line(line.pk, version=None, by=None, at=NOW, sales_price=Decimal(80))
    with pytest.raises(Invalid, match="entered in EUR") as refused:
        change_order(order.pk, version=None, by=None, at=NOW, project=abroad)
    assert refused.value.field == "project"
    change_line(line.pk, version=None, by=None, at=NOW, sales_price=None)
    change_order(order.pk, version=None, by=None, at=NOW, project=abroad)


def test_a_signed_order_that_reads_differently_is_not_signed_any_more():
    order = make_order()
    make_line(order)
    move(order, "INPROCESS")
    signed = sign(order)
    change_order(order.pk, version=None, by=None, at=NOW, details="Ring twice")
    signed.refresh_from_db()
    assert signed.voided_at is None, "what was signed is unchanged"
    change_order(order.pk, version=None, by=None, at=NOW, service_on=date(2026, 3, 20))
    signed.refresh_from_db()
    assert signed.voided_at and fresh(order).signed_off_at is None


def test_SO_15_deleting_needs_a_stage_that_allows_it():
    order = make_order()
    make_line(order, service_task=None)
    order.task_relations.create(service_task=make_task())
    move(order, "INPROCESS")
    with pytest.raises(Refused, match="does not allow deleting"):
        delete_order(order.pk, version=None, by=None)
    move(order, "PLANNING")
    delete_order(order.pk, version=None, by=None)
    assert not ServiceOrder.objects.exists()
    assert Event.objects.filter(action="deleted", subject=f"serviceorder:{order.pk}").exists()


def test_SO_15_what_was_signed_is_kept():
    order = make_order()
    make_line(order)
    move(order, "INPROCESS")
    sign(order)
    move(order, "PLANNING")
    with pytest.raises(Refused, match="signed off"):
        delete_order(order.pk, version=None, by=None)


def test_the_call_is_not_lost_when_its_order_is_deleted():
    make_site()
    set_parameters(project_group=make_project().group, line_property=make_money.line_property())
    request = make_request()
    order = order_from_request(request.pk, version=1, by=None, at=NOW)
    delete_order(order.pk, version=None, by=None)
    request.refresh_from_db()
    assert request.status == RequestStatus.OPEN and request.order is None
