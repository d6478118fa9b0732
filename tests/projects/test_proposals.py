"""Invoice proposals: PR-13, scenario 81, billing-rules 9."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.ledger.models import TaxRate, TaxRule
from servicemgmt.projects.models import (
    Coverage,
    InvoiceKind,
    LineKind,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.operations import (
    change_invoice_date,
    change_line,
    delete_proposal,
    drop_line,
    make_proposals,
    post_proposal,
    reverse_transactions,
)
from tests import make_money as make
from tests.make_money import proposed

pytestmark = pytest.mark.django_db


def test_PR_13_one_proposal_per_customer_project_and_currency():
    huber, smith = make.customer(), make.customer("Smith")
    first, second = make.project("One"), make.project("Two")
    other = make.project("Three", customer=smith)
    rows = make.post(*(make.draft(p) for p in (first, second, other, first)))
    made = make_proposals(rows, invoice_date=make.TODAY, by=None, at=make.NOW)
    assert [(p.customer, p.project, p.lines.count()) for p in made] == [
        (huber, first, 2),
        (huber, second, 1),
        (smith, other, 1),
    ]
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.IN_PROPOSAL}
    assert len({p.number for p in made}) == 3


def test_PR_13_who_is_invoiced_may_be_another_than_the_customer():
    payer = make.customer("Insurance", tax_group="ABROAD")
    proposal = proposed(make.draft(make.project(invoice_customer=payer)))
    assert proposal.customer == payer
    assert proposal.lines.get().tax_code.code == "RC"


def test_81_work_that_is_not_charged_never_reaches_a_proposal():
    rows = make.post(
        make.draft(make.project()),
        make.draft(make.project(), line_property=make.line_property(Coverage.WARRANTY)),
    )
    (proposal,) = make_proposals(rows, invoice_date=make.TODAY, by=None, at=make.NOW)
    assert [line.transaction for line in proposal.lines.all()] == [rows[0]]


def test_proposing_the_same_work_again_is_refused():
    proposal = proposed(make.draft(make.project()))
    with pytest.raises(Refused, match="There is nothing to invoice"):
        make_proposals(Transaction.objects.all(), invoice_date=make.TODAY, by=None, at=make.NOW)
    assert proposal.lines.count() == 1


def test_what_is_in_a_proposal_cannot_be_taken_back():
    proposal = proposed(make.draft(make.project()))
    with pytest.raises(Refused, match="it is in a proposal"):
        reverse_transactions([proposal.lines.get().transaction], on=make.TODAY, by=None, at=make.NOW)


def test_the_tax_date_is_the_end_of_the_service_period_else_the_day_of_the_work():
    project = make.project()
    full = TaxRule.objects.get(customer_group__code="DOMESTIC", item_group__code="FULL")
    TaxRate.objects.create(code=full.code, valid_from=date(2026, 3, 1), percent=Decimal(16))
    quarter = DateRange(date(2025, 12, 1), date(2026, 3, 1))
    proposal = proposed(
        make.draft(project, LineKind.FEE, service_period=quarter),
        make.draft(project, executed_on=date(2026, 3, 1)),
    )
    assert sorted(proposal.lines.values_list("tax_percent", flat=True)) == [16, 19]
    reasons = " ".join(proposal.lines.values_list("tax_reason", flat=True))
    assert "end of the service period" in reasons and "day of the work" in reasons


def test_a_missing_tax_cell_is_refused_by_name_and_nothing_is_proposed():
    (row,) = make.post(make.draft(make.project()))
    TaxRule.objects.filter(customer_group__code="DOMESTIC").delete()
    with pytest.raises(Refused, match="customers “Domestic” and items “Full”"):
        make_proposals([row], invoice_date=make.TODAY, by=None, at=make.NOW)
    row.refresh_from_db()
    assert row.status == TransactionStatus.POSTED


def test_SB_12_below_zero_in_sum_it_will_be_a_credit_note():
    proposal = proposed(make.draft(make.project(), LineKind.FEE, quantity=Decimal(-1)))
    assert proposal.kind == InvoiceKind.CREDIT_NOTE


def test_PR_13_a_price_can_be_changed_and_the_posted_one_stays():
    proposal = proposed(make.draft(make.project(), quantity=Decimal("1.5")))
    line = proposal.lines.get()
    proposal = change_line(line.pk, version=proposal.version, price=Decimal("33.33"), by=None, text="Less")
    line.refresh_from_db()
    assert (line.net, line.text, line.transaction.sales_amount) == (Decimal("50.00"), "Less", 135)
    event = Event.objects.get(action="proposal_line_changed")
    assert event.changes["price"] == ["90", "33.33"]


def test_a_price_below_zero_is_invalid():
    proposal = proposed(make.draft(make.project()))
    with pytest.raises(Invalid) as refusal:
        change_line(proposal.lines.get().pk, version=proposal.version, price=Decimal(-1), by=None)
    assert refusal.value.field == "price"


def test_a_changed_proposal_is_stale_for_whoever_read_it_before():
    project = make.project()
    proposal = proposed(make.draft(project), make.draft(project))
    line = proposal.lines.first()
    change_line(line.pk, version=1, price=Decimal(5), by=None)
    for work in (
        lambda: change_line(line.pk, version=1, price=Decimal(6), by=None),
        lambda: drop_line(line.pk, version=1, by=None, at=make.NOW),
        lambda: delete_proposal(proposal.pk, version=1, by=None, at=make.NOW),
        lambda: change_invoice_date(proposal.pk, version=1, on=make.TODAY, by=None),
        lambda: post_proposal(proposal.pk, version=1, by=None, at=make.NOW),
    ):
        with pytest.raises(Stale):
            work()


def test_a_dropped_line_can_be_proposed_again():
    project = make.project()
    proposal = proposed(make.draft(project), make.draft(project))
    line = proposal.lines.first()
    proposal = drop_line(line.pk, version=proposal.version, by=None, at=make.NOW)
    assert (proposal.lines.count(), proposal.status) == (1, ProposalStatus.DRAFT)
    (again,) = make_proposals([line.transaction], invoice_date=make.TODAY, by=None, at=make.NOW)
    assert again.lines.get().transaction == line.transaction


def test_with_its_last_line_a_proposal_is_deleted():
    proposal = proposed(make.draft(make.project()))
    proposal = drop_line(proposal.lines.get().pk, version=proposal.version, by=None, at=make.NOW)
    assert proposal.status == ProposalStatus.DELETED


def test_9_deleting_a_proposal_frees_its_work():
    proposal = proposed(make.draft(make.project()))
    row = proposal.lines.get().transaction
    delete_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    row.refresh_from_db()
    assert (row.status, row.proposal) == (TransactionStatus.POSTED, None)
    with pytest.raises(Refused, match="was deleted"):
        post_proposal(proposal.pk, version=proposal.version + 1, by=None, at=make.NOW)
