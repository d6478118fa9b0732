"""What the document of an agreement shows: the form that is signed, read back."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from agreements.models import AgreementSignature, Renewal, ServiceAgreement
from agreements.quoting.terms import document_of
from servicemgmt.core.strokes import svg_box, svg_paths

from .currency import PrintedCurrency


def agreement_context(agreement: ServiceAgreement, *, on: date) -> dict[str, Any]:
    """The document as it stands on the day, with room to sign."""
    return _context(document_of(agreement, on=on)) | {"is_quote": not agreement.is_agreed}


def signed_context(row: AgreementSignature) -> dict[str, Any]:
    """The document that was signed, from its frozen form."""
    drawn = {"row": row, "paths": svg_paths(row.strokes), "box": svg_box(row.strokes)}
    return _context(json.loads(row.canonical)) | {"is_quote": False, "signature": drawn}


def _context(form: dict[str, Any]) -> dict[str, Any]:
    terms, prices = form["terms"], form["prices"]
    return form | {
        "on": date.fromisoformat(form["on"]),
        "quoted_until": _day(form["quoted_until"]),
        "currency": PrintedCurrency(**form["currency"]),
        "page_size": form["company"]["page_size"],
        "renewal": Renewal(terms["renewal"]),
        "terms": terms
        | {
            "start": _day(terms["start"]),
            "end": _day(terms["end"]),
            "fixed": _day(terms["prices_fixed_until"]),
        },
        "lines": [_line(line, *prices.get(str(line["line"]), ["", ""])) for line in terms["lines"]],
        "found": any(line["is_charged"] and not line["price"] for line in terms["lines"]),
    }


def _line(line: dict[str, Any], price: str, amount: str) -> dict[str, Any]:
    """A line with its days and numbers; `is_found`: its price is none that was agreed for the line itself."""
    return line | {
        "start": _day(line["start"]),
        "end": _day(line["end"]),
        "quantity": Decimal(line["quantity"]),
        "is_found": not line["price"],
        "price": Decimal(price) if price else None,
        "amount": Decimal(amount) if amount else None,
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
