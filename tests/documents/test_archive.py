"""What was posted or signed prints the same for ever: frozen around the lines, and the PDF archived byte for byte."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from orders.models import ServiceOrder, SignOff
from reporting.documents import engine
from reporting.documents.archive import keep_invoice, keep_receipt
from servicemgmt.core.documents import kept_document
from servicemgmt.core.models import Attachment
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER
from servicemgmt.core.tasks import keep_documents
from servicemgmt.ledger.models import TaxCode
from servicemgmt.masterdata.models import Company, Customer, PaymentTerm, Site
from servicemgmt.projects.models import Invoice
from servicemgmt.projects.operations import credit_invoice
from tests.cast import stranger, user_in
from tests.documents.make import pages_of, words
from tests.make_money import NOW, TODAY, draft, invoiced, project
from tests.make_orders import fresh, make_line, make_order, make_worker, move, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(client: Client) -> Client:
    client.force_login(user_in(MANAGER))
    return client


def invoice_url(invoice: Invoice) -> str:
    return reverse("reporting:invoice_pdf", args=[invoice.number])


def receipt_url(order: ServiceOrder) -> str:
    return reverse("reporting:work_receipt", args=[order.number])


def signed_url(row: SignOff) -> str:
    return reverse("reporting:signed_receipt", args=[row.order.number, row.pk])


def signed_order(**fields) -> ServiceOrder:
    order = make_order()
    make_line(order, description="Brake mended")
    move(order, "INPROCESS")
    sign(order, **fields)
    return fresh(order)


def change_everything() -> None:
    """All that documents print of others changes."""
    Company.objects.update(
        name="Sold Ltd", street="New 9", iban="", tax_number="X", phone="1", page_size="Letter"
    )
    Customer.objects.update(name="Moved AG", street="Else 2", city="Bonn", tax_number="Y", language="xx")
    PaymentTerm.objects.update(description="At once", days=0)
    Site.objects.update(name="Other hall", street="Far 1", time_zone="Asia/Tokyo")
    TaxCode.objects.update(
        code=Concat(Value("N"), "code"), description="New tax", printed_reason="New reason"
    )


def look_otherwise(monkeypatch) -> None:
    """The sheet with the company's colours is another by now."""
    plain = engine.write
    monkeypatch.setattr(
        engine, "write", lambda html, size: plain(html.replace("<body", '<body hidden title="new"'), "Letter")
    )


@pytest.mark.parametrize("is_credit", [False, True])
def test_PR_13_a_posted_document_says_the_same_whatever_changes_later(is_credit, max_):
    invoice = invoiced(draft(project()))
    if is_credit:
        invoice = credit_invoice(invoice.pk, on=TODAY, by=None, at=NOW)
    html, pdf = (max_.get(invoice_url(invoice) + how).content for how in ("?format=html", ""))
    change_everything()
    assert max_.get(invoice_url(invoice) + "?format=html").content == html
    assert max_.get(invoice_url(invoice)).content == pdf


def test_the_pdf_of_an_invoice_is_archived_once_and_served_with_its_hash(max_, monkeypatch):
    invoice = invoiced(draft(project()))
    keep_documents("invoice", [invoice.pk, 987654321])
    kept = Attachment.objects.get(subject=f"invoice:{invoice.pk}")
    look_otherwise(monkeypatch)
    response = max_.get(invoice_url(invoice))
    assert sha256(response.content).hexdigest() == kept.sha256 and kept.sha256 in response["ETag"]
    assert kept.size == len(response.content) and kept.name == f"{invoice.number}.pdf"
    assert keep_invoice(invoice.pk) == kept and Attachment.objects.count() == 1
    page = max_.get(reverse("projects:invoice", args=[invoice.number])).content.decode()
    assert kept.sha256[:16] in page


