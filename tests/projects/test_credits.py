"""Crediting in part and invoicing once more: billing-rules 9, 41, 61 and 62."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.core.roles import FINANCE
from servicemgmt.ledger.models import Entry
from servicemgmt.projects.models import (
    InvoiceLine,
    ProjectParameters,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.operations import (
    change_invoice_date,
    change_line,
    credit_invoice,
    delete_proposal,
    drop_line,
    left_of,
    make_proposals,
    post_proposal,
    post_proposals,
    propose_credit,
)
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db

WHEN = {"on": make.TODAY, "by": None, "at": make.NOW}
SUMS = ["net", "tax", "gross", "company_net", "company_tax", "company_gross"]


def two_lines():
    project = make.project()
    return invoiced(make.draft(project, quantity=Decimal(2)), make.draft(project, sales_price=Decimal(50)))


def test_62_half_of_a_line_is_given_back_and_the_rest_later():
    invoice = two_lines()
    first, second = invoice.lines.all()
    note = credit_invoice(invoice.pk, amounts={first.pk: Decimal(90)}, **WHEN)
    line = note.lines.get()
    assert (line.net, line.quantity, line.credits) == (Decimal(-90), Decimal(-1), first)
    assert (note.net, note.tax, note.gross) == (Decimal(-90), Decimal("-17.10"), Decimal("-107.10"))
    assert first.transaction.status == TransactionStatus.INVOICED
    assert left_of(invoice) == {first.pk: Decimal(90), second.pk: Decimal(50)}
    credit_invoice(invoice.pk, **WHEN)
    assert left_of(invoice) == {}
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.CREDITED}
    assert invoice.credit_notes.aggregate(total=Sum("gross"))["total"] == -invoice.gross
    with pytest.raises(Refused, match="credited already by CN-2026-000001, CN-2026-000002"):
        credit_invoice(invoice.pk, **WHEN)


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("180.01", "At most 180.00\xa0EUR"),
        ("-1", "with the sign that the line has"),
        ("0.001", "the currency's decimals"),
        ("0", "Choose what is credited"),
    ],
)
def test_62_never_more_than_is_left_nor_of_another_sign(amount, sentence):
    invoice = two_lines()
    line = invoice.lines.first()
    with pytest.raises(Invalid, match=sentence):
        credit_invoice(invoice.pk, amounts={line.pk: Decimal(amount)}, **WHEN)
    assert not invoice.credit_notes.exists()


def test_62_the_database_refuses_more_than_was_invoiced():
    invoice = two_lines()
    note = credit_invoice(invoice.pk, **WHEN)
    line = note.lines.first()
    line.pk, line.position = None, 99
    with pytest.raises(IntegrityError, match="more is credited than was invoiced"), transaction.atomic():
        line.save(force_insert=True)


def test_a_line_of_another_invoice_is_refused():
    one, other = two_lines(), invoiced(make.draft(make.project("Other")))
    with pytest.raises(Invalid, match="not on INV-2026-000001"):
        credit_invoice(one.pk, amounts={other.lines.get().pk: Decimal(1)}, **WHEN)


def test_9_credit_and_rebill_puts_the_work_back_among_what_is_invoiced():
    invoice = two_lines()
    credit_invoice(invoice.pk, rebill=True, **WHEN)
    rows = Transaction.objects.order_by("pk")
    assert {(row.status, row.invoice, row.proposal) for row in rows} == {("POSTED", None, None)}
    (again,) = make_proposals(rows, invoice_date=make.TODAY, by=None, at=make.NOW)
    line = again.lines.first()
    again = change_line(line.pk, version=again.version, price=Decimal(80), by=None)
    second = post_proposal(again.pk, version=again.version, by=None, at=make.NOW)
    assert second.net == Decimal(210)
    assert InvoiceLine.objects.filter(transaction=line.transaction).count() == 3


def test_9_only_whole_lines_are_invoiced_once_more():
    invoice = two_lines()
    with pytest.raises(Invalid, match="Only whole lines"):
        credit_invoice(invoice.pk, amounts={invoice.lines.first().pk: Decimal(1)}, rebill=True, **WHEN)


def test_C_12_nobody_posts_his_own_credit_note_where_that_is_asked(client):
    invoice, one, other = two_lines(), user_in(FINANCE), user_in(FINANCE, name="Clara")
    client.force_login(one)
    ProjectParameters.objects.create(is_credit_approved=True)
    asked = {"on": make.TODAY, "at": make.NOW}
    with pytest.raises(Refused, match="somebody else looks at it"):
        credit_invoice(invoice.pk, by=one, **asked)
    assert "Post the credit note" not in text_of(client.get(url("invoice_credit", invoice.number)))
    draft = propose_credit(invoice.pk, by=one, **asked)
    shown = text_of(client.get(url("proposal", draft.number)))
    assert "somebody else looks at it and posts it" in shown and "Post the credit note" not in shown
    answer = client.post(url("proposal_post", draft.number), {"version": draft.version})
    assert answer.status_code == 409 and "somebody else looks at it" in text_of(answer)
    assert post_proposals([draft.pk], by=one, at=make.NOW).refused.keys() == {draft.pk}
    client.force_login(other)
    assert "Post the credit note" in text_of(client.get(url("proposal", draft.number)))
    note = post_proposal(draft.pk, version=draft.version, by=other, at=make.NOW)
    assert (note.posted_by, note.proposal.made_by) == (other, one)
    own = make_proposals(
        make.post(make.draft(make.project("Own"))), invoice_date=make.TODAY, by=one, at=make.NOW
    )[0]
    assert post_proposal(own.pk, version=own.version, by=one, at=make.NOW), "an invoice needs one person"


def test_PR_13_a_draft_credit_holds_the_work_until_it_is_posted_or_deleted():
    invoice = two_lines()
    first, second = invoice.lines.all()
    draft = propose_credit(invoice.pk, **WHEN)
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.SELECTED_FOR_CREDIT}
    with pytest.raises(Refused, match=f"{draft.number} credits INV-2026-000001 already"):
        credit_invoice(invoice.pk, **WHEN)
    with pytest.raises(Refused, match="copies what was invoiced"):
        change_line(draft.lines.first().pk, version=draft.version, price=Decimal(1), by=None)
    with pytest.raises(Invalid, match="before its invoice"):
        change_invoice_date(draft.pk, version=draft.version, on=date(2026, 1, 1), by=None)
    draft = drop_line(draft.lines.get(credits=second).pk, version=draft.version, by=None, at=make.NOW)
    second.transaction.refresh_from_db()
    assert second.transaction.status == TransactionStatus.INVOICED
    draft = delete_proposal(draft.pk, version=draft.version, by=None, at=make.NOW)
    assert draft.status == ProposalStatus.DELETED
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.INVOICED}


def test_41_credits_of_one_invoice_that_are_posted_together_are_the_invoice_to_the_cent():
    project = make.project("Yen", customer=make.customer("Kato", currency="KWD"))
    lines = [make.draft(project, quantity=Decimal(1), sales_price=Decimal("0.333")) for _n in range(3)]
    invoice = invoiced(*lines)
    drafts = [
        propose_credit(invoice.pk, amounts={line.pk: line.net}, **WHEN).pk for line in invoice.lines.all()
    ]
    posted = post_proposals(drafts, by=None, at=make.NOW)
    assert len(posted.invoices) == 3 and not posted.refused
    for name in SUMS:
        given = invoice.credit_notes.aggregate(total=Sum(name))["total"]
        assert given == -getattr(invoice, name), name
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.CREDITED}


PARTS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99)), max_size=8)
LINES = st.lists(st.decimals("-40", "90", places=2).filter(bool), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["EUR", "JPY", "KWD", "USD"]), LINES, PARTS)
def test_41_62_parts_together_are_the_invoice_to_the_cent_in_both_currencies(code, quantities, parts):
    make.firm()
    with transaction.atomic():
        project = make.project(code, customer=make.customer(f"Customer {code}", currency=code))
        drafts = [make.draft(project, quantity=n, sales_price=Decimal("33.333")) for n in quantities]
        invoice = invoiced(*drafts)
        if invoice.kind == "INVOICE":
            for at, percent in parts:
                left = {key: net for key, net in left_of(invoice).items() if net}
                if left:
                    key = sorted(left)[at % len(left)]
                    part = round_money(left[key] * percent / 100, invoice.currency.digits)
                    if part:
                        credit_invoice(invoice.pk, amounts={key: part}, **WHEN)
            if left_of(invoice):
                credit_invoice(invoice.pk, **WHEN)
            for name in SUMS:
                given = invoice.credit_notes.aggregate(total=Sum(name, default=ZERO))["total"]
                assert given == -getattr(invoice, name), name
            sums = Entry.objects.filter(voucher__source="invoices").order_by().values_list("account")
            assert all(total == 0 for _account, total in sums.annotate(Sum("company_amount")))
        transaction.set_rollback(True)


def test_posting_credit_notes_takes_as_many_statements_for_many_as_for_few():
    def statements(count: int) -> int:
        keys = []
        for number in range(count):
            project = make.project(f"{number} of {count}")
            invoice = invoiced(make.draft(project, quantity=Decimal(2)), make.draft(project))
            keys.append(propose_credit(invoice.pk, **WHEN).pk)
        with CaptureQueriesContext(connection) as captured:
            assert len(post_proposals(keys, by=None, at=make.NOW).invoices) == count
        return len(captured)

    statements(1)
    assert statements(2) == statements(6)
