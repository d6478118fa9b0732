"""The pages of invoices and credit notes."""

import pytest

from servicemgmt.core.models import Event
from servicemgmt.projects.operations import credit_invoice, delete_proposal, propose_credit
from tests import make_money as make
from tests.make_money import invoiced
from tests.projects.ask import text_of, url

pytestmark = pytest.mark.django_db


def test_an_invoice_shows_lines_taxes_and_the_way_to_everything(cleo):
    invoice = invoiced(make.draft(make.project(), text="Oil change"))
    text = text_of(cleo.get(url("invoice", invoice.number)))
    for expected in (
        "Oil change",
        "107.10",
        "19 % on 90.00 EUR",
        invoice.voucher.number,
        invoice.proposal.number,
    ):
        assert expected in text


def test_a_foreign_invoice_shows_the_rate_and_company_total(cleo):
    smith = make.customer("Smith", currency="USD")
    invoice = invoiced(make.draft(make.project(customer=smith)))
    text = text_of(cleo.get(url("invoice", invoice.number)))
    assert "0.8" in text and "85.68 EUR" in text


def test_an_invoice_is_credited_with_a_reason_and_once(cleo):
    invoice = invoiced(make.draft(make.project()))
    target = url("invoice_credit", invoice.number)
    assert cleo.get(target).status_code == 200
    amount = {f"amount-{invoice.lines.get().pk}": "90"}
    assert cleo.post(target, {"on": "2026-03-20", "text": "", **amount}).status_code == 422
    assert cleo.post(target, {"on": "2026-03-01", "text": "Wrong", **amount}).status_code == 422
    assert cleo.post(target, {"on": "2026-03-20", "text": "Wrong"}).status_code == 422, "nothing chosen"
    answer = cleo.post(target, {"on": "2026-03-20", "text": "Wrong", **amount}, follow=True)
    assert "CN-2026-000001 is posted." in text_of(answer) and "−107.10" in text_of(answer)
    again = cleo.post(target, {"on": "2026-03-20", "text": "Wrong", **amount})
    assert again.status_code == 409 and "credited already by CN-2026-000001" in text_of(again)
    assert "Credited in whole by CN-2026-000001" in text_of(cleo.get(url("invoice", invoice.number)))
    assert "CN-2026-000001" in text_of(cleo.get(url("invoices")))


def test_61_crediting_an_older_invoice_names_the_newer_one_and_is_allowed(cleo):
    project = make.project()
    older, newer = invoiced(make.draft(project)), invoiced(make.draft(project))
    target = url("invoice_credit", older.number)
    assert f"invoiced again since: {newer.number}" in text_of(cleo.get(target))
    assert "invoiced again since" not in text_of(cleo.get(url("invoice_credit", newer.number)))
    line = older.lines.get()
    assert (
        cleo.post(target, {"on": "2026-03-20", "text": "Older", f"amount-{line.pk}": "90"}).status_code == 302
    )


def test_a_credit_note_offers_no_credit(cleo):
    note = credit_invoice(invoiced(make.draft(make.project())).pk, on=make.TODAY, by=None, at=make.NOW)
    assert "/credit/" not in text_of(cleo.get(url("invoice", note.number)))


def test_62_a_part_is_looked_at_as_a_proposal_and_posted(cleo):
    invoice = invoiced(make.draft(make.project()))
    line, target = invoice.lines.get(), url("invoice_credit", invoice.number)
    wanted = {"on": "2026-03-20", "text": "Half an hour less", f"amount-{line.pk}": "45.50"}
    too_much = cleo.post(target, wanted | {f"amount-{line.pk}": "90.01"})
    assert too_much.status_code == 422 and "At most 90.00" in text_of(too_much)
    draft = text_of(cleo.post(target, wanted | {"draft": "1"}, follow=True))
    assert "−45.50" in draft and "−8.65" in draft and "−54.15" in draft and invoice.number in draft
    held = cleo.post(target, wanted | {"draft": "1"})
    assert held.status_code == 409 and "credits INV-2026-000001 already" in text_of(held)
    proposal = invoice.credit_proposals.get()
    posted = cleo.post(url("proposal_post", proposal.number), {"version": proposal.version}, follow=True)
    assert "CN-2026-000001 is posted." in text_of(posted)
    assert "Credited in part" in text_of(cleo.get(url("invoice", invoice.number)))
    assert "44.50" in text_of(cleo.get(target)), "the rest is proposed"


def test_PR_15_ticked_work_waits_for_a_credit_note(cleo):
    invoice = invoiced(make.draft(make.project()))
    row = invoice.lines.get().transaction
    answer = cleo.post(url("select_for_credit"), {"pk": row.pk}, follow=True)
    assert "1 transaction waits for a credit note" in text_of(answer)
    again = cleo.post(url("select_for_credit"), {"pk": row.pk}, follow=True)
    assert "cannot be credited: it is selected for credit" in text_of(again)
    tab = text_of(cleo.get(url("transactions"), {"tab": "crediting"}))
    assert "Do not credit" in tab and "Select for credit note" not in tab
    draft = propose_credit(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    held = cleo.post(url("do_not_credit"), {"pk": row.pk}, follow=True)
    assert f"stands in the draft {draft.number}." in text_of(held)
    delete_proposal(draft.pk, version=draft.version, by=None, at=make.NOW)
    cleo.post(url("select_for_credit"), {"pk": row.pk})
    kept = cleo.post(url("do_not_credit"), {"pk": row.pk}, follow=True)
    assert "1 transaction stays invoiced." in text_of(kept)
    row.refresh_from_db()
    assert row.status == "INVOICED"
    assert Event.objects.filter(action="deselected_for_credit", subject=f"transaction:{row.pk}").exists()
    assert "is not selected" in text_of(cleo.post(url("do_not_credit"), {"pk": row.pk}, follow=True))
    assert cleo.get(url("do_not_credit")).status_code == 405
