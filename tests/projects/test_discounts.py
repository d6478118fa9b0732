"""Discounts: found by project, customer, category, item and day; kept from the price to the e-invoice."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from servicemgmt.projects.billing.einvoice import cii_of, ubl_of
from servicemgmt.projects.models import Invoice, LineKind, SalesDiscount
from servicemgmt.projects.operations import change_line, credit_invoice
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.explain import explain
from servicemgmt.projects.pricing.search import price_line
from tests import make_money as make

pytestmark = pytest.mark.django_db


def discount(percent: str, *, valid_from: date = date(2026, 1, 1), kind: str = LineKind.HOUR, **named):
    return SalesDiscount.objects.create(kind=kind, percent=Decimal(percent), valid_from=valid_from, **named)


def test_PR_08_the_discount_of_the_project_goes_before_its_customers_and_the_latest_counts():
    project, category = make.project(), make.category()
    make.sales_price("99.99")
    found = {}
    for name, row in {
        "everybody": {"percent": "1"},
        "category": {"percent": "2", "category": category},
        "customer": {"percent": "3", "customer": project.customer},
        "later": {"percent": "50", "customer": project.customer, "valid_from": date(2026, 12, 1)},
        "newer": {"percent": "4", "customer": project.customer, "valid_from": date(2026, 2, 1)},
        "project": {"percent": "12.5", "project": project},
    }.items():
        discount(row.pop("percent"), **row)
        priced = price_line(kind=LineKind.HOUR, project=project, category=category, on=make.TODAY)
        found[name] = priced.sales_price
        book = PriceBook([project.pk], [])
        again = price_line(kind=LineKind.HOUR, project=project, category=category, on=make.TODAY, lookup=book)
        assert (again.sales_price, again.reason) == (priced.sales_price, priced.reason)
    assert found == {
        "everybody": Decimal("98.9901"),
        "category": Decimal("97.9902"),
        "customer": Decimal("96.9903"),
        "later": Decimal("96.9903"),
        "newer": Decimal("95.9904"),
        "project": Decimal("87.49125"),
    }
    sentences = " ".join(explain(priced.reason["sales"]))
    assert f"The discount of 12.5 % for {project}" in sentences and "is taken off 99.99" in sentences
    assert "The discount of 50 % for" in sentences and "it is not valid yet" in sentences


def test_37_a_discounted_line_is_rounded_once_and_keeps_its_discount_to_the_invoice_and_credit():
    project = make.project()
    make.sales_price("99.99")
    discount("12.5", customer=project.customer)
    priced = price_line(kind=LineKind.HOUR, project=project, category=make.category(), on=make.TODAY)
    invoice = make.invoiced(
        make.draft(project, quantity=Decimal(3), sales_price=priced.sales_price, price_reason=priced.reason)
    )
    (line,) = invoice.lines.all()
    assert (line.net, line.list_price, line.discount) == (
        Decimal("262.47"),
        Decimal("99.99"),
        Decimal("12.5"),
    )
    note = credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    assert (note.lines.get().list_price, note.lines.get().net) == (Decimal("99.99"), Decimal("-262.47"))
    for document in (invoice, note):
        xml = ubl_of(Invoice.objects.get(pk=document.pk)).decode()
        assert ">299.97</cbc:BaseAmount>" in xml and ">37.50</cbc:Amount>" in xml, "the line's allowance"
        assert ">99.99</cbc:PriceAmount>" in xml
        assert cii_of(Invoice.objects.get(pk=document.pk))


def test_a_price_by_hand_carries_no_discount():
    project = make.project()
    make.sales_price("100")
    discount("10")
    priced = price_line(kind=LineKind.HOUR, project=project, category=make.category(), on=make.TODAY)
    proposal = make.proposed(make.draft(project, sales_price=priced.sales_price, price_reason=priced.reason))
    line = proposal.lines.get()
    assert (line.price, line.discount) == (90, 10)
    change_line(line.pk, version=proposal.version, price=Decimal(95), by=None)
    line.refresh_from_db()
    assert (line.net, line.discount, line.list_price) == (95, None, None)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("salesdiscount_of_the_price", {"percent": 101}),
        ("salesdiscount_item_only_on_items", {"percent": 5, "item": True}),
        ("salesdiscount_project_or_customer", {"percent": 5, "project": True, "customer": True}),
    ],
)
def test_the_database_refuses_what_is_no_discount(name, values):
    project = make.project()
    things = {"item": make.item, "project": lambda: project, "customer": lambda: project.customer}
    values = {key: things[key]() if value is True else value for key, value in values.items()}
    with pytest.raises(IntegrityError, match=name):
        SalesDiscount.objects.create(kind=LineKind.HOUR, valid_from=make.TODAY, **values)
