"""What is added to a proposal by hand: fees (PR-13)."""

from decimal import Decimal

import pytest

from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.core.roles import FINANCE
from servicemgmt.ledger.models import FiscalPeriod
from servicemgmt.ledger.operations import close_period
from servicemgmt.projects.models import Coverage, LineKind, ProposalStatus, Transaction, TransactionStatus
from servicemgmt.projects.operations import (
    add_fee,
    credit_invoice,
    delete_proposal,
    drop_line,
    make_proposals,
    post_proposal,
    propose_credit,
)
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced, proposed
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def fee(proposal, **fields):
    defaults = {"category": make.category(LineKind.FEE), "text": "Call-out", "quantity": Decimal(1)}
    return add_fee(
        proposal.pk,
        **{
            "version": proposal.version,
            "price": Decimal(35),
            "by": None,
            "at": make.NOW,
            **defaults,
            **fields,
        },
    )


def test_PR_13_an_added_fee_is_posted_to_the_project_and_invoiced_with_the_rest():
    proposal = fee(proposed(make.draft(make.project())), quantity=Decimal(2))
    line = proposal.lines.get(is_added=True)
    row = line.transaction
    assert (line.net, line.tax_percent, row.status) == (70, 19, TransactionStatus.IN_PROPOSAL)
    assert (row.project, row.sales_amount, row.executed_on) == (proposal.project, 70, make.TODAY)
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    assert (invoice.net, invoice.lines.count()) == (160, 2)
    note = credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW, rebill=True)
    assert note.net == -160
    (again,) = make_proposals(Transaction.objects.all(), invoice_date=make.TODAY, by=None, at=make.NOW)
    assert not again.lines.filter(is_added=True).exists() and again.lines.count() == 2


@pytest.mark.parametrize("whole", [False, True])
def test_PR_13_dropping_an_added_fee_reverses_it(whole):
    proposal = fee(proposed(make.draft(make.project())))
    line = proposal.lines.get(is_added=True)
    if whole:
        delete_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    else:
        proposal = drop_line(line.pk, version=proposal.version, by=None, at=make.NOW)
        assert (proposal.status, proposal.lines.count()) == (ProposalStatus.DRAFT, 1)
    fees = Transaction.objects.filter(kind=LineKind.FEE)
    assert {row.status for row in fees} == {TransactionStatus.REVERSED}
    assert sum(row.sales_amount for row in fees) == 0 and len(fees) == 2


def test_PR_13_a_fee_without_a_price_takes_the_price_row():
    make.sales_price("48", kind=LineKind.FEE, category=make.category(LineKind.FEE))
    proposal = fee(proposed(make.draft(make.project())), price=None)
    assert proposal.lines.get(is_added=True).net == 48


def test_PR_13_what_cannot_be_added_is_refused_with_a_sentence():
    project = make.project()
    proposal = proposed(make.draft(project))
    for field, fields in {
        "category": {"category": make.category(LineKind.HOUR)},
        "quantity": {"quantity": Decimal(0)},
        "price": {"price": Decimal(-1)},
        "project": {"project": make.project("Another")},
    }.items():
        with pytest.raises(Invalid) as refusal:
            fee(proposal, **fields)
        assert refusal.value.field == field
    with pytest.raises(Invalid, match="no price"):
        fee(proposal, price=None)
    with pytest.raises(Stale):
        fee(proposal, version=7)
    project.line_property = make.line_property(Coverage.WARRANTY)
    project.save()
    with pytest.raises(Refused, match="charges nothing under"):
        fee(proposal)
    credit = propose_credit(invoiced(make.draft(make.project("B"))).pk, on=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match="nothing can be added"):
        fee(credit)


def test_PR_13_a_fee_is_added_on_the_page(cleo):
    proposal = proposed(make.draft(make.project()))
    values = {"version": 1, "category": make.category(LineKind.FEE).pk, "text": "Call-out", "quantity": "1"}
    page = cleo.post(url("fee_add", proposal.number), values)
    assert page.status_code == 422 and "There is no price for this fee" in text_of(page)
    page = cleo.post(url("fee_add", proposal.number), values | {"price": "35"}, follow=True)
    assert "Call-out" in text_of(page) and "148.75" in text_of(page)
    assert Event.objects.filter(action="proposal_fee_added").count() == 1
    stale = cleo.post(url("fee_add", proposal.number), values | {"price": "35"})
    assert stale.status_code == 409


def test_PR_13_a_fee_of_a_closed_period_is_refused():
    proposal = proposed(make.draft(make.project()))
    period = FiscalPeriod.objects.get(during__contains=make.TODAY)
    close_period(period.pk, version=period.version, by=user_in(FINANCE), at=make.NOW)
    with pytest.raises(Refused, match="first open date"):
        fee(proposal)
