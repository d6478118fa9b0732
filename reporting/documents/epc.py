"""The code that banking apps read to fill in a transfer (EPC069-12, “GiroCode”)."""

import io
import re
from decimal import Decimal

import segno
from segno import helpers

from servicemgmt.projects.models import Invoice

LIMIT = Decimal("999999999.99")


def payment_code(invoice: Invoice) -> str:
    """The code as SVG for an invoice in EUR with something to pay and an account to pay to; '' otherwise."""
    firm = invoice.printed.get("company", {})
    iban = str(firm.get("iban", "")).replace(" ", "")
    if invoice.currency.code != "EUR" or not is_iban(iban) or not 0 < invoice.gross <= LIMIT:
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


def is_iban(iban: str) -> bool:
    """Whether it has the form of an account number and its check digits (ISO 7064) are right."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def drawn(code: segno.QRCode) -> str:
    out = io.BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=1, omitsize=True, dark="#18202b", nl=False)
    return out.getvalue().decode()
