"""The pages of projects."""

import pytest

from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, PLANNER
from servicemgmt.projects.models import InvoiceProposal, Project, ProjectKind, Transaction
from servicemgmt.projects.operations import post_proposal, save_project
from tests import make_money as make
from tests.cast import user_in
from tests.make_agreements import make_agreement
from tests.make_money import invoiced, proposed
from tests.make_subscriptions import make_subscription
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def project_values(**changes: object) -> dict[str, object]:
    project = make.project()
    values = {
        "name": "New lift",
        "kind": "TM",
        "group": project.group_id,
        "customer": project.customer_id,
        "invoice_customer": "",
        "currency": "",
        "site": "",
        "price_list": "",
        "line_property": project.line_property_id,
        "purchase_order": "PO 1",
        "version": 1,
    }
    return values | changes


def test_a_project_is_made_and_follows_its_customer(cleo):
    answer = cleo.post(url("project_new"), project_values())
    made = Project.objects.get(name="New lift")
    assert answer.url == url("project", made.number)
    assert (made.invoice_customer, made.currency.code) == (made.customer, "EUR")
    assert Event.objects.filter(subject=f"project:{made.pk}", action="created").exists()


def test_a_project_without_name_is_422(cleo):
    assert cleo.post(url("project_new"), project_values(name="")).status_code == 422


def test_the_form_for_a_customer_has_him_chosen(cleo):
    huber = make.customer()
    page = cleo.get(f"{url('project_new')}?customer={huber.number}")
    assert page.context["form"].initial["customer"] == huber.pk


def test_a_project_is_changed_and_whoever_read_it_before_gets_409(cleo):
    project = make.project()
    values = project_values(
        name="Renamed", currency=project.currency_id, invoice_customer=project.customer_id
    )
    assert cleo.post(url("project_edit", project.number), values).status_code == 302
    assert cleo.post(url("project_edit", project.number), values | {"name": "Again"}).status_code == 409
    project.refresh_from_db()
    assert (project.name, project.version) == ("Renamed", 2)


def test_the_currency_cannot_change_once_something_is_posted(cleo):
    project = make.project()
    make.post(make.draft(project))
    values = project_values(currency=make.money("USD").pk, invoice_customer=project.customer_id)
    page = cleo.post(url("project_edit", project.number), values)
    assert page.status_code == 422
    assert "posted on this project already" in text_of(page)
    with pytest.raises(Invalid) as refusal:
        save_project(project.pk, version=project.version, by=None, kind=ProjectKind.FIXED_PRICE)
    assert refusal.value.field == "kind"


def test_AG_01_SB_01_a_project_keeps_a_type_that_its_agreements_and_subscriptions_can_stand_on():
    agreement, subscription = make_agreement(), make_subscription()
    for project, kind in (
        (agreement.project, ProjectKind.TIME),
        (subscription.project, ProjectKind.INTERNAL),
    ):
        with pytest.raises(Invalid) as refusal:
            save_project(project.pk, version=None, by=None, kind=kind)
        assert refusal.value.field == "kind"
    fixed = save_project(agreement.project.pk, version=1, by=None, kind=ProjectKind.FIXED_PRICE)
    assert fixed.kind == ProjectKind.FIXED_PRICE


def test_a_project_closes_only_when_all_is_invoiced_and_opens_again(cleo):
    project = make.project()
    proposal = proposed(make.draft(project))
    make.post(make.draft(project))
    page = cleo.post(url("project_close", project.number), {"version": 1, "on": "2026-03-20"}, follow=True)
    text = text_of(page)
    assert "not invoiced yet" in text and f"stands in drafts: {proposal.number}." in text
    Transaction.objects.filter(status="POSTED").update(status="REVERSED")
    page = cleo.post(url("project_close", project.number), {"version": 1, "on": "2026-03-20"}, follow=True)
    assert "not invoiced yet" not in text_of(page) and "stands in drafts" in text_of(page)
    post_proposal(proposal.pk, version=1, by=None, at=make.NOW)
    cleo.post(url("project_close", project.number), {"version": 1, "on": "2026-03-20"})
    project.refresh_from_db()
    assert project.ended_on.isoformat() == "2026-03-20"
    cleo.post(url("project_reopen", project.number), {"version": 2})
    project.refresh_from_db()
    assert project.ended_on is None


def test_the_projects_page_shows_money_to_whoever_may_see_it_and_hides_it_from_others(client):
    project = make.project()
    invoiced(make.draft(project))
    make.post(make.draft(project, text="Second visit"))
    client.force_login(user_in(PLANNER))
    text = text_of(client.get(url("project", project.number)))
    assert (
        "> 80.00 <" in text.replace(">80.00<", "> 80.00 <")
        and "INV-2026-000001" in text
        and "Second visit" in text
    )
    client.force_login(user_in(DISPATCHER))
    text = text_of(client.get(url("project", project.number)))
    assert "Lift service" in text
    assert "80.00" not in text and "Second visit" not in text


def test_a_project_is_proposed_at_once(cleo):
    project = make.project()
    make.post(make.draft(project))
    answer = cleo.post(url("project_propose", project.number))
    assert answer.url == url("proposal", InvoiceProposal.objects.get().number)
    again = cleo.post(url("project_propose", project.number), follow=True)
    assert "nothing to invoice" in text_of(again)
