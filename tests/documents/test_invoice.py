"""The invoice as PDF: from frozen rows, with what the law and the bank ask for."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from reporting.documents.epc import payment_code
from servicemgmt.core.roles import FINANCE
from servicemgmt.masterdata.models import Company
from servicemgmt.projects.models import Invoice, LineKind
from servicemgmt.projects.operations import credit_invoice, post_proposal, propose_credit
from tests import make_money
from tests.cast import stranger, user_in
from tests.documents.make import pages_of, words
from tests.make_money import NOW, TODAY, draft, invoiced, project
from tests.projects.test_on_account import advanced

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleo(client: Client) -> Client:
    client.force_login(user_in(FINANCE))
    return client


@pytest.fixture
def bank() -> None:
    make_money.firm()
    Company.objects.update(
        street="Hafen 1", postal_code="10115", city="Berlin", bank_name="Bank", iban="DE75512108001245126199"
    )


def url(invoice: Invoice) -> str:
    return reverse("reporting:invoice_pdf", args=[invoice.number])


def test_PR_13_the_invoice_says_everything_it_must(cleo, bank):
    work = project()
    invoice = invoiced(
        draft(work, quantity=Decimal("2.5"), text="Lift repaired"), draft(work, LineKind.FEE, text="Call-out")
    )
    text = words(cleo, url(invoice))
    for expected in [
        f"Invoice {invoice.number}", "16 Mar 2026", "Huber", "Allee 1", "10435 Berlin", "DE999999995", "DE111111117",
        "Lift repaired", "2.5", "225.00", "Call-out", "90.00", "315.00 EUR", "59.85 EUR", "374.85 EUR", "19 %",
        "VAT 19 %", "on 315.00 EUR", "30 Mar 2026", "14 days", "DE75 5121 0800 1245 1261 99", "Scan to pay",
    ]:  # fmt: skip
        assert expected in text, (expected, text)


def test_PR_13_a_later_move_of_customer_or_company_changes_nothing(cleo, bank):
    invoice = invoiced(draft(project()))
    before = cleo.get(url(invoice)).content
    customer = invoice.customer
    customer.name, customer.street = "Moved AG", "Elsewhere 2"
    customer.save()
    Company.objects.update(name="Sold Ltd", iban="DE02120300000000202051", city="Bonn", page_size="Letter")
    assert cleo.get(url(invoice)).content == before


def test_many_lines_repeat_the_head_and_number_the_pages(cleo, bank):
    work = project()
    invoice = invoiced(*[draft(work, text=f"Job {n}") for n in range(60)])
    pages = pages_of(cleo.get(url(invoice)).content)
    assert len(pages) > 2
    assert all("Pos." in page for page in pages[:-1])
    for n, page in enumerate(pages, start=1):
        assert f"{n} / {len(pages)}" in page


def test_a_reason_stands_where_no_tax_is_charged_and_foreign_money_shows_the_rate(cleo, bank):
    abroad = make_money.customer("Smith", currency="USD", tax_group="ABROAD")
    invoice = invoiced(draft(project(customer=abroad)))
    text = words(cleo, url(invoice))
    assert "Reverse charge" in text and "90.00 USD" in text and "0 %" in text
    assert "1 USD = 0.8 EUR" in text and "72.00 EUR" in text
    assert "Scan to pay" not in text


def test_a_credit_note_names_the_invoice_and_asks_for_nothing(cleo, bank):
    invoice = invoiced(draft(project()))
    note = credit_invoice(invoice.pk, on=TODAY, text="Wrong hours", by=user_in(FINANCE), at=NOW)
    text = words(cleo, url(note))
    assert f"Credit note {note.number}" in text and f"takes back invoice {invoice.number}" in text
    assert "Wrong hours" in text and "−107.10 EUR" in text
    assert "Please transfer" not in text and "Scan to pay" not in text


def test_PR_15_a_credit_note_of_a_part_says_that_it_is_one(cleo, bank):
    invoice = invoiced(draft(project()))
    (line,) = invoice.lines.all()
    proposal = propose_credit(invoice.pk, amounts={line.pk: Decimal(30)}, on=TODAY, by=None, at=NOW)
    note = post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    assert f"takes back a part of invoice {invoice.number}" in words(cleo, url(note))


def test_an_invoice_on_account_is_called_so_and_claims_no_service(cleo, bank):
    invoice = advanced(project(), "100").invoice
    text = words(cleo, url(invoice))
    assert f"Invoice on account {invoice.number}" in text and "Service period" not in text


def test_the_service_period_of_a_fee_is_printed_with_its_last_day(cleo, bank):
    from django.db.backends.postgresql.psycopg_any import DateRange

    period = DateRange(date(2026, 3, 1), date(2026, 4, 1))
    invoice = invoiced(draft(project(), LineKind.FEE, service_period=period), invoice_date=date(2026, 4, 2))
    text = words(cleo, url(invoice))
    assert "1 Mar 2026 – 31 Mar 2026" in text


def test_no_code_to_pay_without_an_account_or_with_a_wrong_one(cleo):
    invoice = invoiced(draft(project()))
    assert payment_code(invoice) == ""
    for wrong in ("nonsense", "DE76512108001245126199", "DE75 5121"):
        invoice.printed["company"]["iban"] = wrong
        assert payment_code(invoice) == ""
    invoice.printed["company"]["iban"] = "DE75 5121 0800 1245 1261 99"
    assert payment_code(invoice).startswith("<svg")
    assert "style=" not in payment_code(invoice)


def test_the_invoice_refuses_other_methods_strangers_and_what_is_not_there(cleo):
    invoice = invoiced(draft(project()))
    assert cleo.post(url(invoice)).status_code == 405
    assert cleo.get(reverse("reporting:invoice_pdf", args=["INV-nonsense"])).status_code == 404
    cleo.force_login(stranger())
    assert cleo.get(url(invoice)).status_code == 403
    cleo.logout()
    assert cleo.get(url(invoice)).status_code == 302


def test_the_page_of_the_invoice_leads_to_its_document(cleo):
    invoice = invoiced(draft(project()))
    page = cleo.get(reverse("projects:invoice", args=[invoice.number])).content.decode()
    assert f'href="{url(invoice)}"' in page
