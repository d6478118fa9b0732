"""Runs that count from visits done, and from those of the terms before."""

from datetime import UTC, date, datetime

import pytest
from django.db import OperationalError

from agreements.models import DueFrom, Renewal, ServiceObject, WindowMethod
from agreements.operations import change_agreement, change_line, relate_object, stop_line
from agreements.renewal.operations import renew
from orders import tasks
from orders.generation import load, night
from orders.models import ServiceOrder, ServiceParameters
from orders.planning import Options
from servicemgmt.core.errors import Invalid
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end, progress
from tests import make_money
from tests.generation.test_creating import create, messages
from tests.make_agreements import (
    make_agreement,
    make_initial_stage,
    make_interval,
    make_line,
    make_object,
    make_site,
    make_window,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def test_due_from_actual_one_visit_is_open_and_the_next_counts_from_when_it_was_done() -> None:
    agreement = make_agreement()
    make_line(agreement, due_from=DueFrom.ACTUAL)
    spring = Period(date(2026, 3, 1), date(2026, 8, 31))
    create(agreement, period=spring)
    order = ServiceOrder.objects.get()
    assert order.service_on == date(2026, 3, 1)
    assert progress(create(agreement, period=spring)).counts == {}, "at most one is open"
    order.lines.update(signed_off_at=datetime(2026, 4, 11, 22, 30, tzinfo=UTC))  # the 12th in Berlin
    create(agreement, period=spring)
    second = ServiceOrder.objects.exclude(pk=order.pk).get()
    assert second.service_on == date(2026, 5, 12)
    second.lines.update(status="CANCELLED")
    create(agreement, period=spring)
    days = list(ServiceOrder.objects.order_by("pk").values_list("service_on", flat=True))
    assert days[2:] == [date(2026, 6, 12)], "a dropped one counts with its calculated date"


def test_due_from_actual_goes_on_from_the_terms_before() -> None:
    agreement = make_agreement(start_date=date(2025, 4, 1), end_date=date(2026, 3, 31), term_months=12)
    half_yearly = make_interval("MONTH", 6)
    make_line(agreement, due_from=DueFrom.ACTUAL, start_date=date(2025, 10, 1), interval=half_yearly)
    create(agreement, period=Period(date(2025, 10, 1), date(2026, 3, 31)))
    order = ServiceOrder.objects.get()
    second = renew([agreement.pk], by=None)[0]
    year = Period(date(2026, 4, 1), date(2027, 3, 31))
    assert progress(create(second, period=year)).counts == {}, "the visit of the term before is still open"
    order.lines.update(executed_on=date(2026, 3, 20), signed_off_at=datetime(2026, 3, 21, tzinfo=UTC))
    create(second, period=Period(date(2026, 4, 1), date(2026, 6, 30)))
    assert ServiceOrder.objects.count() == 1, "six months are not over in the next quarter"
    create(second, period=year)
    made = ServiceOrder.objects.get(agreement=second)
    assert made.service_on == date(2026, 9, 20)
    third = renew([second.pk], by=None)[0]
    assert third.lines.get().continues == agreement.lines.get(), "the first of the chain"
    made.lines.update(executed_on=date(2026, 9, 20), signed_off_at=datetime(2026, 9, 21, tzinfo=UTC))
    create(third, period=Period(date(2027, 4, 1), date(2027, 6, 30)))
    assert ServiceOrder.objects.get(agreement=third).service_on == date(2027, 4, 1), "due between the terms"


def test_due_from_actual_needs_an_interval() -> None:
    agreement = make_agreement()
    line = make_line(agreement, due_from=DueFrom.ACTUAL)
    changed = change_line(line.pk, version=line.version, by=None, interval=None)
    assert changed.due_from == DueFrom.PLAN, "what comes once counts from nothing"


def test_of_a_line_that_counts_from_the_last_visit_done_only_now_all_open_visits_are_said() -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    create(agreement)
    change_line(line.pk, version=line.version, by=None, due_from=DueFrom.ACTUAL)
    summer = Period(date(2026, 7, 1), date(2026, 9, 30))
    (waiting,) = load([agreement.pk], summer)[0].plan(Options(summer)).skipped
    assert str(waiting.reason).startswith("3 visits, the last on 1 Jun 2026, are still to be done")


def test_a_successor_does_not_come_beside_orders_that_its_predecessor_left() -> None:
    agreement = make_agreement(term_months=12)
    make_line(agreement)
    create(agreement, period=Period(date(2026, 5, 1), date(2026, 9, 30)))
    agreement.refresh_from_db()
    change_agreement(agreement.pk, version=agreement.version, by=None, end_date=date(2026, 6, 30))
    dropped = ServiceOrder.objects.get(service_on=date(2026, 8, 1))
    dropped.lines.update(status="CANCELLED")
    agreement.lines.update(time_window=make_window(WindowMethod.MONTH))
    (successor,) = renew([agreement.pk], by=None)
    tonight = {"period": Period(date(2026, 7, 20), date(2026, 7, 31)), "from_today": True}
    assert progress(create(successor, **tonight)).counts == {}, (
        "July's visit is there, though its month still lasts"
    )
    create(successor, period=Period(date(2026, 7, 1), date(2026, 10, 31)), continuous=True)
    made = ServiceOrder.objects.filter(agreement=successor).order_by("service_on")
    assert list(made.values_list("service_on", flat=True)) == [date(2026, 8, 1), date(2026, 10, 1)]


def test_due_from_actual_one_visit_is_open_over_a_renewal_planned_at_once() -> None:
    agreement = make_agreement(term_months=12)
    make_line(agreement, due_from=DueFrom.ACTUAL, start_date=date(2026, 1, 20))
    (successor,) = renew([agreement.pk], by=None)
    winter = Period(date(2026, 12, 1), date(2027, 1, 31))
    assert progress(create(successor, period=winter)).counts == {}, "the first visit is the predecessor's"
    create(agreement, period=Period(date(2026, 11, 1), date(2026, 11, 30)))
    done = {"executed_on": date(2026, 11, 20), "signed_off_at": datetime(2026, 11, 20, tzinfo=UTC)}
    ServiceOrder.objects.get().lines.update(**done)
    assert progress(create(successor, period=winter)).counts == {}, "and the one that is due before it ends"
    for _night in range(2):
        create(agreement, successor, period=winter, from_today=True)
        assert ServiceOrder.objects.order_by("pk").last().service_on == date(2026, 12, 20)
    assert ServiceOrder.objects.count() == 2
    ServiceOrder.objects.filter(service_on=date(2026, 12, 20)).delete()
    line = agreement.lines.get()
    stop_line(line.pk, reason="Sold", version=line.version, by=None)
    create(agreement, successor, period=winter, from_today=True)
    assert ServiceOrder.objects.get(agreement=successor).service_on == date(2027, 1, 1), "it does not go on"


def test_the_first_day_of_a_term_renewed_that_night_gets_its_visit() -> None:
    ServiceParameters.objects.update_or_create(only=True, defaults={"planning_horizon_days": 5})
    make_initial_stage()
    agreement = make_agreement(end_date=date(2026, 6, 30), term_months=12, renewal=Renewal.AUTOMATIC)
    make_line(agreement, start_date=date(2026, 6, 1))
    for day in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)):
        run = night(on=day, enqueue=False)
        assert run is None or execute_to_end(run).status == "DONE"
    found = ServiceOrder.objects.values_list("service_on", "agreement__predecessor")
    assert list(found) == [(date(2026, 7, 1), agreement.pk)], "whose notice could be given until the eve"


def test_a_night_that_finds_the_database_gone_for_a_moment_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nights: list[date] = []

    def once_gone(*, on: date) -> None:
        nights.append(on)
        if len(nights) == 1:
            raise OperationalError("the database is starting up")

    make_money.firm()
    monkeypatch.setattr("orders.generation.night", once_gone)
    tasks.night.apply(throw=False)
    assert len(nights) == 2


def test_nothing_is_created_for_what_became_another_customer_s() -> None:
    agreement, lift = make_agreement(), make_object()
    line = make_line(agreement, object_relation=relate_object(agreement.pk, lift, by=None))
    ServiceObject.objects.filter(pk=lift.pk).update(customer=make_money.customer("Else"))
    run = create(agreement)
    assert not ServiceOrder.objects.exists()
    assert "belongs to another customer" in messages(run, "WARNING")[0]
    lift.refresh_from_db()
    with pytest.raises(Invalid, match="another customer"):
        relate_object(agreement.pk, lift, reference="x", by=None)
    with pytest.raises(Invalid, match="another customer"):
        change_line(line.pk, version=line.version, by=None, site=make_site(make_money.customer("Else")))