def test_where_the_worker_has_not_been_the_first_request_archives(max_, monkeypatch):
    invoice = invoiced(draft(project()))
    first = max_.get(invoice_url(invoice)).content
    look_otherwise(monkeypatch)
    assert max_.get(invoice_url(invoice)).content == first
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("make", ["post", "credit", "sign"])
def test_posting_and_signing_ask_a_worker_for_the_document(
    make, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr("servicemgmt.core.tasks.keep_documents.delay", lambda *args: asked.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        if make == "sign":
            row = signed_order().sign_offs.get()
        else:
            row = invoiced(draft(project()))
        if make == "credit":
            row = credit_invoice(row.pk, on=TODAY, by=None, at=NOW)
    assert asked[-1] == ("receipt" if make == "sign" else "invoice", [row.pk])


def test_SO_21_a_signed_receipt_says_the_same_whatever_changes_later(max_):
    order = signed_order()
    html, pdf = (max_.get(receipt_url(order) + how).content for how in ("?format=html", ""))
    change_everything()
    make_worker("Eve").assignments.create(order=order)
    ServiceOrder.objects.update(description="Other words", service_on="2026-05-01")
    assert max_.get(receipt_url(order) + "?format=html").content == html
    assert max_.get(receipt_url(order)).content == pdf


def test_SO_21_what_was_signed_stays_readable_when_it_is_void(max_):
    order = signed_order()
    row = order.sign_offs.get()
    before = max_.get(receipt_url(order)).content
    make_line(order, description="Added afterwards")
    assert "VOID" in words(max_, receipt_url(order))
    assert max_.get(signed_url(row)).content == before
    assert signed_url(row) in max_.get(reverse("orders:order", args=[order.number])).content.decode()


def test_SO_21_nothing_is_archived_of_what_was_void_before(max_):
    order = signed_order()
    row = order.sign_offs.get()
    make_line(order, description="Added afterwards")
    assert max_.get(signed_url(row)).status_code == 404
    assert keep_receipt(row.pk) is None and keep_receipt(987654321) is None
    assert signed_url(row) not in max_.get(reverse("orders:order", args=[order.number])).content.decode()


def test_RE_03_a_receipt_signed_with_prices_is_archived_with_them(max_):
    order = signed_order(with_prices=True)
    kept = keep_receipt(order.sign_offs.get().pk)
    assert kept == kept_document(order, order.sign_offs.get().pdf_name)
    with kept.file.open() as file:
        assert "180.00" in pages_of(file.read())[0]
    assert "180.00" in words(max_, receipt_url(order))
    assert "180.00" not in words(max_, receipt_url(order) + "?prices=0")
    max_.force_login(user_in(DISPATCHER))
    assert "180.00" not in words(max_, receipt_url(order))
    assert max_.get(signed_url(order.sign_offs.get())).status_code == 403


def test_the_signed_receipt_refuses_other_methods_strangers_and_what_is_not_there(client):
    client.force_login(user_in(FINANCE))
    row = signed_order().sign_offs.get()
    assert client.get(signed_url(row)).status_code == 200
    assert client.post(signed_url(row)).status_code == 405
    other = reverse("reporting:signed_receipt", args=[make_order().number, row.pk])
    assert client.get(other).status_code == 404
    client.force_login(stranger())
    assert client.get(signed_url(row)).status_code == 403


def test_a_damaged_file_is_said_and_never_replaced(max_):
    invoice = invoiced(draft(project()))
    max_.get(invoice_url(invoice))
    Path(Attachment.objects.get().file.path).write_bytes(b"%PDF-other")
    response = max_.get(invoice_url(invoice))
    assert response.status_code == 503 and "damaged" in response.content.decode()


def test_without_the_library_nothing_is_archived_and_the_archive_is_served_all_the_same(max_, monkeypatch):
    invoice, other = invoiced(draft(project())), invoiced(draft(project()))
    first = max_.get(invoice_url(invoice)).content
    monkeypatch.setitem(sys.modules, "reporting.documents.engine", None)
    monkeypatch.delattr("reporting.documents.engine")
    assert max_.get(invoice_url(invoice)).content == first
    keep_documents("invoice", [other.pk])
    assert max_.get(invoice_url(other)).status_code == 503
    assert Attachment.objects.count() == 1
