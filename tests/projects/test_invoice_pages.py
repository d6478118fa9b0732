"""The pages of invoices and credit notes."""

import pytest

from servicemgmt.projects.operations import credit_invoice
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
    assert cleo.post(target, {"on": "2026-03-20", "text": ""}).status_code == 422
    assert cleo.post(target, {"on": "2026-03-01", "text": "Wrong"}).status_code == 422
    answer = cleo.post(target, {"on": "2026-03-20", "text": "Wrong"}, follow=True)
    assert "CN-2026-000001 is posted." in text_of(answer) and "−107.10" in text_of(answer)
    again = cleo.post(target, {"on": "2026-03-20", "text": "Wrong"})
    assert again.status_code == 409 and "credited already by CN-2026-000001" in text_of(again)
    assert "Credited in whole by CN-2026-000001" in text_of(cleo.get(url("invoice", invoice.number)))
    assert "CN-2026-000001" in text_of(cleo.get(url("invoices")))


def test_a_credit_note_offers_no_credit(cleo):
    note = credit_invoice(invoiced(make.draft(make.project())).pk, on=make.TODAY, by=None, at=make.NOW)
    assert "/credit/" not in text_of(cleo.get(url("invoice", note.number)))
