"""Invoicing on account: an amount ahead, deducted later, never over what is open."""

from decimal import Decimal

import pytest
from django.db import connection

from reporting.projects.wip import in_progress
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.balances import balance_of
from servicemgmt.ledger.models import Account, Entry, PostingProfile
from servicemgmt.projects.billing.on_account import on_account_listed, open_on_account
from servicemgmt.projects.models import Coverage, InvoiceLine, LineKind, ProjectKind, Transaction
from servicemgmt.projects.operations import (
    change_line,
    credit_invoice,
    deduct_on_account,
    delete_proposal,
    drop_line,
    invoice_on_account,
    left_of,
    make_proposals,
    post_proposal,
)
from tests import make_money as make
from tests.make_money import proposed
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def ask(project, amount="1000", **fields):
    defaults = {"category": make.category(LineKind.FEE), "text": "Advance", "on": make.TODAY}
    return invoice_on_account(project.pk, amount=Decimal(amount), by=None, at=make.NOW, **(defaults | fields))


def post(proposal):
    return post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)


def advanced(project, amount="1000"):
    """The transaction of an amount that is invoiced on account."""
    return post(ask(project, amount)).lines.get().transaction


def deduct(proposal, row, amount):
    return deduct_on_account(
        proposal.pk, version=proposal.version, amounts={row.pk: Decimal(amount)}, by=None, at=make.NOW
    )


def held(purpose: str) -> Decimal:
    account = PostingProfile.objects.get(purpose=purpose).account
    return sum((entry.company_amount for entry in Entry.objects.filter(account=account)), ZERO)


def opened(row) -> Decimal:
    return on_account_listed().get(pk=row.pk).open


def test_PR_13_an_amount_on_account_is_owed_to_the_customer_until_it_is_deducted():
    project = make.project()
    row = advanced(project)
    assert (held("ON_ACCOUNT"), held("FEE_REVENUE"), held("TAX")) == (-1000, 0, -190)
    assert opened(row) == 1000
    proposal = deduct(proposed(make.draft(project, quantity=Decimal(20))), row, 600)
    assert proposal.lines.get(on_account=row).net == -600
    invoice = post(proposal)
    assert (invoice.net, invoice.gross) == (1200, 1428)
    assert (held("ON_ACCOUNT"), held("HOUR_REVENUE"), opened(row)) == (-400, -1800, 400)
    assert not in_progress(make.TODAY).exists()


def test_PR_13_no_more_is_deducted_than_is_open_and_in_no_other_draft():
    project = make.project()
    row = advanced(project)
    first = deduct(proposed(make.draft(project)), row, 700)
    second = proposed(make.draft(project))
    with pytest.raises(Invalid, match="Only 300.00.EUR of “Advance” is open"):
        deduct(second, row, 301)
    with pytest.raises(Refused, match="Drop the line and deduct another amount"):
        change_line(first.lines.get(on_account=row).pk, version=first.version, price=Decimal(1), by=None)
    drop_line(first.lines.get(on_account=row).pk, version=first.version, by=None, at=make.NOW)
    assert deduct(second, row, 1000).lines.get(on_account=row).net == -1000


def test_the_database_refuses_a_deduction_over_what_is_open():
    project = make.project()
    row = advanced(project)
    proposal = deduct(proposed(make.draft(project)), row, 900)
    with connection.cursor() as cursor:  # as if another had deducted meanwhile
        cursor.execute(
            "UPDATE projects_proposalline SET net = -1001 WHERE on_account_id = %s AND proposal_id = %s",
            [row.pk, proposal.pk],
        )
    with pytest.raises(Refused, match="More would be deducted than is open"):
        post(proposal)


def test_PR_15_credits_give_back_what_is_open_and_open_what_was_deducted():
    project = make.project()
    row = advanced(project)
    asked = row.invoice_lines.get().invoice
    final = post(deduct(proposed(make.draft(project, quantity=Decimal(20))), row, 600))
    with pytest.raises(Invalid, match="Only .*400.00"):
        credit_invoice(asked.pk, on=make.TODAY, by=None, at=make.NOW)
    (key,) = left_of(asked)
    credit_invoice(asked.pk, on=make.TODAY, by=None, at=make.NOW, amounts={key: Decimal(400)})
    assert (opened(row), held("ON_ACCOUNT")) == (0, 0)
    credit_invoice(final.pk, on=make.TODAY, by=None, at=make.NOW, rebill=True)
    assert (opened(row), held("ON_ACCOUNT")) == (600, -600)
    (again,) = make_proposals(Transaction.objects.all(), invoice_date=make.TODAY, by=None, at=make.NOW)
    assert again.lines.get(on_account=row).net == -600
    post(again)
    assert (opened(row), held("ON_ACCOUNT")) == (0, 0)


