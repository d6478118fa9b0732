"""Invoices and credit notes as EN 16931 has them: UBL 2.1 and CII (Factur-X), from what was frozen at posting.

The terms are those of the norm: BT-1 is the number, BG-25 the lines. A credit note is of type 381 and its amounts are
positive. Each document is checked against its schema when it is made.
"""

from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.languages import spoken
from servicemgmt.core.money import ZERO, round_money

from ..models import Invoice, InvoiceKind, InvoiceLine
from .norm import broken_rules
from .printed import heading_of, printed_taxes, purchase_order_of, service_days

#: UN/ECE Recommendation 20; a unit that is not named here counts as “one”.
UNITS = {"H": "HUR", "PC": "H87", "KM": "KMT", "L": "LTR", "M": "MTR", "KG": "KGM", "DAY": "DAY"}
ONE = "C62"
#: Payment means (UNTDID 4461): credit transfer, SEPA credit transfer, not defined.
TRANSFER, SEPA, UNDEFINED = "30", "58", "1"
#: Why an allowance is given (UNTDID 5189): a discount.
DISCOUNT = "95"


def ubl_of(invoice: Invoice) -> bytes:
    """The UBL 2.1 document of a posted invoice or credit note."""
    return _written(invoice, "ubl-2.1")


def cii_of(invoice: Invoice) -> bytes:
    """The CII document that Factur-X, level EN 16931, puts into the PDF."""
    return _written(invoice, "factur-x")


def why_none(invoice: Invoice) -> list[str]:
    """The sentences why a document has no e-invoice; empty where it has one."""
    return broken_rules(terms_of(invoice))


def _written(invoice: Invoice, flavor: str) -> bytes:
    """Raises Refused where the document keeps a rule of the norm not; it is printed without an e-invoice then."""
    from facturx import generate_xml  # takes a moment to load

    with translation.override(spoken(invoice.language)):
        terms = terms_of(invoice)
    if reasons := broken_rules(terms):
        raise Refused(
            _("There is no e-invoice of %(number)s. %(reasons)s")
            % {"number": invoice.number, "reasons": " ".join(reasons)}
        )
    made: bytes = generate_xml(terms, flavor=flavor, level="en16931", check_xsd=True, check_schematron=False)
    return made


def terms_of(invoice: Invoice) -> dict[str, Any]:
    """The business terms of the norm, by their identifiers."""
    printed, is_credit = invoice.printed, invoice.kind == InvoiceKind.CREDIT_NOTE
    sign = Decimal(-1) if is_credit else Decimal(1)
    seller, buyer = printed["company"], printed["customer"]
    code, digits = printed["currency"], int(printed["digits"])
    lines = [
        line_of(line, treatment, heading_of(invoice, line.position), sign, digits)
        for line, treatment in _lines(invoice)
    ]
    days = [line["BT-135"] for line in lines if "BT-135" in line]
    terms: dict[str, Any] = {
        "BT-1": invoice.number,
        "BT-2": invoice.invoice_date,
        "BT-3": "381" if is_credit else "380",
        "BT-5": code,
        "BT-9": invoice.due_date,
        "BT-20": (not is_credit and printed.get("payment_term")) or str(invoice.due_date),
        "BT-72": max(days, default=invoice.invoice_date),
        "BG-4": party_of(seller),
        "BG-7": party_of(buyer),
        "BG-23": taxes_of(invoice, sign, digits),
        "BG-25": lines,
        "BT-106": plain(sign * invoice.net, digits),
        "BT-109": plain(sign * invoice.net, digits),
        "BT-110": plain(sign * invoice.tax, digits),
        "BT-112": plain(sign * invoice.gross, digits),
        "BT-115": plain(sign * invoice.gross, digits),
        **means_of(invoice, seller, code),
    }
    home = seller.get("currency", code)
    if home != code:
        terms |= {"BT-6": home, "BT-111": plain(sign * invoice.company_tax, 2)}
    if invoice.credits:
        terms["BG-3"] = [{"BT-25": invoice.credits.number, "BT-26": invoice.credits.invoice_date}]
    if number_there := purchase_order_of(invoice):
        terms["BT-13"] = number_there
    if invoice.text:
        terms["BG-1"] = [{"BT-22": invoice.text}]
    return terms


def plain(amount: Decimal, digits: int) -> str:
    """An amount as XML has it: no more than two decimals if it can be said with them (see `norm`)."""
    return number(amount, min(digits, 2)).rstrip(".")


