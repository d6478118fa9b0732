"""The code that banking apps read to fill in a transfer (EPC069-12, “GiroCode”)."""

import io
from decimal import Decimal

import segno
from segno import helpers

from servicemgmt.projects.models import Invoice

LIMIT = Decimal("999999999.99")


def payment_code(invoice: Invoice) -> str:
    """The code as SVG for an invoice in EUR with something to pay and an account to pay to; '' otherwise."""
    firm = invoice.printed.get("company", {})
    iban = str(firm.get("iban", "")).replace(" ", "")
    if invoice.currency.code != "EUR" or not iban or not 0 < invoice.gross <= LIMIT:
        return ""
    try:
        code = helpers.make_epc_qr(
            name=firm.get("name", "")[:70],
            iban=iban,
            amount=invoice.gross.quantize(Decimal("0.01")),
            text=invoice.number,
            bic=firm.get("bic") or None,
        )
    except (ValueError, segno.DataOverflowError):
        return ""
    return drawn(code)


def drawn(code: segno.QRCode) -> str:
    out = io.BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=1, omitsize=True, dark="#18202b", nl=False)
    return out.getvalue().decode()
