"""The pages of agreements: they work, refuse other methods, strangers and wrong states, and leave a trace."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from agreements import operations
from agreements.models import ServiceAgreement
from servicemgmt.core.models import Event
from servicemgmt.projects.models import ProjectKind
from tests.agreements.ask import header, url
from tests.cast import stranger, user_in
from tests.make_agreements import (
    make_agreement,
    make_group,
    make_line,
    make_object,
    make_project,
    make_sequences,
    make_sla,
    make_task,
    make_template_group,
)
from tests.make_orders import make_order, make_worker, set_parameters

pytestmark = pytest.mark.django_db


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
    listed = pia.get(url("agreements"), {"project": project.pk})
    kept = f"{url('agreement_new')}?project={project.pk}"
    assert kept in listed.text
    for new in (url("agreement_new") + f"?project={project.number}", kept):
        assert pia.get(new).context["form"]["project"].value() == project.pk
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


def test_AG_13_templates_stand_in_the_tree_of_their_groups(pia: Client) -> None:
    folder = make_template_group("TOP")
    template = make_agreement("Lift model", template_group=make_template_group("BELOW", parent=folder))
    make_template_group("EMPTY")
    page = pia.get(url("templates"))
    found = [(row["group"].code, row["depth"], len(row["templates"])) for row in page.context["tree"]]
    assert found == [("EMPTY", 0, 0), ("TOP", 0, 0), ("BELOW", 1, 1)]
    assert url("agreement", template.number) in page.text


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


def test_an_agreement_is_edited_and_who_comes_late_learns_what_changed(pia: Client) -> None:
    agreement = make_agreement()
    old = header(agreement, description="New name")
    assert pia.post(url("agreement_edit", agreement.number), old).status_code == 302
    answer = pia.post(url("agreement_edit", agreement.number), old | {"description": "Too late"})
    assert answer.status_code == 409 and "changed by someone else" in answer.text
    form = answer.context["form"]
    assert "The last change: Changed (" in answer.text and "Description: New name" in answer.text
    assert (form["description"].value(), form["version"].value()) == ("Too late", "2"), "it can be sent again"
    assert form.errors["description"] == ["Now: New name"]


def test_F3_AG_07_marking_a_template_with_orders_is_refused_on_the_page(pia: Client) -> None:
    agreement = make_agreement()
    make_order(agreement=agreement, service_on=date(2026, 3, 16))
    data = header(agreement, template_group=make_template_group().pk)
    answer = pia.post(url("agreement_edit", agreement.number), data)
    assert answer.status_code == 409 and "cannot be used as a template" in answer.text


def test_suspend_resume_end_delete(pia: Client) -> None:
    agreement = make_agreement()
    number = agreement.number
    assert pia.post(url("agreement_suspend", number), {"version": 1}).status_code == 422
    pia.post(url("agreement_suspend", number), {"version": 1, "reason": "Not paid"})
    page = pia.get(url("agreement", number)).text
    assert "Suspended" in page and "Not paid" in page
    answer = pia.post(url("agreement_suspend", number), {"version": 2, "reason": "Again"})
    assert answer.status_code == 409 and "suspended already" in answer.text
    assert pia.get(url("agreement_resume", number)).status_code == 200
    assert "suspended already" in pia.get(url("agreement_suspend", number), follow=True).text
    pia.post(url("agreement_resume", number), {"version": 2})
    assert "is not suspended" in pia.get(url("agreement_resume", number), follow=True).text
    assert pia.post(url("agreement_end", number), {"on": "2026-06-30", "version": 3}).status_code == 422
    absurd = pia.post(url("agreement_end", number), {"on": "9999-12-31", "reason": "Sold", "version": 3})
    assert absurd.status_code == 422 and "between 1900 and 2199" in absurd.text
    pia.post(url("agreement_end", number), {"on": "2026-06-30", "reason": "Sold", "version": 3})
    agreement.refresh_from_db()
    assert (agreement.end_date, agreement.end_reason) == (date(2026, 6, 30), "Sold")
    stale = pia.post(url("agreement_end", number), {"on": "2026-05-30", "reason": "Sold", "version": 3})
    assert stale.status_code == 409 and stale.context["form"]["version"].value() == "4"
    pia.post(url("agreement_delete", number), {"version": 4})
    assert not ServiceAgreement.objects.exists()


def test_AG_18_deleting_with_orders_is_refused_with_a_sentence(pia: Client) -> None:
    agreement = make_agreement()
    make_order(agreement=agreement, service_on=date(2026, 3, 16))
    answer = pia.post(url("agreement_delete", agreement.number), {"version": 1}, follow=True)
    assert "has service orders" in answer.text and ServiceAgreement.objects.exists()


READS = ["agreements", "templates", "agreement_new", "objects", "object_new", "responsible", "group_sla"]


OF_AGREEMENT = [
    "agreement",
    "agreement_edit",
    "agreement_end",
    "agreement_suspend",
    "agreement_resume",
    "copy_lines",
    "line_new",
]


POSTS: list[Callable[[ServiceAgreement, int], str]] = [
    lambda a, line: url("agreement_delete", a.number),
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
    refused = {address for address in reads if client.get(address).status_code != 200}
    assert refused == {url("agreement_resume", agreement.number)}, "it is not suspended"


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
    assert pia.post(url("agreement_resume", agreement.number), {"version": huge}).status_code == 409
    assert pia.get(reverse("orders:plan_many"), {"pk": huge}).status_code == 200
    assert pia.get(url("agreements"), {"group": huge, "customer": huge}).status_code == 200


def test_AG_02_pages_offer_what_is_usually_made_next_to_those_who_may(pia: Client, client: Client) -> None:
    agreement, thing = make_agreement(), make_object()
    pia.post(url("relate_object", agreement.number), {"service_object": thing.pk})
    relation = agreement.object_relations.get()
    project, site = agreement.project, thing.site
    add_line = f"{url('line_new', agreement.number)}?object_relation={relation.pk}"
    wanted = {
        f"/projects/{project.number}/": [f"/agreements/new/?project={project.number}"],
        f"/masterdata/customers/{thing.customer.number}/": [f"/orders/new/?customer={thing.customer_id}"],
        f"/masterdata/sites/{site.number}/": [f"site={site.number}"],
        url("object", thing.number): [f"/orders/new/?object={thing.pk}", add_line],
        url("agreement", agreement.number): [f"/orders/new/?agreement={agreement.pk}"],
    }
    for address, links in wanted.items():
        shown = pia.get(address).text
        assert all(link in shown for link in links), address
    assert (
        pia.get(f"/agreements/new/?project={project.number}").context["form"].initial["project"] == project.pk
    )
    assert pia.get(add_line).context["form"]["object_relation"].value() == relation.pk
    client.force_login(user_in("Finance"))
    assert "/agreements/new/" not in client.get(f"/projects/{project.number}/").text
