"""The machine that makes PDFs: what it may read, and what happens where it cannot be loaded."""

import io
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

import reporting.documents
from reporting.documents import engine
from reporting.pdf import PdfUnavailable, render_pdf
from servicemgmt.core.roles import MANAGER
from tests.cast import user_in
from tests.make_orders import make_order


@pytest.fixture
def without_pango(monkeypatch):
    """Loading the engine fails as it does where the library is missing."""

    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name == "reporting.documents.engine":
                sys.stdout.write("WeasyPrint could not import some external libraries.")
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "reporting.documents.engine")
    monkeypatch.delattr(reporting.documents, "engine")
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])


def test_without_the_library_there_is_a_sentence_with_the_way_out(without_pango, capsys):
    with pytest.raises(PdfUnavailable, match="apt install libpango"):
        render_pdf("documents/work_description.html", {"papers": []})
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_without_the_library_a_page_says_so_and_the_print_view_works(without_pango, client: Client):
    client.force_login(user_in(MANAGER))
    order = make_order()
    for name in ("work_description", "work_receipt"):
        address = reverse(f"reporting:{name}", args=[order.number])
        response = client.get(address)
        assert response.status_code == 503
        assert "libpango" in response.content.decode() and "?format=html" in response.content.decode()
        response = client.get(f"{address}?format=html")
        assert response.status_code == 200
        assert order.number in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x.css",
        "https://example.com/x.png",
        "file:///etc/passwd",
        f"file://{settings.BASE_DIR}/static/../manage.py",
        "file://elsewhere/x",
        "ftp://example.com/x",
    ],
)
def test_documents_read_our_static_files_only(address):
    with pytest.raises(engine.FatalURLFetchingError, match="none of our static files"):
        engine.FETCHER.fetch(address)
    with pytest.raises(engine.FatalURLFetchingError):
        engine.write(f'<img src="{address}">', "A4")


def test_static_files_are_read():
    font = next((settings.BASE_DIR / "static/vendor").glob("inter*/*latin-wght-normal.woff2"))
    assert engine.FETCHER.fetch(font.as_uri()).read(4) == b"wOF2"


def test_paper_is_a4_unless_the_company_uses_letter():
    for size, width in (("A4", 595), ("Letter", 612), ("nonsense", 595), ("", 595)):
        pdf = PdfReader(io.BytesIO(engine.write("<p>x", size)))
        assert round(float(pdf.pages[0].mediabox.width)) == width, size


def test_the_print_view_has_no_inline_style_and_no_inline_script(db, client: Client):
    client.force_login(user_in(MANAGER))
    html = client.get(reverse("reporting:work_receipt", args=[make_order().number]) + "?format=html&prices=1")
    assert b"style=" not in html.content and b"<script>" not in html.content
