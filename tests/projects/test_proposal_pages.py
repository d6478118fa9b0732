"""The pages of invoice proposals."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from servicemgmt.core.models import Event, Run
from servicemgmt.projects.models import ProposalStatus, Transaction, TransactionStatus
from servicemgmt.projects.operations import propose_credit
from tests import make_money as make
from tests.make_money import invoiced, proposed
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def test_the_preview_shows_what_the_run_will_take(cleo):
    project = make.project()
    make.post(make.draft(project), make.draft(project))
    page = cleo.get(url("propose"))
    (row,) = page.context["preview"]
    assert (row.names, row.count, row.net, row.currency) == (project.number, 2, Decimal(180), "EUR")
    answer = cleo.post(url("propose"), {"invoice_date": "2026-03-31"})
    run = Run.objects.get()
    assert answer.url == reverse("core:run", args=[run.pk])
    assert run.parameters["invoice_date"] == "2026-03-31"


def test_a_preview_without_date_is_422(cleo):
    make.firm()
    assert cleo.get(url("propose"), {"invoice_date": "soon"}).status_code == 422
    several = cleo.get(url("propose"), {"kinds": ["HOUR", "FEE"]}).content.decode()
    assert 'name="kinds" value="HOUR"' in several and 'name="kinds" value="FEE"' in several, (
        "sent again to make them"
    )


def test_a_proposal_is_reviewed_and_posted(cleo):
    project = make.project()
    why = {"sales": {"item": "P-1 Belt", "price": "90"}}
    proposal = proposed(make.draft(project, price_reason=why), make.draft(project, text="Drop me"))
    line, other = proposal.lines.order_by("pk")
    text = text_of(cleo.get(url("proposal", proposal.number)))
    assert "214.20" in text and "VAT 19 %" in text and "The price of the item P-1 Belt" in text
    cleo.post(url("line_change", proposal.number, line.pk), {"version": 1, "price": "50", "text": "Cheaper"})
    assert "Entered by hand." in text_of(cleo.get(url("proposal", proposal.number)))
    cleo.post(url("line_drop", proposal.number, other.pk), {"version": 2})
    cleo.post(url("proposal_date", proposal.number), {"version": 3, "invoice_date": "2026-03-31"})
    answer = cleo.post(url("proposal_post", proposal.number), {"version": 4}, follow=True)
    text = text_of(answer)
    assert "INV-2026-000001 is posted." in text and "59.50" in text and "Cheaper" in text
    actions = list(
        Event.objects.filter(subject=f"invoiceproposal:{proposal.pk}").values_list("action", flat=True)
    )
    assert sorted(actions) == sorted(
        [
            "proposal_made",
            "proposal_line_changed",
            "proposal_line_dropped",
            "proposal_dated",
            "proposal_posted",
        ]
    )


def test_a_draft_dated_before_its_work_says_so(cleo):
    proposal = proposed(make.draft(make.project()))
    assert "before its work" not in text_of(cleo.get(url("proposal", proposal.number)))
    answer = cleo.post(
        url("proposal_date", proposal.number), {"version": 1, "invoice_date": "2026-01-15"}, follow=True
    )
    assert "dated 15 Jan 2026, before its work: the last was done on 16 Mar 2026." in text_of(answer)
    ahead = proposed(make.draft(make.project("Rent"), kind="FEE"))
    answer = cleo.post(
        url("proposal_date", ahead.number), {"version": 1, "invoice_date": "2026-01-15"}, follow=True
    )
    assert "15 Jan 2026" in text_of(answer) and "before its work" not in text_of(answer)
    early = invoiced(make.draft(make.project("Late")), invoice_date=date(2026, 1, 15))
    back = propose_credit(early.pk, on=date(2026, 1, 20), by=None, at=make.NOW)
    assert "before its work" not in text_of(cleo.get(url("proposal", back.number))), (
        "a credit asks for no work"
    )


def test_posting_twice_shows_the_invoice_there_is(cleo):
    proposal = proposed(make.draft(make.project()))
    for _ in range(2):
        answer = cleo.post(url("proposal_post", proposal.number), {"version": 1})
        assert answer.url == url("invoice", "INV-2026-000001")
    assert Transaction.objects.get().status == TransactionStatus.INVOICED


def test_a_stale_change_is_409_and_shows_the_proposal_as_it_stands(cleo):
    project = make.project()
    proposal = proposed(make.draft(project))
    line = proposal.lines.get()
    values = {"version": 1, "price": "50", "text": "A"}
    cleo.post(url("line_change", proposal.number, line.pk), values)
    page = cleo.post(url("line_change", proposal.number, line.pk), values | {"price": "60"})
    assert page.status_code == 409
    assert "Somebody else changed this proposal" in text_of(page) and "59.50" in text_of(page)


@pytest.mark.parametrize("price", ["", "much", "-3"])
def test_a_price_that_cannot_be_is_422(cleo, price):
    proposal = proposed(make.draft(make.project()))
    line = proposal.lines.get()
    page = cleo.post(
        url("line_change", proposal.number, line.pk), {"version": 1, "price": price, "text": "A"}
    )
    assert page.status_code == 422


def test_a_line_of_another_proposal_is_404(cleo):
    first, second = proposed(make.draft(make.project())), proposed(make.draft(make.project("Two")))
    line = second.lines.get()
    assert cleo.post(url("line_drop", first.number, line.pk), {"version": 1}).status_code == 404


def test_a_proposal_is_deleted(cleo):
    proposal = proposed(make.draft(make.project()))
    cleo.post(url("proposal_delete", proposal.number), {"version": 1})
    proposal.refresh_from_db()
    assert proposal.status == ProposalStatus.DELETED
    assert "has no lines any more" in text_of(cleo.get(url("proposal", proposal.number)))


def test_a_posted_proposal_takes_no_change(cleo):
    proposal = invoiced(make.draft(make.project())).proposal
    page = cleo.post(url("proposal_delete", proposal.number), {"version": proposal.version})
    assert page.status_code == 409 and "posted already as INV-2026-000001" in text_of(page)


def test_ticked_drafts_are_posted_by_a_run(cleo):
    proposal = proposed(make.draft(make.project()))
    cleo.post(url("post_ticked"), {"pk": [proposal.pk]})
    assert Run.objects.get(kind="post_invoices").parameters == {"proposals": [proposal.pk]}
    nothing = cleo.post(url("post_ticked"), {}, follow=True)
    assert "Tick the drafts" in text_of(nothing)
