"""The pages that plan visits: preview before anything is written, then the run; and the lists of what was made."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import DueFrom, ServiceAgreement
from agreements.operations import relate_object, stop_line, suspend
from orders.models import ServiceOrder
from orders.views.plan import next_quarter
from servicemgmt.core.models import Event, NumberSequence, Run
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end, progress
from tests.cast import stranger, user_in
from tests.make_agreements import (
    make_agreement,
    make_calendar,
    make_group,
    make_initial_stage,
    make_line,
    make_object,
    make_template_group,
)

pytestmark = pytest.mark.django_db

Q2: dict[str, Any] = {"start": "2026-04-01", "end": "2026-06-30", "kinds": ["HOUR", "EXPENSE", "ITEM", "FEE"]}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are worked by hand here."""
    monkeypatch.setattr("servicemgmt.core.tasks.execute_run.delay_on_commit", lambda *ids: None)


@pytest.fixture
def pia(client: Client) -> Client:
    client.force_login(user_in("Planner"))
    make_initial_stage()
    return client


def plan_url(agreement: ServiceAgreement) -> str:
    return reverse("orders:plan", args=[agreement.number])


def test_the_next_quarter_is_usual() -> None:
    assert next_quarter(date(2026, 11, 22)) == Period(date(2027, 1, 1), date(2027, 3, 31))
    assert next_quarter(date(2026, 1, 1)) == Period(date(2026, 4, 1), date(2026, 6, 30))


def test_the_preview_shows_each_order_with_its_reason_and_writes_nothing(pia: Client) -> None:
    agreement = make_agreement(calendar=make_calendar())
    make_line(agreement, description="Inspection")
    page = pia.get(plan_url(agreement), Q2)
    assert page.context["preview"]["order_count"] == 3
    for text in ("Inspection", "calculated 1 Apr 2026", "Fri", "Create 3 orders"):
        assert text in page.text, text
    assert not ServiceOrder.objects.exists() and not Run.objects.exists()
    assert pia.get(plan_url(agreement)).status_code == 200


def test_SO_A14_the_preview_marks_closed_days(pia: Client) -> None:
    agreement = make_agreement(calendar=make_calendar())
    make_line(agreement, start_date=date(2026, 5, 2))
    page = pia.get(plan_url(agreement), Q2)
    assert page.context["preview"]["conflicts"] == 1 and "closed day" in page.text


def test_creating_starts_the_run_that_makes_what_was_shown(pia: Client) -> None:
    agreement = make_agreement()
    make_line(agreement)
    digest = pia.get(plan_url(agreement), Q2).context["digest"]
    answer = pia.post(plan_url(agreement), Q2 | {"digest": digest})
    run = Run.objects.get()
    assert answer["Location"] == reverse("core:run", args=[run.pk])
    assert Event.objects.filter(run=run, action="run_started", actor=user_in("Planner")).exists()
    execute_to_end(run)
    assert ServiceOrder.objects.filter(run=run).count() == 3
    made = pia.get(reverse("orders:run_orders", args=[run.pk]))
    assert made.text.count(agreement.number) >= 3


def test_what_changed_since_the_preview_is_shown_instead_of_created(pia: Client) -> None:
    agreement = make_agreement()
    make_line(agreement)
    digest = pia.get(plan_url(agreement), Q2).context["digest"]
    make_line(agreement, start_date=date(2026, 1, 15))
    answer = pia.post(plan_url(agreement), Q2 | {"digest": digest})
    assert answer.status_code == 409 and "Something changed" in answer.text
    assert answer.context["preview"]["order_count"] == 6 and not Run.objects.exists()


def test_SO_A16_a_suspended_agreement_or_template_is_refused_with_a_sentence(pia: Client) -> None:
    agreement = make_agreement()
    make_line(agreement)
    agreement.refresh_from_db()
    suspend(agreement.pk, reason="Unpaid", version=agreement.version, by=None)
    page = pia.get(plan_url(agreement), Q2)
    assert "is suspended" in page.text and "Create" not in page.text.partition('id="preview"')[2]
    answer = pia.post(plan_url(agreement), Q2 | {"digest": page.context["digest"]})
    assert answer.status_code == 409 and not Run.objects.exists()
    template = make_agreement("T", template_group=make_template_group())
    assert "is a template" in pia.get(plan_url(template), Q2).text


