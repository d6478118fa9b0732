"""Every page of agreements: it works, refuses other methods, strangers and wrong states, and leaves a trace."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements import operations
from agreements.models import ServiceAgreement, ServiceObject
from servicemgmt.core.models import Event
from servicemgmt.projects.models import ProjectKind
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import (
    make_agreement,
    make_group,
    make_interval,
    make_line,
    make_object,
    make_project,
    make_sequences,
    make_site,
    make_sla,
    make_task,
    make_template_group,
)
from tests.make_orders import make_order, make_worker, set_parameters

pytestmark = pytest.mark.django_db


@pytest.fixture
def pia(client: Client) -> Client:
    client.force_login(user_in("Planner"))
    return client


def url(name: str, *arguments: Any) -> str:
    return reverse(f"agreements:{name}", args=arguments)


def header(agreement: ServiceAgreement | None = None, **fields: Any) -> dict[str, Any]:
    """What the form of a header posts."""
    found = {
        "description": "Lift care",
        "group": make_group().pk,
        "start_date": "2026-01-01",
        "combine_by": "AGREEMENT",
        "sla_on_generated_orders": "on",
        "version": agreement.version if agreement else "",
        "project": agreement.project_id if agreement else make_project().pk,
    }
    return found | fields


def line_data(**fields: Any) -> dict[str, Any]:
    found = {
        "description": "Inspection",
        "category": make_money.category().pk,
        "quantity": "2.5",
        "start_date": "2026-01-01",
        "interval": make_interval().pk,
    }
    return found | fields


def test_the_list_shows_states_under_tabs(pia: Client) -> None:
    make_agreement("Running one", start_date=date(2020, 1, 1), end_date=None)
    make_agreement("Old one", start_date=date(2020, 1, 1), end_date=date(2020, 12, 31))
    make_agreement("Model", template_group=make_template_group())
    page = pia.get(url("agreements"))
    assert "Running one" in page.text and "Old one" not in page.text and "Model" not in page.text
    assert "Old one" in pia.get(url("agreements") + "?tab=ended").text
    assert "Model" in pia.get(url("agreements") + "?tab=templates").text
    assert "Running one" in pia.get(url("agreements") + "?tab=all&format=csv").getvalue().decode()


def test_AG_20_the_list_filters_by_group_and_responsible(pia: Client) -> None:
    bo = make_worker("Bo")
    make_agreement("Gold one", responsible=bo, end_date=None)
    make_agreement("Silver one", group=make_group("SILVER"), end_date=None)
    page = pia.get(url("agreements"), {"group": make_group().pk, "responsible": bo.pk, "tab": "all"})
    assert "Gold one" in page.text and "Silver one" not in page.text


def test_AG_20_new_responsible_for_the_ticked_ones(pia: Client) -> None:
    bo, first, second = make_worker("Bo"), make_agreement("A"), make_agreement("B")
    asked = pia.post(url("chosen_responsible"), {"pk": [first.pk, second.pk]})
    assert asked.status_code == 302 and "2 agreements" in pia.get(asked["Location"]).text
    pia.post(url("responsible"), {"pk": [first.pk, second.pk], "responsible": bo.pk})
    assert set(ServiceAgreement.objects.values_list("responsible", flat=True)) == {bo.pk}
    assert pia.post(url("chosen_responsible")).status_code == 302


def test_F1_AG_01_the_form_of_a_new_agreement_starts_with_the_usual_group_and_its_sla(pia: Client) -> None:
    sla = make_sla()
    silver = make_group("SILVER", sla=sla)
    set_parameters(agreement_group=silver)
    form = pia.get(url("agreement_new")).context["form"]
    assert (form["group"].value(), form["sla"].value()) == (silver.pk, sla.pk)
    make_group("GOLD", sla=make_sla("4H"))
    answer = pia.get(url("group_sla"), {"group": make_group("GOLD").pk})
    assert f'<option value="{make_sla("4H").pk}" selected>' in answer.text


def test_AG_01_AG_02_an_agreement_is_created_from_a_project(pia: Client) -> None:
    make_sequences()
    project = make_project()
    form = pia.get(url("agreement_new") + f"?project={project.number}").context["form"]
    assert form["project"].value() == project.pk
    answer = pia.post(url("agreement_new"), header(project=project.pk))
    agreement = ServiceAgreement.objects.get()
    assert answer["Location"] == url("agreement", agreement.number)
    assert agreement.made_by == user_in("Planner")
    assert Event.objects.filter(subject=f"serviceagreement:{agreement.pk}", action="created").exists()


def test_F2_a_time_project_is_refused_at_its_field(pia: Client) -> None:
    project = make_project(kind=ProjectKind.TIME)
    make_agreement()  # the sequences
    answer = pia.post(url("agreement_new"), header(project=project.pk))
    assert answer.status_code == 422
    assert "cannot be attached to time projects" in answer.context["form"].errors["project"][0]


def test_a_template_needs_its_group_and_no_project(pia: Client) -> None:
    make_agreement()
    answer = pia.post(url("agreement_new") + "?template=1", header(project=""))
    assert answer.status_code == 422 and "template_group" in answer.context["form"].errors
    folder = make_template_group().pk
    pia.post(url("agreement_new") + "?template=1", header(project="", template_group=folder))
    assert ServiceAgreement.objects.templates().count() == 1


def test_the_page_of_an_agreement_shows_everything(pia: Client) -> None:
    agreement = make_agreement("Lift care", end_date=None)
    lift = operations.relate_object(agreement.pk, make_object("Lift 7"), by=None)
    task = operations.relate_task(agreement.pk, make_task("OIL", note_internal="Bring oil"), by=None)
    make_line(agreement, object_relation=lift, task_relation=task, description="Oil change")
    page = pia.get(url("agreement", agreement.number))
    for text in ("Lift care", "Lift 7", "Oil change", "Bring oil", "Plan visits", "Running"):
        assert text in page.text, text
    assert pia.get(url("agreement", "SA-none")).status_code == 404


def test_a_dispatcher_reads_and_does_not_change(client: Client) -> None:
    client.force_login(user_in("Dispatcher"))
    agreement = make_agreement()
    line = make_line(agreement)
    page = client.get(url("agreement", agreement.number))
    assert page.status_code == 200 and "Add line" not in page.text
    assert client.get(url("agreement_edit", agreement.number)).status_code == 403
    assert client.post(url("line_stop", agreement.number, line.pk)).status_code == 403


def test_an_agreement_is_edited_and_a_stale_form_shows_the_fresh_state(pia: Client) -> None:
    agreement = make_agreement()
    old = header(agreement, description="New name")
    assert pia.post(url("agreement_edit", agreement.number), old).status_code == 302
    answer = pia.post(url("agreement_edit", agreement.number), old | {"description": "Too late"})
    assert answer.status_code == 409 and "changed by someone else" in answer.text
    assert answer.context["form"]["description"].value() == "New name"


def test_F3_AG_07_marking_a_template_with_orders_is_refused_on_the_page(pia: Client) -> None:
    agreement = make_agreement()
    make_order(agreement=agreement, service_on=date(2026, 3, 16))
    data = header(agreement, template_group=make_template_group().pk)
    answer = pia.post(url("agreement_edit", agreement.number), data)
    assert answer.status_code == 409 and "cannot be used as a template" in answer.text


def test_suspend_resume_end_delete(pia: Client) -> None:
    agreement = make_agreement()
    number = agreement.number
    pia.post(url("agreement_suspend", number), {"version": 1})
    assert "Suspended" in pia.get(url("agreement", number)).text
    answer = pia.post(url("agreement_suspend", number), {"version": 2}, follow=True)
    assert "suspended already" in answer.text
    pia.post(url("agreement_resume", number), {"version": 2})
    assert pia.post(url("agreement_end", number), {"on": "2026-06-30", "version": 3}).status_code == 422
    pia.post(url("agreement_end", number), {"on": "2026-06-30", "reason": "Sold", "version": 3})
    agreement.refresh_from_db()
    assert (agreement.end_date, agreement.end_reason) == (date(2026, 6, 30), "Sold")
    stale = pia.post(url("agreement_end", number), {"on": "2026-05-30", "reason": "Sold", "version": 3})
    assert stale.status_code == 409
    pia.post(url("agreement_delete", number), {"version": 4})
    assert not ServiceAgreement.objects.exists()


def test_AG_18_deleting_with_orders_is_refused_with_a_sentence(pia: Client) -> None:
    agreement = make_agreement()
    make_order(agreement=agreement, service_on=date(2026, 3, 16))
    answer = pia.post(url("agreement_delete", agreement.number), {"version": 1}, follow=True)
    assert "has service orders" in answer.text and ServiceAgreement.objects.exists()


@pytest.mark.parametrize(
    ("kind", "shown", "not_shown"),
    [
        ("HOUR", ["worker", "quantity"], ["item", "unit", "cost_price", "item_setup"]),
        ("EXPENSE", ["worker", "cost_price"], ["item", "unit", "item_setup"]),
        ("ITEM", ["item", "unit", "item_setup"], ["worker", "cost_price"]),
        ("FEE", ["worker", "sales_price"], ["item", "unit", "cost_price", "item_setup"]),
    ],
)
def test_AG_08_each_type_has_its_own_form(
    pia: Client, kind: str, shown: list[str], not_shown: list[str]
) -> None:
    agreement = make_agreement()
    for code in ("HOUR", "EXPENSE", "ITEM", "FEE"):
        make_money.category(code)
    make_money.category(kind, code="OFF", is_active=False)
    form = pia.get(url("line_new", agreement.number), {"kind": kind}).context["form"]
    assert set(shown) <= set(form.fields) and not set(not_shown) & set(form.fields)
    assert [category.code for category in form.fields["category"].queryset] == [kind]


def test_lines_are_added_changed_stopped_and_removed(pia: Client) -> None:
    agreement = make_agreement()
    number = agreement.number
    answer = pia.post(url("line_new", number) + "?kind=HOUR", line_data(again="1"))
    assert answer["Location"].endswith("?kind=HOUR")
    line = agreement.lines.get()
    assert (line.quantity, line.line_property) == (Decimal("2.5"), agreement.project.line_property)
    assert pia.post(url("line_new", number), line_data(quantity="0")).status_code == 422
    changed = line_data(quantity="3", version=1)
    assert pia.post(url("line_edit", number, line.pk), changed).status_code == 302
    stale = pia.post(url("line_edit", number, line.pk), changed)
    assert stale.status_code == 409 and "changed by someone else" in stale.text
    pia.post(url("line_stop", number, line.pk), {"version": 2})
    assert "Stopped." in pia.get(url("agreement", number)).text
    pia.post(url("line_restart", number, line.pk), {"version": 3})
    pia.post(url("line_remove", number, line.pk), {"version": 4})
    assert not agreement.lines.exists()
    actions = Event.objects.filter(subject=f"serviceagreement:{agreement.pk}").values_list(
        "action", flat=True
    )
    assert {"line_added", "line_changed", "line_removed"} <= set(actions)


def test_an_item_line_is_called_like_its_item(pia: Client) -> None:
    agreement = make_agreement()
    data = line_data(
        description="",
        category=make_money.category("ITEM").pk,
        item=make_money.item().pk,
        item_setup="JOURNAL",
        unit="",
    )
    pia.post(url("line_new", agreement.number) + "?kind=ITEM", data)
    line = agreement.lines.get()
    assert line.description == line.item.name and line.unit == line.item.unit


def test_AG_10_the_form_offers_related_objects_only(pia: Client) -> None:
    agreement, other = make_agreement("A"), make_agreement("B")
    mine = operations.relate_object(agreement.pk, make_object("Mine"), by=None)
    theirs = operations.relate_object(other.pk, make_object("Theirs"), by=None)
    form = pia.get(url("line_new", agreement.number)).context["form"]
    assert list(form.fields["object_relation"].queryset) == [mine]
    answer = pia.post(url("line_new", agreement.number), line_data(object_relation=theirs.pk))
    assert answer.status_code == 422 and "object_relation" in answer.context["form"].errors


def test_relations_come_go_and_are_refused_in_place(pia: Client) -> None:
    agreement, lift, oil = make_agreement(), make_object(), make_task("OIL")
    number = agreement.number
    pia.post(url("relate_object", number), {"service_object": lift.pk})
    again = pia.post(url("relate_object", number), {"service_object": lift.pk})
    assert again.status_code == 409 and "related already" in again.text
    assert pia.post(url("relate_object", number), {}).status_code == 422
    pia.post(url("relate_task", number), {"service_task": oil.pk})
    assert pia.post(url("relate_task", number), {"service_task": oil.pk}).status_code == 422
    task = agreement.task_relations.get()
    notes = {"note_internal": "Two litres", "note_external": "Done", "version": 1}
    assert pia.post(url("task_notes", number, task.pk), notes).status_code == 302
    assert pia.post(url("task_notes", number, task.pk), notes | {"note_internal": "x"}).status_code == 409
    pia.post(url("unrelate_task", number, task.pk))
    pia.post(url("unrelate_object", number, agreement.object_relations.get().pk))
    assert not agreement.task_relations.exists() and not agreement.object_relations.exists()
    other = make_agreement("B")
    assert pia.post(url("unrelate_task", other.number, task.pk)).status_code == 404


def test_AG_13_copying_shows_the_tree_then_the_lines(pia: Client) -> None:
    folder = make_template_group("TOP")
    template = make_agreement("Lift model", template_group=make_template_group("BELOW", parent=folder))
    keep, stopped = make_line(template, description="Keep"), make_line(template, description="Stopped one")
    operations.stop_line(stopped.pk, version=1, by=None)
    agreement = make_agreement()
    tree = pia.get(url("copy_lines", agreement.number))
    assert "Lift model" in tree.text
    page = pia.get(url("copy_lines", agreement.number), {"source": template.pk})
    assert "Keep" in page.text and "Stopped one" not in page.text and "1 stopped line" in page.text
    target = url("copy_lines", agreement.number) + f"?source={template.pk}"
    refused = pia.post(target, {"version": 1})
    assert refused.status_code == 409 and "Tick the lines" in refused.text
    assert pia.post(target, {"version": 1, "line": keep.pk}).status_code == 302
    assert agreement.lines.get().description == "Keep"


def object_data(**fields: Any) -> dict[str, Any]:
    thing = make_object("The sequence")
    return {"description": "Lift 9", "group": thing.group_id, "site": thing.site_id} | fields


def test_the_register_its_form_and_its_page(pia: Client) -> None:
    pia.post(url("object_new"), object_data(serial_number="S-9", placed_on="2026-01-01"))
    thing = ServiceObject.objects.get(description="Lift 9")
    assert "Lift 9" in pia.get(url("objects") + "?q=S-9").text
    page = pia.get(url("object", thing.number))
    assert "S-9" in page.text and "since 1 Jan 2026" in page.text
    assert pia.post(url("object_new"), {"description": ""}).status_code == 422
    data = {"description": "Lift 10", "group": thing.group_id, "version": 1, "ended_on": "2026-05-01"}
    assert pia.post(url("object_edit", thing.number), data).status_code == 302
    stale = pia.post(url("object_edit", thing.number), data | {"description": "Lift 11"})
    assert stale.status_code == 409 and "changed by someone else" in stale.text
    assert "Lift 10" in pia.get(url("objects") + "?tab=ended").text


def test_the_parts_of_an_object_are_a_tree(pia: Client) -> None:
    machine = make_object("Machine")
    drive = make_object("Drive", parent=machine)
    make_object("Bearing", parent=drive)
    page = pia.get(url("object", machine.number))
    found = [(row["object"].description, row["depth"]) for row in page.context["parts"]]
    assert found == [("Drive", 0), ("Bearing", 1)]
    circle = {"description": "Machine", "group": machine.group_id, "version": 1, "parent": drive.pk}
    answer = pia.post(url("object_edit", machine.number), circle)
    assert answer.status_code == 409 and "part of itself" in answer.text


def test_an_object_moves(pia: Client) -> None:
    thing, yard = make_object(placed_on=date(2026, 1, 1)), make_site(name="Yard")
    move = url("object_move", thing.number)
    assert pia.get(move).status_code == 200
    assert pia.post(move, {"site": yard.pk, "on": "2025-01-01", "version": 1}).status_code == 422
    assert pia.post(move, {"site": yard.pk, "on": "2026-02-01", "version": 1}).status_code == 302
    assert pia.post(move, {"site": thing.site_id, "on": "2026-03-01", "version": 1}).status_code == 409
    assert "Yard" in pia.get(url("object", thing.number)).text


def test_C12_a_technician_opens_the_objects_of_his_orders_only(client: Client) -> None:
    bo = user_in("Technician")
    client.force_login(bo)
    mine, other = make_object("Mine"), make_object("Other")
    order = make_order(service_object=mine, service_on=timezone.localdate())
    order.assignments.create(worker=make_worker("Bo", user=bo))
    page = client.get(url("object", mine.number))
    assert page.status_code == 200 and "Cost" not in page.text
    assert client.get(url("object", other.number)).status_code == 404
    assert client.get(url("objects")).status_code == 403


READS = ["agreements", "agreement_new", "objects", "object_new", "responsible", "group_sla"]
OF_AGREEMENT = ["agreement", "agreement_edit", "agreement_end", "copy_lines", "line_new"]
POSTS: list[Callable[[ServiceAgreement, int], str]] = [
    lambda a, line: url("agreement_delete", a.number),
    lambda a, line: url("agreement_suspend", a.number),
    lambda a, line: url("agreement_resume", a.number),
    lambda a, line: url("line_stop", a.number, line),
    lambda a, line: url("line_restart", a.number, line),
    lambda a, line: url("line_remove", a.number, line),
    lambda a, line: url("relate_object", a.number),
    lambda a, line: url("relate_task", a.number),
    lambda a, line: url("unrelate_object", a.number, 1),
    lambda a, line: url("unrelate_task", a.number, 1),
    lambda a, line: url("chosen_responsible"),
]


def test_strangers_see_nothing_and_methods_are_checked(client: Client) -> None:
    agreement = make_agreement()
    line = make_line(agreement)
    reads = [url(name) for name in READS] + [url(name, agreement.number) for name in OF_AGREEMENT]
    posts = [make(agreement, line.pk) for make in POSTS]
    assert all(client.get(address).status_code == 302 for address in reads), "signed out"
    client.force_login(stranger())
    assert {client.get(address).status_code for address in reads} == {403}
    assert {client.post(address).status_code for address in posts} == {403}
    client.force_login(user_in("Planner"))
    assert {client.get(address).status_code for address in posts} == {405}
    assert {client.delete(address).status_code for address in reads} == {405}
    assert {client.get(address).status_code for address in reads} == {200}


def test_AG_19_a_technician_without_team_is_warned_about(pia: Client) -> None:
    make_sequences()
    bo = make_worker("Bo")
    answer = pia.post(url("agreement_new"), header(preferred_technician=bo.pk), follow=True)
    assert "Bo is in no dispatch team" in answer.text


def test_absurd_keys_find_nothing(pia: Client) -> None:
    agreement, huge = make_agreement(), "9" * 30
    assert pia.get(url("responsible"), {"pk": huge}).status_code == 200
    assert pia.post(url("responsible"), {"pk": huge}).status_code == 422
    assert pia.get(url("group_sla"), {"group": huge}).status_code == 200
    assert pia.get(url("agreement_new"), {"project": huge}).status_code == 200
    copy = url("copy_lines", agreement.number)
    assert pia.get(copy, {"source": huge}).status_code == 200
    assert pia.post(copy, {"line": huge, "version": 1}).status_code == 409
    assert pia.post(url("agreement_suspend", agreement.number), {"version": huge}).status_code == 302
    assert pia.get(reverse("orders:plan_many"), {"pk": huge}).status_code == 200
    assert pia.get(url("agreements"), {"group": huge, "customer": huge}).status_code == 200
