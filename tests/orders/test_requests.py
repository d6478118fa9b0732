"""Calls: taken, turned into an order in one step, closed with an answer."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from agreements.operations import relate_object
from orders.models import OrderOrigin, Priority, RequestStatus, SlaStatus
from orders.operations import (
    change_request,
    close_request,
    order_from_request,
    receive_request,
    reopen_request,
)
from orders.queries.agreements import agreement_for, open_orders, open_requests
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.projects.operations import close_project, reopen_project
from tests import make_money
from tests.make_agreements import make_agreement, make_object, make_project, make_site, make_sla
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_order, make_request, move, set_parameters

pytestmark = pytest.mark.django_db


def order_of(request, **fields):
    return order_from_request(request.pk, **({"version": request.version, "by": None, "at": NOW} | fields))


def test_a_call_becomes_an_order_in_one_step():
    customer = make_money.customer()
    lift = make_object(customer=customer)
    agreement = make_agreement(sla=make_sla())
    relate_object(agreement.pk, lift, by=None)
    request = make_request(
        service_object=lift, caller="Mr Huber", phone="030 1", details="Second floor", priority=Priority.HIGH
    )
    assert request.site == lift.site
    order = order_of(request)
    assert order.agreement == agreement and order.project == agreement.project and order.site == lift.site
    assert order.origin == OrderOrigin.REQUEST and order.priority == Priority.HIGH
    assert order.description == "Lift stuck" and order.details == "Reported by Mr Huber, 030 1.\nSecond floor"
    assert order.object_relations.get().service_object == lift
    assert order.sla_status == SlaStatus.STARTED and order.service_on == TODAY
    request.refresh_from_db()
    assert request.status == RequestStatus.ORDERED and request.order == order
    assert set(Event.objects.values_list("action", flat=True)) >= {"received", "ordered"}


def test_E16_a_call_without_agreement_gets_a_quick_project_once():
    site = make_site()
    with pytest.raises(Refused, match="service parameters"):
        order_of(make_request())
    group = make_project(customer=make_money.customer("Other")).group
    set_parameters(project_group=group, line_property=make_money.line_property())
    contract = make_project(group=group, purchase_order="PO 1")
    first, second = order_of(make_request()), order_of(make_request())
    assert first.project == second.project and first.project.customer == site.customer
    assert first.project.is_quick and first.project != contract
    with pytest.raises(IntegrityError, match="project_one_quick_per_customer"), transaction.atomic():
        type(contract).objects.filter(pk=contract.pk).update(is_quick=True)
    close_project(contract.pk, version=contract.version, on=TODAY, by=None)
    type(contract).objects.filter(pk=contract.pk).update(is_quick=True)
    with pytest.raises(Refused, match="has another project for work without an agreement"):
        reopen_project(contract.pk, version=fresh(contract).version, by=None)
    assert first.agreement is None and first.sla is None


def test_the_agreement_is_the_one_of_the_object_else_the_only_one():
    customer, lift = make_money.customer(), make_object()
    assert agreement_for(customer, lift, TODAY) is None
    only = make_agreement()
    assert agreement_for(customer, lift, TODAY) == only
    other = make_agreement("Other")
    assert agreement_for(customer, lift, TODAY) is None, "two: somebody must choose"
    relate_object(other.pk, lift, by=None)
    assert agreement_for(customer, lift, TODAY) == other
    assert agreement_for(customer, lift, date(2027, 1, 1)) is None, "not running then"


def test_the_wished_day_is_the_orders_day():
    make_agreement()
    assert order_of(make_request(preferred_on=date(2026, 3, 20))).service_on == date(2026, 3, 20)


def test_what_is_open_for_the_object_is_seen_before_a_second_visit_is_sent():
    customer, lift, other = make_money.customer(), make_object(), make_object("Lift 2")
    make_agreement()
    order = order_of(make_request(service_object=lift))
    waiting = make_request(service_object=lift)
    assert list(open_orders(customer, lift)) == [order] and not open_orders(customer, other).exists()
    assert list(open_requests(customer, lift)) == [waiting]
    move(order, "INPROCESS", "COMPLETED")
    assert not open_orders(customer, lift).exists()


@pytest.mark.parametrize("field", ["site", "service_object"])
def test_somebody_elses_things_are_refused(field):
    other = make_money.customer("Other")
    site = make_site(other)
    thing = site if field == "site" else make_object(customer=other, site=site)
    with pytest.raises(Invalid) as refusal:
        make_request(**{field: thing})
    assert refusal.value.field == field


def test_a_call_says_what_is_wrong():
    with pytest.raises(Invalid) as refusal:
        receive_request(by=None, at=NOW, customer=make_money.customer(), summary=" ")
    assert refusal.value.field == "summary"


def test_closed_with_an_answer_and_opened_again():
    request = make_request()
    with pytest.raises(Invalid) as refusal:
        close_request(request.pk, version=1, by=None, answer="")
    assert refusal.value.field == "answer"
    close_request(request.pk, version=1, by=None, answer="Power was off")
    with pytest.raises(Refused, match="not open"):
        order_of(request, version=2)
    with pytest.raises(Refused, match="Only an open request"):
        change_request(request.pk, version=2, by=None, summary="Other")
    request = reopen_request(request.pk, version=2, by=None)
    assert request.status == RequestStatus.OPEN and request.answer == "Power was off"
    with pytest.raises(Refused):
        reopen_request(request.pk, version=3, by=None)


def test_an_open_request_is_changed_by_one_person_at_a_time():
    request = make_request()
    assert change_request(request.pk, version=1, by=None, priority=Priority.LOW).version == 2
    with pytest.raises(Stale):
        change_request(request.pk, version=1, by=None, priority=Priority.HIGH)


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_make_one_order_of_a_call():
    make_agreement()
    make_order(agreement=make_agreement("Warm"))
    request = make_request(site=make_site())
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press() -> None:
        barrier.wait()
        try:
            order_from_request(request.pk, version=1, by=None, at=NOW, agreement=agreement)
            outcomes.append("made")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    agreement = agreement_for(request.customer, None, TODAY) or make_agreement("Chosen")
    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]