def means_of(invoice: Invoice, seller: dict[str, str], currency: str) -> dict[str, str]:
    """How it is paid: to the company's account, where it has one."""
    if not seller.get("iban"):
        return {"BT-81": UNDEFINED}
    found = {
        "BT-81": SEPA if currency == "EUR" else TRANSFER,
        "BT-83": invoice.number,
        "BT-84": seller["iban"].replace(" ", ""),
        "BT-85": seller["name"],
    }
    return found | ({"BT-86": seller["bic"]} if seller.get("bic") else {})


def party_of(printed: dict[str, str]) -> dict[str, Any]:
    """Seller or buyer as the document prints him."""
    named = {
        "name": printed["name"],
        "addr_l1": printed.get("street"),
        "postcode": printed.get("postal_code"),
        "city": printed.get("city"),
        "country_code": printed.get("country") or "DE",
        "vat_identifier": printed.get("tax_number"),
    }
    found: dict[str, Any] = {name: value for name, value in named.items() if value}
    if printed.get("number"):
        found["identifiers"] = {None: printed["number"]}
    return found


def taxes_of(invoice: Invoice, sign: Decimal, digits: int) -> list[dict[str, str]]:
    """The VAT breakdown by category and rate; tax codes of the same category and rate count together (BR-S-01)."""
    words = printed_taxes(invoice)
    sums: dict[tuple[str, Decimal], list[Decimal]] = {}
    reasons: dict[tuple[str, Decimal], str] = {}
    for row in invoice.taxes.order_by("pk"):
        word = words[row.tax_code_id, row.percent]
        key = word["treatment"], row.percent
        found = sums.setdefault(key, [ZERO, ZERO])
        found[0] += sign * row.base
        found[1] += sign * row.tax
        reasons[key] = word["reason"] or word["description"]
    return [
        {
            "BT-116": plain(base, digits),
            "BT-117": plain(tax, digits),
            "BT-118": treatment,
            "BT-119": number(percent),
        }
        | ({"BT-120": reasons[treatment, percent]} if treatment in ("E", "AE", "G") else {})
        for (treatment, percent), (base, tax) in sums.items()
    ]


def _lines(invoice: Invoice) -> list[tuple[InvoiceLine, str]]:
    words = printed_taxes(invoice)
    rows = invoice.lines.select_related("transaction").order_by("position")
    return [(line, words[line.tax_code_id, line.tax_percent]["treatment"]) for line in rows]


def line_of(line: InvoiceLine, treatment: str, heading: str, sign: Decimal, digits: int) -> dict[str, Any]:
    """A line: its net is quantity times net price, less its allowance (BT-131); what it is of is its note (BT-127)."""
    found: dict[str, Any] = {
        "BT-126": str(line.position),
        "BT-131": plain(sign * line.net, digits),
        "BT-151": treatment,
        "BT-152": number(line.tax_percent),
        "BT-153": line.text or "–",
        **priced(line, sign, digits),
    }
    if heading:
        found["BT-127-00"] = [{"BT-127": heading}]
    first, last = service_days(line)
    if first and last:
        found |= {"BT-134": first, "BT-135": last}
    return found


def priced(line: InvoiceLine, sign: Decimal, digits: int) -> dict[str, Any]:
    """Quantity and price of a line, and what is taken off, so that they come to its net.

    A discount is an allowance on the line (BG-27) of what its list price comes to; the net price is the list price
    then. A price is never negative (BR-27): its sign goes to the quantity. A line of less than nothing keeps its
    discounted price, as an allowance is not negative; what is no such product (a credit in part) is one of its net.
    """
    places = min(digits, 2)
    quantity, price, net = sign * line.quantity, line.price, round_money(sign * line.net, places)
    whole = {"BT-129": number(quantity, 4), "BT-130": UNITS.get(line.unit, ONE), "BT-146": number(price)}
    if round_money(quantity * price, digits) != sign * line.net:
        one = {"BT-129": "1" if net >= 0 else "-1", "BT-130": ONE}
        return one | {"BT-146": plain(abs(net), digits)}
    if price < 0:
        return whole | {"BT-129": number(-quantity, 4), "BT-146": number(-price)}
    if line.list_price is None or line.discount is None or quantity <= 0:
        return whole
    base = round_money(quantity * line.list_price, places)
    allowance = {
        "amount": plain(base - net, digits),
        "base_amount": plain(base, digits),
        "rate": number(line.discount),
        "reason": _("Discount"),
        "reason_code": DISCOUNT,
    }
    return whole | {"BT-146": number(line.list_price), "BG-27": [allowance]}


def number(value: Decimal, places: int = 2) -> str:
    """A quantity or a price with at least so many decimals, and as many as it has."""
    text = f"{value:.6f}".rstrip("0")
    return f"{value:.{places}f}" if len(text.partition(".")[2]) < places else text
