"""The words that were frozen with a document."""

from decimal import Decimal
from typing import Any

from ..models import Invoice


def printed_taxes(invoice: Invoice) -> dict[tuple[int, Decimal], dict[str, Any]]:
    """What a document says of each tax, by the tax code's key and the rate; a credit note says what its invoice does.

    Never by the code itself, which may be called otherwise by now.
    """
    source = invoice.credits or invoice
    rows = source.taxes.order_by("pk")
    pairs = zip(rows, invoice.printed["taxes"], strict=True)
    return {(row.tax_code_id, row.percent): words for row, words in pairs}
