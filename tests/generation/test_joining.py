"""Runs that join orders, count from visits done, reserve goods, start from a line, and come each night."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import ClosedDay, DueFrom, ItemSetup, ServiceAgreement, WindowMethod
from agreements.operations import move_object, relate_object, relate_task, stop_line, suspend
from orders.generation import load, night, start_generation, start_nightly
from orders.generation.nightly import nightly_period
from orders.models import Assignment, ServiceOrder, ServiceOrderLine, ServiceParameters
from orders.operations.order import create_order
from orders.planning import Options
from servicemgmt.core.models import Event, Run
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.inventory.models import OnHand
from servicemgmt.projects.models import ItemRequirement, LineKind
from tests import make_money
from tests.cast import stranger, user_in
from tests.generation.test_creating import create, messages
from tests.make_agreements import (
    make_agreement,
    make_calendar,
    make_initial_stage,
    make_line,
    make_object,
    make_project,
    make_site,
    make_sla,
    make_task,
    make_window,
)
from tests.make_orders import make_worker

pytestmark = pytest.mark.django_db

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))


def joinable() -> tuple[ServiceAgreement, ServiceOrder]:
    """An agreement with a visit on 1 May, and a second line whose month may bring it there."""
    agreement = make_agreement(sla=make_sla())
    make_line(agreement)
    create(agreement, period=MAY)
    lift = relate_object(agreement.pk, make_object(), by=None)
    task = relate_task(agreement.pk, make_task(), by=None)
    make_line(
        agreement, LineKind.FEE, start_date=date(2026, 1, 20), time_window=make_window(),
        object_relation=lift, task_relation=task, sales_price=Decimal(30),
    )  # fmt: skip
    return agreement, ServiceOrder.objects.get()


def test_a_line_joins_the_order_that_is_there_with_its_relations_and_the_preview_says_so() -> None:
    agreement, order = joinable()
    shown = load([agreement.pk], MAY)[0].plan(Options(MAY))
    assert [planned.joins and planned.joins.number for planned in shown.orders] == [order.number]
    run = create(agreement, period=MAY)
    assert progress(run).counts == {"joined": 1, "lines": 1}
    assert messages(run) == [f"{agreement.number}: 1 line joined orders that were there: {order.number}"]
    first, second = order.lines.all()
    assert (second.line_number, second.date_calculated, second.sales_price) == (
        2,
        date(2026, 5, 20),
        Decimal(30),
    )
    assert second.object_relation == order.object_relations.get()
    assert second.task_relation == order.task_relations.get()
    fresh = ServiceOrder.objects.get()
    assert (
        fresh.version == order.version + 1 and fresh.deadline == order.deadline and not first.object_relation
    )
    event = Event.objects.get(subject=f"serviceorder:{order.pk}", action="line_added")
    assert event.run == run and event.actor == user_in("Planner")
    assert progress(create(agreement, period=MAY)).counts == {}


def test_a_line_joins_only_what_meets_its_hours_and_narrows_the_promise_to_them() -> None:
    agreement, order = joinable()
    line = agreement.lines.get(line_number=2)

    def joins(start: time | None, until: time | None, *promised: datetime) -> int:
        agreement.lines.filter(pk=line.pk).update(visit_from=start, visit_until=until)
        window = DateTimeTZRange(*promised) if promised else None
        ServiceOrder.objects.filter(pk=order.pk).update(promised_window=window)
        return len(load([agreement.pk], MAY)[0].plan(Options(MAY)).joined)

    two, four = (datetime(2026, 5, 1, hour, tzinfo=UTC) for hour in (12, 14))  # 14 and 16 o'clock in Berlin
    assert joins(None, None) == joins(None, None, two, four) == 1
    assert joins(time(14), None) == 1, "the order promises nothing, the line's customer expects the afternoon"
    assert joins(time(16), None, two, four) == joins(None, time(14), two, four) == 0
    assert joins(time(15), time(18), two, four) == 1
    create(agreement, period=MAY)
    fresh = ServiceOrder.objects.get()
    assert (fresh.promised_window.lower, fresh.promised_window.upper) == (two + timedelta(hours=1), four)
    event = Event.objects.get(subject=f"serviceorder:{order.pk}", action="line_added")
    assert [bool(value) for value in event.changes["promised_window"]] == [True, True]


def test_a_booked_started_signed_or_hand_made_order_is_not_joined() -> None:
    agreement, order = joinable()
    orders = ServiceOrder.objects.filter(pk=order.pk)

    def joins() -> int:
        return len(load([agreement.pk], MAY)[0].plan(Options(MAY)).joined)

    assert joins() == 1
    worker = Assignment.objects.create(order=order, worker=make_worker(), is_lead=True)
    assert joins() == 0
    worker.delete()
    started = make_initial_stage().children.create(code="WORK", description="Work", phase="WORKING")
    for change in (
        {"origin": "USER"},
        {"stage": started},
        {"signed_off_at": datetime(2026, 5, 1, tzinfo=UTC)},
    ):
        before = {name: getattr(order, name) for name in change}
        orders.update(**change)
        assert joins() == 0, change
        orders.update(**before)
    assert joins() == 1


def test_joining_takes_a_number_of_statements_that_does_not_grow_with_lines() -> None:
    def statements(count: int) -> int:
        agreement = make_agreement(f"A{count}")
        make_line(agreement)
        create(agreement, period=MAY)
        for _n in range(count):
            make_line(agreement, start_date=date(2026, 1, 20), time_window=make_window())
        run = start_generation([agreement.pk], Options(MAY), by=None, enqueue=False)
        with CaptureQueriesContext(connection) as queries:
            execute_to_end(run)
        assert progress(run).counts == {"joined": 1, "lines": count}
        return len(queries)

    assert statements(9) == statements(1)


def test_F25_closed_days_by_agreement_in_the_run() -> None:
    saturday = {"start_date": date(2026, 5, 2), "interval": None}
    for policy, day in (
        (ClosedDay.NEXT, date(2026, 5, 4)),
        (ClosedDay.SKIP, None),
        (ClosedDay.WARN, date(2026, 5, 2)),
    ):
        agreement = make_agreement(policy.label, calendar=make_calendar(), closed_day=policy)
        make_line(agreement, **saturday)
        run = create(agreement, period=MAY)
        order = ServiceOrder.objects.filter(agreement=agreement).first()
        assert (order and order.service_on) == day
        if order:
            assert order.calendar_conflict == (policy == ClosedDay.WARN)
            assert order.lines.get().date_calculated == date(2026, 5, 2)
        else:
            assert "Skipped, a closed day: 2 May 2026." in messages(run, "WARNING")[0]


def test_F32_SO_A18_an_item_requirement_needs_a_site_and_reserves_its_goods(client: Client) -> None:
    make_money.warehouse()
    nowhere = make_agreement("Nowhere", project=make_project("Nowhere", site=None))
    somewhere = make_agreement("Somewhere")
    for agreement in (nowhere, somewhere):
        agreement.project.refresh_from_db()
        make_line(
            agreement,
            LineKind.ITEM,
            item_setup=ItemSetup.REQUIREMENT,
            quantity=Decimal(2),
            description="Belt",
        )
    nowhere.project.site = None
    nowhere.project.save(update_fields=["site"])
    refused = create(nowhere, period=MAY)
    assert "set a site" in messages(refused, "WARNING")[0] and not ItemRequirement.objects.exists()
    create(somewhere, period=MAY)
    order = ServiceOrder.objects.get()
    need = ItemRequirement.objects.get()
    assert (need.subject, need.label, need.project) == (
        f"serviceorder:{order.pk}",
        order.number,
        somewhere.project,
    )
    assert (need.quantity, need.needed_on, need.text) == (Decimal(2), order.service_on, "Belt")
    assert OnHand.objects.get().reserved == Decimal(2)
    line = order.lines.get()
    assert (line.item_setup, line.requirement) == (ItemSetup.REQUIREMENT, need)
    create(somewhere, period=MAY)
    assert ItemRequirement.objects.count() == 1
    client.force_login(user_in("Dispatcher"))
    page = client.get(reverse("orders:order", args=[order.number]))
    assert "Item requirements" in page.text and "open=require:" not in page.text, "nobody reserves it twice"


def test_SO_A18_goods_that_cannot_be_reserved_are_said() -> None:
    agreement = make_agreement()
    service = make_money.item("Service", stocked=False)
    make_line(agreement, LineKind.ITEM, item_setup=ItemSetup.REQUIREMENT, item=service)
    assert "not kept in stock" in messages(create(agreement, period=MAY), "WARNING")[0]
    assert not ServiceOrder.objects.exists()


def test_SO_A01_started_from_a_line_only_that_line_is_planned(client: Client) -> None:
    client.force_login(user_in("Planner"))
    make_initial_stage()
    agreement = make_agreement()
    make_line(agreement)
    line = make_line(agreement, LineKind.FEE, description="Inspection fee")
    page = reverse("orders:plan", args=[agreement.number])
    shown = client.get(reverse("agreements:agreement", args=[agreement.number]))
    assert f'href="{page}?line={line.pk}"' in shown.text
    asked = {"line": line.pk, "start": "2026-05-01", "end": "2026-05-31", "kinds": ["HOUR", "FEE"]}
    preview = client.get(page, asked)
    assert "only line 2 Inspection fee" in preview.text and preview.context["preview"]["line_count"] == 1
    answer = client.post(page, asked | {"digest": preview.context["digest"]})
    run = Run.objects.get()
    assert answer["Location"] == reverse("core:run", args=[run.pk]) and run.parameters["lines"] == [line.pk]
    execute_to_end(run)
    assert list(ServiceOrderLine.objects.values_list("agreement_line", flat=True)) == [line.pk]
    stop_line(line.pk, reason="Unused", version=line.version, by=None)
    refused = client.get(page, asked)
    assert "Line 2 is stopped; no orders can be made from it." in refused.text, "SO-A16, AG-06"
    answer = client.post(page, asked | {"digest": refused.context["digest"]})
    assert answer.status_code == 409 and Run.objects.count() == 1


def test_the_preview_shows_joins_and_forecasts(client: Client) -> None:
    client.force_login(user_in("Planner"))
    agreement, order = joinable()
    make_line(agreement, due_from=DueFrom.ACTUAL, start_date=date(2026, 5, 15), description="Refill")
    page = reverse("orders:plan", args=[agreement.number])
    contract = client.get(reverse("agreements:agreement", args=[agreement.number])).text
    assert "due from the last visit done" in contract and "Create it anyway and warn" in contract
    kinds = ["HOUR", "FEE"]
    shown = client.get(page, {"start": "2026-05-01", "end": "2026-07-31", "kinds": kinds})
    for text in (
        f"joins order {order.number}",
        "1 order is joined",
        "Forecast, not created yet",
        "if the visit of",
    ):
        assert text in shown.text, text
    many = client.get(
        reverse("orders:plan_many"), {"start": "2026-05-01", "end": "2026-05-31", "kinds": kinds}
    )
    assert "1 order is joined" in many.text
    client.force_login(stranger())
    assert client.get(page).status_code == 403


def test_nights_plan_whole_months_up_to_the_horizon() -> None:
    assert nightly_period(date(2026, 1, 10), 45) == Period(date(2026, 1, 10), date(2026, 2, 28))
    assert nightly_period(date(2026, 12, 31), 1) == Period(date(2026, 12, 31), date(2027, 1, 31))
    make_initial_stage()
    good, over = make_agreement(), make_agreement("Over", end_date=date(2026, 2, 1))
    held = make_agreement("Held")
    for agreement in (good, over, held):
        make_line(agreement, time_window=make_window(WindowMethod.MONTH))
    held.refresh_from_db()
    suspend(held.pk, reason="Unpaid", version=held.version, by=None, on=date(2026, 4, 1))
    today = date(2026, 4, 2)
    assert start_nightly(on=today) is None, "no horizon, no nights"
    ServiceParameters.objects.update_or_create(only=True, defaults={"planning_horizon_days": 40})
    run = execute_to_end(start_nightly(on=today, enqueue=False))
    assert run.started_by is None and run.parameters["agreements"] == [good.pk, held.pk]
    days = ServiceOrder.objects.order_by("service_on").values_list("service_on", flat=True)
    assert list(days) == [today, date(2026, 5, 1)], "April's visit may still be done"
    assert progress(run).counts == {"orders": 2, "lines": 2, "skipped": 1}
    assert [text.partition(": ")[2] for text in messages(run, "WARNING")] == [
        "3 visits since 1 Jan 2026 were never created and can no longer be done in time. To create them, plan "
        "from that day and fill gaps.",
        "The agreement is suspended since 1 Apr 2026; nothing is created from it until it is resumed. Why: Unpaid",
    ]
    again = execute_to_end(start_nightly(on=today, enqueue=False))
    assert progress(again).counts == {"skipped": 1, "nothing": 1}
    assert not messages(again, "WARNING"), "SO-A16: the night before said it"
    Run.objects.filter(pk=run.pk).update(queued_at=F("queued_at") - timedelta(days=31))
    reminded = execute_to_end(start_nightly(on=today, enqueue=False))
    assert len(messages(reminded, "WARNING")) == 1, "it is said once a month"
    later = execute_to_end(start_nightly(on=date(2026, 4, 22), enqueue=False))
    assert progress(later).counts["orders"] == 1, "the next month comes when the horizon reaches it"
    create(good, period=Period(date(2026, 9, 1), date(2026, 9, 30)))
    passed_over = [execute_to_end(start_nightly(on=date(2026, 5, 24), enqueue=False)) for _night in range(2)]
    assert [[t for t in messages(run, "WARNING") if "gaps" in t] for run in passed_over] == [
        [f"{good.number} 1 “A monthly hour”: What falls before 1 Sep 2026 and has no order is left out, because gaps "
         "are not filled."],
        [],
    ]  # fmt: skip


def test_visits_after_a_planned_move_go_to_the_new_site() -> None:
    agreement, lift, yard = make_agreement(), make_object(), make_site(name="Yard")
    make_line(agreement, object_relation=relate_object(agreement.pk, lift, by=None))
    moving = {"on": date(2026, 5, 15), "today": date(2026, 4, 1), "version": lift.version}
    move_object(lift.pk, site=yard, by=None, **moving)
    create(agreement, period=Period(date(2026, 5, 1), date(2026, 6, 30)))
    found = ServiceOrder.objects.order_by("service_on").values_list("service_on", "site__name")
    assert list(found) == [(date(2026, 5, 1), "Main"), (date(2026, 6, 1), "Yard")]
    at, given = datetime(2026, 5, 1, tzinfo=UTC), {"agreement": agreement, "service_object": lift}
    for day, site in ((date(2026, 5, 14), lift.site), (date(2026, 5, 15), yard)):
        assert create_order(by=None, at=at, service_on=day, **given).site == site


def test_the_command_plans_as_the_night_does(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("plan_visits")
    assert "Nothing to plan" in capsys.readouterr().out
    assert night(on=date(2026, 4, 2)) is None
    assert list(Run.objects.values_list("kind", "status")) == [("renew_agreements", "DONE")] * 2
    make_initial_stage()
    make_line(make_agreement(start_date=date(2020, 1, 1), end_date=None))
    ServiceParameters.objects.update_or_create(only=True, defaults={"planning_horizon_days": 20})
    call_command("plan_visits")
    assert "DONE" in capsys.readouterr().out and ServiceOrder.objects.exists()
