"""Milestones bill fixed price projects (B.8): completed, invoiced, taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from reporting.projects.wip import in_progress
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.projects.milestones.operations import (
    add_milestone,
    complete_milestone,
    delete_milestone,
    save_milestone,
    undo_completion,
)
from servicemgmt.projects.milestones.queries import plan_of
from servicemgmt.projects.models import Coverage, LineKind, Milestone, Transaction, TransactionStatus
from servicemgmt.projects.operations import credit_invoice, make_proposals, post_proposal
from servicemgmt.projects.queries import work_to_invoice
from tests import make_money as make
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def fixed(**fields):
    return make.project("Modernisation", kind="FIXED", contract_value=Decimal(1000), **fields)


def planned(project, amount="600", **fields):
    defaults = {
        "description": "Delivery",
        "due_on": make.TODAY,
        "category": make.category(LineKind.FEE),
        "amount": Decimal(amount),
    }
    return add_milestone(project, by=None, **(defaults | fields))


def completed(milestone, on=make.TODAY):
    return complete_milestone(milestone.pk, version=milestone.version, on=on, by=None, at=make.NOW)


def test_a_fixed_price_project_bills_its_milestones_and_nothing_else():
    project = fixed()
    make.post(make.draft(project, quantity=Decimal(5)))
    assert not work_to_invoice(project=project.pk).exists()
    done = completed(planned(project))
    assert (done.completed_on, done.transaction.sales_amount) == (make.TODAY, 600)
    assert list(in_progress(make.TODAY)) == [done.transaction]
    (proposal,) = make_proposals(
        work_to_invoice(project=project.pk), invoice_date=make.TODAY, by=None, at=make.NOW
    )
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    assert (invoice.net, invoice.lines.get().text) == (600, "Delivery")
    assert not in_progress(make.TODAY).exists()
    hours = Transaction.objects.get(kind=LineKind.HOUR)
    assert (hours.coverage, hours.sales_amount, hours.cost_amount) == (Coverage.COVERED, 0, 200)
    credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW, rebill=True)
    assert work_to_invoice(project=project.pk).get() == done.transaction


def test_the_sum_of_the_milestones_stands_beside_the_contract_value():
    project = fixed()
    completed(planned(project))
    planned(project, "300")
    plan = plan_of(project)
    assert (plan.total, plan.completed, plan.off, plan.missing) == (900, 600, -100, 100)


def test_a_completion_is_taken_back_until_its_fee_is_proposed():
    project = fixed()
    milestone = completed(planned(project))
    with pytest.raises(Refused, match="is completed already"):
        completed(milestone)
    with pytest.raises(Refused, match="is completed already"):
        save_milestone(milestone.pk, version=milestone.version, by=None, amount=Decimal(5))
    milestone = undo_completion(milestone.pk, version=milestone.version, on=make.TODAY, by=None, at=make.NOW)
    assert (milestone.completed_on, milestone.transaction) == (None, None)
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.REVERSED}
    milestone = completed(milestone, make.TODAY + timedelta(days=1))
    make_proposals([milestone.transaction], invoice_date=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match="its fee is in a proposal"):
        undo_completion(milestone.pk, version=milestone.version, on=make.TODAY, by=None, at=make.NOW)


def test_what_cannot_be_planned_or_completed_is_refused():
    project = fixed()
    with pytest.raises(Refused, match="Only fixed price projects"):
        planned(make.project())
    for field, fields in {
        "amount": {"amount": Decimal("1.234")},
        "category": {"category": make.category(LineKind.HOUR)},
    }.items():
        with pytest.raises(Invalid) as refusal:
            planned(project, **fields)
        assert refusal.value.field == field
    milestone = planned(project)
    with pytest.raises(Refused, match="no open fiscal period"):
        completed(milestone, date(2031, 1, 1))
    with pytest.raises(Stale):
        delete_milestone(milestone.pk, version=7, by=None)
    delete_milestone(milestone.pk, version=1, by=None)
    assert not Milestone.objects.exists()


def test_the_database_keeps_what_is_completed():
    milestone = completed(planned(fixed()))
    rows = Milestone.objects.filter(pk=milestone.pk)
    for change in (lambda: rows.update(amount=1), rows.delete, lambda: rows.update(completed_on=None)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.usefixtures("in_march")
def test_milestones_on_the_pages(cleo):
    project = fixed()
    values = {"description": "Delivery", "due_on": "2026-03-20", "amount": "600"}
    values["category"] = make.category(LineKind.FEE).pk
    assert cleo.post(url("milestone_new", project.number), values | {"amount": "0"}).status_code == 422
    text = text_of(cleo.post(url("milestone_new", project.number), values, follow=True))
    assert "Delivery" in text and "No milestone bills 400.00 EUR of it." in text
    row = Milestone.objects.get()
    done = {"version": 1, "on": "2026-03-20"}
    text = text_of(cleo.post(url("milestone_complete", row.pk), done, follow=True))
    assert "its fee can be invoiced" in text
    again = cleo.post(url("milestone_complete", row.pk), done)
    assert again.status_code == 409 and "Somebody else changed this milestone" in text_of(again)
    assert cleo.post(url("milestone_undo", row.pk), {"version": 2}).status_code == 302
    actions = Event.objects.filter(subject=f"milestone:{row.pk}").values_list("action", flat=True)
    assert sorted(actions) == ["created", "milestone_completed", "milestone_reopened"]
    assert "Delivery" in text_of(cleo.get(url("milestones")))
    assert cleo.post(url("milestone_delete", row.pk), {"version": 3}).status_code == 302