def test_SO_A15_without_sequence_the_page_says_so(pia: Client) -> None:
    agreement = make_agreement()
    make_line(agreement)
    NumberSequence.objects.filter(pk="order").delete()
    page = pia.get(plan_url(agreement), Q2)
    assert "no number sequence" in page.text
    assert pia.post(plan_url(agreement), Q2 | {"digest": page.context["digest"]}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"end": "2026-03-01"}, {"end": "2126-03-01"}, {"start": "x"}, {"kinds": []}],
)
def test_a_wrong_form_is_answered_in_place(pia: Client, wrong: dict[str, Any]) -> None:
    agreement = make_agreement()
    for answer in (pia.get(plan_url(agreement), Q2 | wrong), pia.post(plan_url(agreement), Q2 | wrong)):
        assert answer.status_code == 422 and answer.context["form"].errors


def test_SO_A01_many_agreements_by_filter_and_by_ticking(
    pia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = [make_agreement(f"Gold {n}") for n in range(3)]
    silver = make_agreement("Silver one", group=make_group("SILVER"))
    for agreement in (*gold, silver):
        make_line(agreement)
    many = reverse("orders:plan_many")
    asked = Q2 | {"group": make_group().pk}
    page = pia.get(many, asked)
    assert page.context["totals"]["orders"] == 9 and "Silver one" not in page.text
    line = gold[0].lines.get()
    stop_line(line.pk, reason="Unused", version=line.version, by=None)
    changed = pia.post(many, asked | {"digest": page.context["digest"]})
    assert changed.status_code == 409 and not Run.objects.exists()
    assert "Something changed since the preview" in changed.text and changed.context["totals"]["orders"] == 6
    answer = pia.post(many, asked | {"digest": changed.context["digest"]})
    run = Run.objects.get()
    assert answer.status_code == 302 and run.parameters["agreements"] == [a.pk for a in gold]
    ticked = pia.post(reverse("orders:plan_chosen"), {"pk": [silver.pk]})
    page = pia.get(ticked["Location"])
    assert page.context["count"] == 1 and ("pk", str(silver.pk)) in page.context["hidden"]
    assert pia.post(reverse("orders:plan_chosen")).status_code == 302
    with monkeypatch.context() as patched:
        patched.setattr("orders.views.plan.MOST", 2)
        many_found = pia.get(many, asked)
        assert many_found.status_code == 409 and "3 agreements are found" in many_found.text
    execute_to_end(run)
    assert ServiceOrder.objects.count() == 6


def test_the_preview_of_many_plans_all_and_pages_what_it_tells(
    pia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orders.generation import preview

    monkeypatch.setattr(preview, "SHOWN", 2)
    monkeypatch.setattr(preview, "CHUNK", 2)
    many, agreements = reverse("orders:plan_many"), [make_agreement(f"A{n}") for n in range(3)]
    for agreement in agreements:
        make_line(agreement, due_from=DueFrom.ACTUAL if agreement is agreements[2] else DueFrom.PLAN)
    first = pia.get(many, Q2)
    assert first.context["totals"] == {"orders": 7, "joined": 0, "lines": 7, "conflicts": 0, "expected": 2}
    assert len(first.context["rows"]) == 2 and not first.context["first_url"] and "1–2 of 3" in first.text
    second = pia.get(first.context["next_url"])
    assert [row["told"].agreement for row in second.context["rows"]] == [agreements[2]]
    assert "Forecast, not created yet" in second.text and "2 visits forecast" in second.text
    assert second.context["digest"] == first.context["digest"] and ("page", "2") in second.context["hidden"]
    stop_line(agreements[0].lines.get().pk, reason="Unused", version=1, by=None)
    late = pia.post(many, Q2 | {"page": "2", "digest": second.context["digest"]})
    assert late.status_code == 409, "what changed on another page counts too"
    monkeypatch.setattr(preview, "ALL_AT_ONCE", 2)
    part = pia.get(many, Q2 | {"page": "9"})
    assert part.context["totals"]["orders"] == 1 and "those of this page" in part.text
    assert pia.post(reverse("orders:preview_all"), Q2).status_code == 302
    foreseen = execute_to_end(Run.objects.get(kind="preview_orders"))
    assert not ServiceOrder.objects.exists(), "a preview creates nothing"
    assert pia.post(many, Q2 | {"digest": pia.get(many, Q2).context["digest"]}).status_code == 302
    made = execute_to_end(Run.objects.get(kind="create_orders"))
    shared = {name: progress(made).counts[name] for name in ("orders", "lines")}
    assert progress(foreseen).counts == shared == {"orders": ServiceOrder.objects.count(), "lines": 4}
    told = [m.text.split(": ", 1)[1] for m in foreseen.messages.filter(level="INFO")]
    assert told == [
        "3 orders with 3 lines: 1 Apr 2026, 1 May 2026, 1 Jun 2026",
        "1 order with 1 line: 1 Apr 2026",
    ]


def test_SO_A19_the_visits_of_an_agreement_and_the_history_of_an_object(pia: Client) -> None:
    agreement, lift = make_agreement(), make_object()
    make_line(agreement, object_relation=relate_object(agreement.pk, lift, by=None))
    digest = pia.get(plan_url(agreement), Q2).context["digest"]
    pia.post(plan_url(agreement), Q2 | {"digest": digest})
    execute_to_end(Run.objects.get())
    for name, number in (("agreement_orders", agreement.number), ("object_orders", lift.number)):
        address = reverse(f"orders:{name}", args=[number])
        page = pia.get(address)
        assert len(page.context["listing"]["rows"]) == 3
        region = pia.get(address, headers={"HX-Request": "true", "HX-Target": "visits"})
        assert region.status_code == 200 and "<html" not in region.text and region.text.count("SO-") >= 3
    history = pia.get(reverse("orders:object_orders", args=[lift.number]))
    assert "Cost" in history.text and history.context["listing"]["totals"]


def test_C12_a_dispatcher_sees_no_cost(client: Client) -> None:
    lift = make_object()
    client.force_login(user_in("Dispatcher"))
    page = client.get(reverse("orders:object_orders", args=[lift.number]))
    assert page.status_code == 200 and "Cost" not in page.text


def test_the_history_of_a_busy_object_stays_at_a_few_statements(pia: Client) -> None:
    agreement, lift = make_agreement(start_date=date(2022, 1, 1), end_date=None), make_object()
    relation = relate_object(agreement.pk, lift, by=None)
    from tests.make_agreements import make_interval

    make_line(agreement, object_relation=relation, interval=make_interval("DAY"), quantity=Decimal(1))
    from orders.generation import start_generation
    from orders.planning import Options

    options = Options(Period(date(2022, 1, 1), date(2026, 6, 30)))
    execute_to_end(start_generation([agreement.pk], options, by=None, enqueue=False))
    assert ServiceOrder.objects.count() > 1500
    address = reverse("orders:object_orders", args=[lift.number])
    pia.get(address)
    with CaptureQueriesContext(connection) as queries:
        page = pia.get(address)
    assert len(queries) <= 16 and len(page.context["listing"]["rows"]) == 50


def test_strangers_and_methods(client: Client) -> None:
    agreement, lift = make_agreement(), make_object()
    addresses = [
        plan_url(agreement),
        reverse("orders:plan_many"),
        reverse("orders:agreement_orders", args=[agreement.number]),
        reverse("orders:object_orders", args=[lift.number]),
        reverse("orders:run_orders", args=[1]),
    ]
    assert {client.get(address).status_code for address in addresses} == {302}
    client.force_login(stranger())
    assert {client.get(address).status_code for address in addresses} == {403}
    assert client.post(reverse("orders:plan_chosen")).status_code == 403
    client.force_login(user_in("Technician"))
    assert client.get(plan_url(agreement)).status_code == 403
    assert client.get(reverse("orders:object_orders", args=[lift.number])).status_code == 404
    client.force_login(user_in("Planner"))
    assert {client.put(address).status_code for address in addresses} == {405}
    assert client.get(reverse("orders:plan_chosen")).status_code == 405
    assert client.get(reverse("orders:plan", args=["SA-none"])).status_code == 404
