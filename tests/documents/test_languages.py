"""Documents in the customer's language: whole sentences, days and figures, or the installation's language."""

import ast
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation.template import templatize
from pypdf import PdfReader

from orders.operations import relate_object
from servicemgmt.core.roles import FINANCE, TECHNICIAN
from servicemgmt.masterdata.models import Customer, InvoiceGrouping, Wording
from servicemgmt.projects.billing.einvoice import cii_of
from servicemgmt.projects.models import Coverage, ItemKind, LineKind, ReminderLevel, TransactionSource
from servicemgmt.projects.operations import credit_invoice, make_reminders
from servicemgmt.projects.operations.mailing import draft_of, reminder_draft
from tests import make_money
from tests.cast import user_in
from tests.documents.make import make_noted_order, words
from tests.make_agreements import make_object
from tests.make_money import NOW, TODAY, draft, invoiced, project, proposed
from tests.make_orders import fresh, make_line, make_order, set_parameters
from tests.projects.test_on_account import advanced, deduct
from tests.projects.test_origins import of_one_invoice

#: What customers get; a work description is the technician's, in his own language.
FOR_CUSTOMERS = [
    *("agreement", "base", "invoice", "reminder", "statement", "window", "work_receipt"),
    *("parts/fact", "parts/ink", "parts/receipt_lines", "parts/sign_off"),
]
TEXT = r"""u?("{3}.*?"{3}|'{3}.*?'{3}|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""


def phrases(name: str) -> set[str]:
    """What a template has translated, in English; of what is counted both numbers."""
    path = Path(settings.BASE_DIR, "templates", "documents", f"{name}.html")
    code = templatize(path.read_text(), origin=str(path))
    one = re.findall(rf"(?<![n\w])(?:gettext|_)\({TEXT}", code, re.S)
    several = re.findall(rf"ngettext\({TEXT},\s*{TEXT}", code, re.S)
    return {ast.literal_eval(text) for text in [*one, *(text for pair in several for text in pair)]}


def test_everything_on_documents_for_customers_is_translated() -> None:
    wanted = set().union(*map(phrases, FOR_CUSTOMERS))
    wanted |= {str(label) for choices in (Coverage, ItemKind, LineKind) for label in choices.labels}
    known = translation.trans_real.DjangoTranslation("de")._catalog
    whole = {key if isinstance(key, str) else key[0] for catalog in known._catalogs for key in catalog}
    plural = {text for text in wanted if re.search(r"%\(\w+\)s (days|hours|minutes|months)", text)}
    assert len(wanted) > 80 and not wanted - whole - plural


@pytest.mark.django_db
def test_PR_13_an_invoice_and_its_credit_note_are_in_the_customer_s_language(client: Client) -> None:
    client.force_login(user_in(FINANCE))
    work = project()
    Customer.objects.update(language="de", invoice_email="a@huber.example")
    invoice = invoiced(draft(work))
    note = credit_invoice(invoice.pk, on=TODAY, by=None, at=NOW)
    text = words(client, reverse("reporting:invoice_pdf", args=[invoice.number]))
    for expected in [f"Rechnung {invoice.number}", "16. März 2026", "Netto", "Gesamt", "Ihre USt-IdNr."]:
        assert expected in text, (expected, text)
    assert not re.search(r"\b(Invoice|Net|Total|Date|March|Mar)\b", text), text
    credit = words(client, reverse("reporting:invoice_pdf", args=[note.number]))
    assert "Diese Gutschrift nimmt die Rechnung" in credit
    about = PdfReader(
        io.BytesIO(client.get(reverse("reporting:invoice_pdf", args=[note.number])).content)
    ).metadata
    assert about and str(about.title).startswith(f"Gutschrift {note.number} von ")
    mail = draft_of(invoice)
    assert mail.title.startswith("Rechnung ") and "16. März 2026" in mail.text


def say(**wordings: str) -> None:
    """Write down what texts of the setup are called in German."""
    for text, wording in wordings.items():
        Wording.objects.create(language="de", text=text.replace("_", " "), wording=wording)


@pytest.mark.django_db
def test_PR_13_texts_of_the_setup_are_said_as_they_are_written_down(client: Client) -> None:
    """Payment term, tax and its reason; frozen with the invoice, in its e-invoice too; else as the setup says."""
    client.force_login(user_in(FINANCE))
    work = project()
    before = invoiced(draft(work))
    Customer.objects.update(language="de")
    say(**{"14_days": "14 Tage netto", "VAT_19_%": "Umsatzsteuer 19 %"})
    invoice = invoiced(draft(work))
    text = words(client, reverse("reporting:invoice_pdf", args=[invoice.number]))
    assert "14 Tage netto" in text and "Umsatzsteuer 19 %" in text and "VAT" not in text, text
    assert "14 Tage netto" in cii_of(invoice).decode()
    Wording.objects.all().delete()
    invoice.refresh_from_db()
    assert invoice.printed["payment_term"] == "14 Tage netto"
    assert before.printed["taxes"][0]["description"] == "VAT 19 %"
    assert invoiced(draft(work)).printed["payment_term"] == "14 days", "nothing is written down any more"


@pytest.mark.django_db
def test_a_reminder_is_in_the_customer_s_language(client: Client) -> None:
    client.force_login(user_in(FINANCE))
    item = invoiced(draft(project())).item
    Customer.objects.update(language="de")
    level = {"level": 1, "code": "L1", "days": 5, "fee": 4, "fee_text": "Reminder fee"}
    ReminderLevel.objects.create(**level, description="Second reminder", text="Please\r\npay.")
    say(Second_reminder="Zweite Mahnung", Reminder_fee="Mahngebühr")
    Wording.objects.create(language="de", text="Please\npay.", wording="Bitte zahlen Sie.")
    (letter,) = make_reminders(
        customers=[item.customer_id], on=item.due_on + timedelta(days=9), by=None, at=NOW
    )
    text = words(client, reverse("reporting:reminder_pdf", args=[letter.number]))
    for expected in ("Zweite Mahnung", "Bitte zahlen Sie.", "Mahngebühr", "Tage überfällig", "Zu zahlen"):
        assert expected in text, (expected, text)
    assert not re.search(r"\b(reminder|Please|fee)\b", text), text
    mail = reminder_draft(letter)
    assert mail.title == f"Zweite Mahnung {letter.number}" and mail.text.startswith("Guten Tag"), mail


@pytest.mark.django_db
def test_a_text_has_one_wording_in_a_language_that_is_not_our_own(client: Client) -> None:
    client.force_login(user_in(FINANCE))
    address = reverse("core:setup_new", args=["wording"])
    new = {"language": "de", "text": "Due at once", "wording": "Sofort fällig"}
    assert client.post(address, new).status_code == 302
    again = client.post(address, new)
    assert again.status_code in (409, 422) and "wording of this text" in again.content.decode()
    for language in ("en", "xx"):
        other = client.post(address, new | {"language": language, "text": "Other"})
        assert other.status_code == 422 and "Choose one of: de (German)." in other.content.decode()
    client.force_login(user_in(TECHNICIAN))
    assert client.get(address).status_code == 403


@pytest.mark.django_db
def test_PR_13_where_the_work_was_done_is_said_in_the_customer_s_language(client: Client) -> None:
    client.force_login(user_in(FINANCE))
    one, two = project("One"), project("Two")
    Customer.objects.update(language="de")
    invoice = of_one_invoice(
        *(draft(work, source=TransactionSource.ORDER) for work in (one, two)),
        grouping=InvoiceGrouping.CUSTOMER,
    )
    text = words(client, reverse("reporting:invoice_pdf", args=[invoice.number]))
    assert f"Projekt {one} · Serviceauftrag SO-1" in text and "Service order" not in text, text
    page = client.get(reverse("projects:invoice", args=[invoice.number])).content.decode()
    assert "Service order SO-1" in page, "the page is the reader's"


@pytest.mark.django_db
def test_a_receipt_and_a_statement_are_in_the_customer_s_language(client: Client) -> None:
    client.force_login(user_in("Manager"))
    order = make_noted_order()
    Customer.objects.update(language="de")
    receipt = words(client, reverse("reporting:work_receipt", args=[order.number]))
    assert "Arbeitsnachweis" in receipt and "Was getan wurde" in receipt and "Work" not in receipt
    make_money.firm()
    invoiced = make_money.invoiced(make_money.draft(order.project))
    account = words(
        client,
        reverse("reporting:statement_pdf", args=[order.customer.number])
        + "?first=2026-01-01&last=2026-12-31",
    )
    title = PdfReader(
        io.BytesIO(client.get(reverse("reporting:statement_pdf", args=[order.customer.number])).content)
    ).metadata
    assert title and title.title == "Kontoauszug"
    assert "Kontoauszug" in account and "Statement" not in account
    assert invoiced.customer == order.customer and "Saldo am 31. Dezember 2026 107,10 EUR" in account, account
    assert client.get("/").content.decode().count('lang="en"'), "the pages stay as they were"


@pytest.mark.django_db
def test_PR_11_what_is_written_for_the_customer_is_in_his_language() -> None:
    """The warranty stands on his receipt, the deduction on his invoice."""
    day = date(2026, 3, 16)
    set_parameters(warranty_line_property=make_money.line_property(Coverage.WARRANTY))
    order = make_order(service_on=day)
    Customer.objects.update(language="de")
    thing = make_object(customer=order.customer, warranty_labour_until=day)
    relate_object(order.pk, thing, version=None, by=None)
    line = make_line(fresh(order), service_object=thing)
    assert line.coverage_reason == "Garantie auf Arbeit bis 16.03.2026"
    work = project()
    paid_ahead = advanced(work)
    bill = deduct(proposed(draft(work)), paid_ahead, 50)
    (text,) = bill.lines.filter(on_account__isnull=False).values_list("text", flat=True)
    assert text == f"Abzug von {paid_ahead.invoice.number}: Advance"
