"""The PDFs of invoices, by our engine and by WeasyPrint as its manual begins."""

import time
from collections.abc import Callable

from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import render_to_string
from weasyprint import HTML

from bench import LEAST_ROUNDS
from reporting.documents import engine
from reporting.documents.invoice import invoice_context
from servicemgmt.projects.models import Invoice

PAPERS = 100


def invoice_papers() -> dict[str, list[float]]:
    """Milliseconds of processor time for the PDF of an invoice, each round over a hundred of them."""
    call_command("collectstatic", verbosity=0, interactive=False)
    pages = [
        render_to_string("documents/invoice.html", invoice_context(invoice) | {"is_pdf": True})
        for invoice in Invoice.objects.select_related("currency", "credits").order_by("-pk")[:PAPERS]
    ]
    sheets = [finders.find(name) for name in engine.SHEETS]
    sides: dict[str, Callable[[str], object]] = {
        "ours": lambda html: engine.write(html, "A4"),
        "naive": lambda html: HTML(string=html).write_pdf(stylesheets=sheets),
    }
    for write in sides.values():
        write(pages[0])
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _round in range(LEAST_ROUNDS):
        for name, write in sides.items():
            start = time.process_time()
            for html in pages:
                write(html)
            took[name].append((time.process_time() - start) * 1000 / len(pages))
    return took
