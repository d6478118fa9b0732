"""Orders created from agreements by the run: contents, SLA, refusals, and that running again creates nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import CombineBy, ServiceAgreement, WindowMethod
from agreements.operations import relate_object, relate_task, save_object, stop_line, suspend
from orders.generation import load, start_generation
from orders.models import OrderOrigin, OrderProgress, ServiceOrder, ServiceOrderLine, SlaStatus, SlaTimeLog
from orders.operations.line import add_line as add_order_line
from orders.planning import Options
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event, NumberSequence, Run
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end, progress, retry_run
from servicemgmt.projects.models import LineKind, Project
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import (
    make_agreement,
    make_calendar,
    make_initial_stage,
    make_interval,
    make_line,
    make_object,
    make_project,
    make_sequences,
    make_site,
    make_sla,
    make_task,
    make_template_group,
    make_window,
)

pytestmark = pytest.mark.django_db

Q2 = Period(date(2026, 4, 1), date(2026, 6, 30))


def create(*agreements: ServiceAgreement, period: Period = Q2, **options: object) -> Run:
    """Run to the end in this process."""
    make_initial_stage()
    run = start_generation(
        [agreement.pk for agreement in agreements],
        Options(period, **options),
        by=user_in("Planner"),
        enqueue=False,
    )
    return execute_to_end(run)


def messages(run: Run, level: str = "") -> list[str]:
    return [m.text for m in run.messages.all() if not level or m.level == level]


def test_SO_A12_header_lines_and_relations_come_from_the_agreement() -> None:
    agreement = make_agreement("Lift care", responsible=None)
    lift = relate_object(agreement.pk, make_object(), reference="north", by=None)
    task = relate_task(agreement.pk, make_task(), note_internal="Bring oil", note_external="Done", by=None)
    make_line(agreement, object_relation=lift, task_relation=task, quantity=Decimal("2.5"))
    make_line(agreement, LineKind.ITEM, object_relation=lift, sales_price=Decimal(99))
    run = create(agreement)
    assert run.status == "DONE" and progress(run).counts == {"orders": 3, "lines": 6}
    order = ServiceOrder.objects.order_by("service_on").first()
    assert order
    assert (order.service_on, order.description, order.origin) == (
        date(2026, 4, 1),
        "Lift care",
        OrderOrigin.SYSTEM,
    )
    assert (order.project, order.customer) == (agreement.project, agreement.customer)
    assert order.progress == OrderProgress.IN_PROCESS and order.stage.parent is None
    assert order.run == run and order.made_by == user_in("Planner")
    assert order.site == lift.service_object.site
    relation = order.object_relations.get()
    assert (relation.service_object, relation.reference) == (lift.service_object, "north")
    copied = order.task_relations.get()
    assert (copied.service_task, copied.note_internal, copied.note_external) == (
        make_task(),
        "Bring oil",
        "Done",
    )
    hour, part = order.lines.all()
    assert (hour.quantity, hour.planned_quantity, hour.date_calculated) == (
        Decimal("2.5"),
        Decimal("2.5"),
        date(2026, 4, 1),
    )
    assert (hour.object_relation, hour.task_relation) == (relation, copied)
    assert hour.line_property == make_money.line_property()
    assert (part.sales_price, part.is_sales_price_modified) == (Decimal(99), True)


def test_F27_running_it_twice_creates_nothing() -> None:
    agreement = make_agreement()
    make_line(agreement)
    create(agreement)
    again = create(agreement)
    assert ServiceOrder.objects.count() == 3
    assert messages(again) == [f"{agreement.number}: nothing to create."]


def test_SO_A07_a_cancelled_line_counts_as_existing() -> None:
    agreement = make_agreement()
    make_line(agreement)
    create(agreement)
    ServiceOrderLine.objects.update(status="CANCELLED")
    create(agreement, continuous=True)
    assert ServiceOrder.objects.count() == 3


def test_F28_continuous_brings_back_a_deleted_date() -> None:
    agreement = make_agreement()
    make_line(agreement)
    create(agreement)
    ServiceOrderLine.objects.filter(date_calculated=date(2026, 5, 1)).delete()
    assert progress(create(agreement)).counts == {}
    assert progress(create(agreement, continuous=True)).counts == {"orders": 1, "lines": 1}


def test_preview_shows_exactly_what_the_run_creates() -> None:
    agreement = make_agreement(combine_by=CombineBy.OBJECT)
    lift = relate_object(agreement.pk, make_object(), by=None)
    make_line(
        agreement,
        object_relation=lift,
        interval=make_interval("WEEK"),
        time_window=make_window(WindowMethod.WEEK),
    )
    make_line(agreement, start_date=date(2026, 1, 15), time_window=make_window())
    make_line(agreement, object_relation=lift, time_window=make_window(WindowMethod.MANUAL, 3, 3))
    shown = load([agreement.pk], Q2)[0].plan(Options(Q2))
    create(agreement)
    there = [
        (order.service_on, [(line.agreement_line_id, line.date_calculated) for line in order.lines.all()])
        for order in ServiceOrder.objects.order_by("pk")
    ]
    assert there == [(order.day, [(i.line.id, i.calculated) for i in order.lines]) for order in shown.orders]


def test_SO_A13_F31_the_clock_starts_at_the_first_opening_of_the_day() -> None:
    sla = make_sla(calendar=make_calendar(opens=480, closes=960))
    agreement = make_agreement(sla=sla)
    make_line(agreement)
    create(agreement, period=Period(date(2026, 4, 1), date(2026, 4, 30)))
    order = ServiceOrder.objects.get()
    assert order.sla == sla and order.sla_status == SlaStatus.STARTED
    assert order.time_logs.get().started_at == datetime(2026, 4, 1, 6, 0, tzinfo=UTC)  # 8 o'clock in Berlin
    assert order.deadline == datetime(2026, 4, 1, 14, 0, tzinfo=UTC)


def test_SO_A13_without_a_calendar_from_midnight_at_the_site() -> None:
    agreement = make_agreement(sla=make_sla())
    make_line(agreement, site=make_site(name="London", zone="Europe/London"))
    create(agreement, period=Period(date(2026, 7, 1), date(2026, 7, 1)))
    order = ServiceOrder.objects.get()
    assert order.time_logs.get().started_at == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
    assert order.deadline == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)


def test_F31_without_sla_on_generated_orders_there_is_none() -> None:
    agreement = make_agreement(sla=make_sla(), sla_on_generated_orders=False)
    make_line(agreement)
    create(agreement)
    assert set(ServiceOrder.objects.values_list("sla", "sla_status", "deadline")) == {(None, "NONE", None)}
    assert not SlaTimeLog.objects.exists()


def test_AG_04_every_line_has_its_own_sla_and_no_order_two() -> None:
    agreement = make_agreement(sla=make_sla("4H", hours=4))
    make_line(agreement)
    make_line(agreement, sla=make_sla("24H", hours=24))
    create(agreement)
    found = ServiceOrder.objects.order_by("service_on", "pk").values_list("service_on", "sla__code")
    days = sorted({day for day, _code in found})
    assert list(found) == [(day, code) for day in days for code in ("4H", "24H")]


def test_SO_A14_a_closed_day_is_a_conflict_and_a_warning() -> None:
    agreement = make_agreement(calendar=make_calendar())
    make_line(agreement, start_date=date(2026, 5, 2))  # a Saturday
    run = create(agreement, period=Period(date(2026, 5, 1), date(2026, 5, 31)))
    order = ServiceOrder.objects.get()
    assert order.calendar_conflict and order.service_on == date(2026, 5, 2)
    assert messages(run, "WARNING") == [f"{order.number} falls on 2 May 2026, a closed day."]


def test_SO_A15_F30_without_a_number_sequence_it_is_refused() -> None:
    agreement = make_agreement()
    make_line(agreement)
    NumberSequence.objects.filter(pk="order").delete()
    with pytest.raises(Refused, match="number sequence"):
        create(agreement)
    make_sequences("order")
    run = start_generation([agreement.pk], Options(Q2), by=None, enqueue=False)
    NumberSequence.objects.filter(pk="order").delete()
    execute_to_end(run)
    run.refresh_from_db()
    assert run.status == "FAILED" and "number sequence" in run.error


def test_F4_F5_SO_A16_a_single_suspended_agreement_or_template_is_refused() -> None:
    agreement = make_agreement()
    suspend(agreement.pk, reason="Unpaid", version=agreement.version, by=None)
    with pytest.raises(Refused, match="suspended"):
        create(agreement)
    with pytest.raises(Refused, match="template"):
        create(make_agreement(template_group=make_template_group()))


def test_F4_F5_SO_A16_among_many_they_are_passed_over_with_a_message() -> None:
    good, bad, template = (
        make_agreement(),
        make_agreement("B"),
        make_agreement("T", template_group=make_template_group()),
    )
    for agreement in (good, bad, template):
        make_line(agreement)
    bad.refresh_from_db()
    suspend(bad.pk, reason="Unpaid", version=bad.version, by=None)
    run = create(good, bad, template)
    assert ServiceOrder.objects.count() == 3
    assert progress(run).counts == {"orders": 3, "lines": 3, "skipped": 2}
    assert messages(run, "WARNING") == [
        f"{bad.number}: The agreement is suspended, so nothing is created from it. Why: Unpaid",
        f"{template.number}: This is a template; nothing is ever created from it.",
    ]


def test_F6_a_stopped_line_is_said_and_others_are_created() -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    make_line(agreement)
    stop_line(line.pk, reason="Unused", version=line.version, by=None)
    run = create(agreement)
    assert ServiceOrderLine.objects.filter(agreement_line=line).count() == 0
    assert ServiceOrder.objects.count() == 3
    assert messages(run, "WARNING") == [f"{agreement.number} 1 “A monthly hour”: The line is stopped."]


def test_F29_only_the_types_asked_for() -> None:
    agreement = make_agreement()
    make_line(agreement)
    make_line(agreement, LineKind.FEE)
    create(agreement, kinds=frozenset({LineKind.HOUR}))
    assert set(ServiceOrderLine.objects.values_list("kind", flat=True)) == {"HOUR"}


def test_SO_A17_the_run_names_the_orders_and_is_in_the_trail() -> None:
    agreement = make_agreement()
    make_line(agreement)
    run = create(agreement)
    numbers = list(ServiceOrder.objects.order_by("pk").values_list("number", flat=True))
    assert messages(run) == [
        f"{agreement.number}: 3 orders with 3 lines created: {numbers[0]} … {numbers[-1]}"
    ]
    assert run.messages.get().data["orders"] == numbers
    assert set(Event.objects.filter(run=run).values_list("action", flat=True)) == {
        "run_started",
        "run_finished",
        "created",
    }
    for order in ServiceOrder.objects.all():
        event = Event.objects.get(subject=f"serviceorder:{order.pk}")
        assert (event.action, event.run, event.actor) == ("created", run, run.started_by)
        assert event.subject_label == str(order) and event.actor_name == run.started_by.name
        assert event.changes == {"agreement": [None, agreement.number]}


def test_a_period_the_wrong_way_round_or_endless_is_refused() -> None:
    agreement = make_agreement()
    for period in (Period(Q2.end, Q2.start), Period(date(2026, 1, 1), date(2126, 1, 1))):
        with pytest.raises(Invalid) as refusal:
            create(agreement, period=period)
        assert refusal.value.field == "to"


def test_the_number_of_statements_does_not_grow_with_lines_or_agreements() -> None:
    def statements(*agreements: ServiceAgreement) -> int:
        run = start_generation([a.pk for a in agreements], Options(Q2), by=None, enqueue=False)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            execute_to_end(run)
        return len(queries)

    make_initial_stage()
    sla = make_sla(calendar=make_calendar())
    small = make_agreement(sla=sla)
    thing = relate_object(small.pk, make_object(), by=None)
    make_line(small, object_relation=thing, task_relation=relate_task(small.pk, make_task(), by=None))
    many = [make_agreement(f"A{n}", sla=sla) for n in range(6)]
    for agreement in many:
        lift = relate_object(agreement.pk, make_object(), by=None)
        task = relate_task(agreement.pk, make_task(), by=None)
        for _n in range(5):
            make_line(agreement, interval=make_interval("WEEK"), object_relation=lift, task_relation=task)
    first, second = statements(small), statements(*many)
    assert ServiceOrderLine.objects.count() > 300
    assert second <= first


def test_one_agreement_that_fails_does_not_take_the_others_along(monkeypatch: pytest.MonkeyPatch) -> None:
    from orders.generation import write

    def explode(written: write.Written) -> write.Clock:
        if written.loaded.agreement.description == "Bad":
            raise RuntimeError("boom")
        return write.NO_CLOCK

    monkeypatch.setattr(write, "_start_clock", explode)
    agreements = [make_agreement(name) for name in ("One", "Bad", "Two", "Three")]
    for agreement in agreements:
        make_line(agreement)
    run = create(*agreements)
    assert run.status == "DONE"
    assert set(ServiceOrder.objects.values_list("description", flat=True)) == {"One", "Two", "Three"}
    message = run.messages.get(level="ERROR")
    assert message.data["item"] == agreements[1].pk and message.text.startswith(f"{agreements[1].number}: ")
    assert message.subject == f"serviceagreement:{agreements[1].pk}"
    monkeypatch.undo()
    again = execute_to_end(retry_run(run.pk, by=user_in("Planner")))
    assert again.parameters["agreements"] == [agreements[1].pk]
    assert ServiceOrder.objects.filter(description="Bad").exists()


def test_lines_are_priced_as_an_order_entered_by_hand_would_be() -> None:
    """Two dates around a change of the price, an agreed price, an item in another currency: `add_line` is the judge."""
    abroad = make_money.customer("Smith", currency="USD")
    agreement = make_agreement(project=make_project("Abroad", customer=abroad))
    make_line(agreement)
    make_line(agreement, LineKind.ITEM)
    make_line(agreement, LineKind.EXPENSE, cost_price=Decimal(7))
    make_line(agreement, LineKind.FEE, sales_price=Decimal("12.5"))
    make_money.cost_price("40")
    make_money.sales_price("90", currency="USD")
    make_money.sales_price("95", currency="USD", valid_from=date(2026, 5, 1), project=agreement.project)
    make_money.sales_price("91", currency="EUR")
    make_money.sales_price("25", kind="EXPENSE", currency="USD", model="PERCENT")
    create(agreement)
    order = ServiceOrder.objects.order_by("service_on").first()
    assert order
    at = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
    for order in ServiceOrder.objects.all():
        for line in list(order.lines.all()):
            agreed = {name: getattr(line.agreement_line, name) for name in ("cost_price", "sales_price")}
            twin = add_order_line(
                order.pk, version=None, by=None, at=at, kind=line.kind, category=line.category, item=line.item,
                quantity=line.quantity, description="twin",
                **{name: price for name, price in agreed.items() if price is not None},
            )  # fmt: skip
            for name in (
                "cost_price",
                "sales_price",
                "is_sales_price_modified",
                "price_reason",
                "line_property",
            ):
                assert getattr(line, name) == getattr(twin, name), (line.kind, name)
    hours = ServiceOrderLine.objects.filter(kind="HOUR", agreement_line__isnull=False)
    assert set(hours.values_list("sales_price", flat=True)) == {Decimal(90), Decimal(95)}


def test_nothing_is_created_for_an_object_out_of_service_nor_on_a_closed_project() -> None:
    agreement = make_agreement(combine_by=CombineBy.OBJECT)
    lift = relate_object(agreement.pk, make_object(), by=None)
    make_line(agreement, object_relation=lift)
    make_line(agreement)
    save_object(lift.service_object.pk, version=1, by=None, ended_on=date(2026, 5, 1))
    Project.objects.filter(pk=agreement.project_id).update(ended_on=date(2026, 6, 1))
    create(agreement)
    dates = ServiceOrderLine.objects.order_by("order__service_on", "agreement_line")
    assert [(line.date_calculated.month, bool(line.object_relation)) for line in dates] == [
        (4, True),
        (4, False),
        (5, False),
    ]
    later = create(agreement, period=Period(date(2026, 7, 1), date(2026, 7, 31)))
    assert [text.partition("; ")[0] for text in messages(later, "WARNING")] == [
        f"{agreement.number} 1 “A monthly hour”: Its object is out of service from 1 May 2026 on",
        f"{agreement.number} 2 “A monthly hour”: The project is closed from 1 Jun 2026 on",
    ]
