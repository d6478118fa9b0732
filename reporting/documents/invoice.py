"""What an invoice or credit note shows: its frozen rows and the names printed on its day, nothing that may change."""

from datetime import date
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from servicemgmt.core.display import DIGITS
from servicemgmt.core.languages import spoken
from servicemgmt.projects.billing.printed import (
    heading_of,
    is_on_account,
    origins_of,
    printed_taxes,
    purchase_order_of,
    service_days,
)
from servicemgmt.projects.models import Invoice, InvoiceKind

from .currency import PrintedCurrency
from .epc import payment_code


def invoice_context(invoice: Invoice) -> dict[str, Any]:
    """Context of the document, its words in the invoice's language. Amounts are in the invoice's currency; VAT also in
    the company's where they differ."""
    with translation.override(spoken(invoice.language)):
        return _in_words(invoice)


def _in_words(invoice: Invoice) -> dict[str, Any]:
    printed = invoice.printed
    code = printed.get("currency") or invoice.currency.code
    currency = PrintedCurrency(code, printed.get("digits", DIGITS.get(code, 2)))
    home = printed.get("company", {}).get("currency", "")
    rows = list(invoice.lines.select_related("transaction").order_by("position"))
    lines = [
        {"row": line, "first": days[0], "last": days[1], "heading": heading_of(invoice, line.position)}
        for line in rows
        for days in [service_days(line)]
    ]
    words = printed_taxes(invoice)
    taxes = [(row, words[row.tax_code_id, row.percent]) for row in invoice.taxes.order_by("pk")]
    is_credit = invoice.kind == InvoiceKind.CREDIT_NOTE
    return {
        "invoice": invoice,
        "is_credit": is_credit,
        "is_part": invoice.credits is not None and invoice.net != -invoice.credits.net,
        "is_on_account": not is_credit and is_on_account(rows),
        "company": printed.get("company", {}),
        "customer": printed.get("customer", {}),
        "project": printed.get("project", {}),
        "purchase_order": purchase_order_of(invoice),
        "origins": origins_of(invoice),
        "payment_term": printed.get("payment_term", ""),
        "currency": currency,
        "home_currency": home if home != currency.code else "",
        "lines": lines,
        "taxes": [{"row": row, **said} for row, said in taxes],
        "period": whole_period(lines),
        "code": None if is_credit else drawn_code(invoice),
        "language": invoice.language,
        "page_size": printed.get("company", {}).get("page_size", ""),
    }


def whole_period(lines: list[dict[str, Any]]) -> tuple[date, date] | None:
    """From the first to the last day of all lines."""
    days = [day for line in lines for day in (line["first"], line["last"]) if day]
    return (min(days), max(days)) if days else None


def drawn_code(invoice: Invoice) -> SafeString | None:
    """The payment code as inline SVG; the library draws it from checked values."""
    svg = payment_code(invoice)
    return mark_safe(svg) if svg else None