def test_what_another_rate_leaves_on_the_account_is_an_exchange_difference():
    project = make.project(customer=make.customer("Yamada", currency="JPY"))
    row = advanced(project, "1001")
    for part in ("333", "668"):
        post(deduct(proposed(make.draft(project, sales_price=Decimal(5000))), row, part))
    assert opened(row) == 0 and held("ON_ACCOUNT") == 0
    assert InvoiceLine.objects.filter(on_account=row).count() == 3


def test_PR_13_a_deduction_goes_to_the_account_that_the_amount_was_posted_to():
    """The accounts of the posting profile change between an advance and its deduction."""
    project = make.project()
    row = advanced(project)
    profile = PostingProfile.objects.get(purpose="ON_ACCOUNT")
    before, exchange = profile.account, held("EXCHANGE")
    profile.account = Account.objects.create(code="1719", description="On account", kind="LIABILITY")
    profile.save(update_fields=["account"])
    first = post(deduct(proposed(make.draft(project, quantity=Decimal(20))), row, 600))
    assert (held("ON_ACCOUNT"), balance_of(before)) == (0, -400)
    post(deduct(proposed(make.draft(project)), row, 400))
    assert (held("ON_ACCOUNT"), balance_of(before), held("EXCHANGE")) == (0, 0, exchange)
    credit_invoice(first.pk, on=make.TODAY, by=None, at=make.NOW)
    assert (held("ON_ACCOUNT"), balance_of(before), opened(row)) == (0, -600, 600)


def test_PR_13_what_stands_on_two_accounts_is_brought_together_when_nothing_is_open():
    """As deductions were posted before they kept to the account of what they deduct."""
    project = make.project()
    row = advanced(project)
    proposal = deduct(proposed(make.draft(project, quantity=Decimal(20))), row, 600)
    profile = PostingProfile.objects.get(purpose="ON_ACCOUNT")
    before = profile.account
    profile.account = Account.objects.create(code="1719", description="On account", kind="LIABILITY")
    profile.save(update_fields=["account"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("servicemgmt.projects.operations.writing.accounts_of", lambda keys: {})
        post(proposal)
    assert (held("ON_ACCOUNT"), balance_of(before)) == (600, -1000)
    post(deduct(proposed(make.draft(project)), row, 400))
    assert (held("ON_ACCOUNT"), balance_of(before), held("EXCHANGE")) == (0, 0, 0)


def test_a_draft_on_account_that_is_deleted_leaves_nothing():
    project = make.project()
    proposal = ask(project)
    delete_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    assert not Transaction.objects.to_invoice().exists()
    assert not open_on_account([project]).exists()


@pytest.mark.parametrize("amount", ["0", "-5", "1.234"])
def test_an_amount_that_cannot_be_is_refused(amount):
    with pytest.raises(Invalid, match="positive amount"):
        ask(make.project(), amount)


def test_what_charges_nothing_takes_nothing_on_account():
    with pytest.raises(Refused, match="charges nothing"):
        ask(make.project(kind=ProjectKind.INTERNAL))
    with pytest.raises(Refused, match="charges nothing"):
        ask(make.project("Warranty", line_property=make.line_property(Coverage.WARRANTY)))


def test_PR_13_invoiced_on_account_and_deducted_on_the_pages(cleo):
    project = make.project()
    values = {
        "amount": "1000",
        "category": make.category(LineKind.FEE).pk,
        "text": "Advance",
        "on": "2026-03-16",
    }
    bad = cleo.post(url("on_account_new", project.number), values | {"amount": "0"})
    assert bad.status_code == 422
    page = cleo.post(url("on_account_new", project.number), values, follow=True)
    assert "1,190.00" in text_of(page)
    row = post(page.context["proposal"]).lines.get().transaction
    assert "Open on account" in text_of(cleo.get(url("project", project.number)))
    assert "Advance" in text_of(cleo.get(url("on_account")))
    proposal = proposed(make.draft(project, quantity=Decimal(20)))
    over = cleo.post(url("deduct", proposal.number), {"version": 1, f"amount-{row.pk}": "1001"})
    assert over.status_code == 422 and "is open on account" in text_of(over)
    page = cleo.post(url("deduct", proposal.number), {"version": 1, f"amount-{row.pk}": "1000"}, follow=True)
    assert "Deduction of INV-2026-000001: Advance" in text_of(page) and "952.00" in text_of(page)
