"""What an invoice says of where its lines come from: the order number of all (BT-13), groups of several projects."""

from itertools import groupby

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from reporting.documents.invoice import invoice_context
from servicemgmt.masterdata.models import InvoiceGrouping
from servicemgmt.projects.billing.einvoice import cii_of, ubl_of
from servicemgmt.projects.billing.lines import Proposed
from servicemgmt.projects.billing.origins import grouped, origin_of
from servicemgmt.projects.models import TransactionSource
from servicemgmt.projects.operations import credit_invoice, make_proposals, post_proposal, post_transactions
from tests import make_money as make
from tests.projects.test_einvoice import UBL

LINE = Proposed(*[None] * len(Proposed._fields))._replace(source=TransactionSource.ORDER, purchase_order="")


def of_one_invoice(*drafts, grouping: str):
    """The invoice of work of several orders, each posted by itself."""
    rows = [
        row
        for number, draft in enumerate(drafts, start=1)
        for row in post_transactions(
            [draft],
            on=make.TODAY,
            text="Work",
            subject=f"serviceorder:{number}",
            label=f"SO-{number}",
            by=None,
            at=make.NOW,
        )
    ]
    (made,) = make_proposals(rows, invoice_date=make.TODAY, by=None, at=make.NOW, grouping=grouping)
    return post_proposal(made.pk, version=made.version, by=None, at=make.NOW)


@pytest.mark.django_db
def test_PR_13_one_invoice_per_order_number_prints_it_and_names_the_projects(cleo):
    one, two = (make.project(name, purchase_order="PO-4711") for name in ("One", "Two"))
    drafts = [make.draft(p, source=TransactionSource.ORDER) for p in (one, two, one)]
    invoice = of_one_invoice(*drafts, grouping=InvoiceGrouping.PURCHASE_ORDER)
    assert invoice.project is None
    root = etree.fromstring(ubl_of(invoice))
    assert root.findtext("cac:OrderReference/cbc:ID", namespaces=UBL) == "PO-4711"  # BT-13
    assert b"PO-4711</ram:IssuerAssignedID>" in cii_of(invoice)
    notes = [
        row.findtext("cbc:Note", namespaces=UBL) for row in root.findall("cac:InvoiceLine", UBL)
    ]  # BT-127
    headings = [
        f"Project {project} · Service order {order}"
        for project, order in ((one, "SO-1"), (two, "SO-2"), (one, "SO-3"))
    ]
    assert notes == headings
    context = invoice_context(invoice)
    assert context["purchase_order"] == "PO-4711" and not context["project"]
    assert [line["heading"] for line in context["lines"]] == headings
    page = cleo.get(reverse("projects:invoice", args=[invoice.number])).content.decode()
    assert "PO-4711" in page and all(heading in page for heading in headings)
    note = credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    assert [line["heading"] for line in invoice_context(note)["lines"]] == headings
    assert b"PO-4711" in ubl_of(note)


@pytest.mark.django_db
def test_PR_13_an_invoice_of_differing_order_numbers_has_them_at_its_lines():
    one, two = make.project("One", purchase_order="PO-1"), make.project("Two", purchase_order="PO-2")
    invoice = of_one_invoice(make.draft(one), make.draft(two), grouping=InvoiceGrouping.CUSTOMER)
    assert etree.fromstring(ubl_of(invoice)).find("cac:OrderReference", UBL) is None
    assert [line["heading"] for line in invoice_context(invoice)["lines"]] == [
        f"Project {one} · Your order PO-1",
        f"Project {two} · Your order PO-2",
    ]


ORIGINS = st.fixed_dictionaries(
    {name: st.sampled_from(["A", "B"]) for name in ("project_number", "project_name", "purchase_order")}
    | {name: st.sampled_from(["", "A", "B"]) for name in ("site_name", "document", "agreement_number")}
)


@given(st.lists(ORIGINS, min_size=1, max_size=12))
def test_lines_of_one_origin_stand_together_and_say_all_of_it(rows):
    lines = [LINE._replace(pk=pk, **row) for pk, row in enumerate(rows)]
    ordered, common, groups = grouped(lines)
    assert sorted(line.pk for line in ordered) == [line.pk for line in lines]
    origins = [origin for origin, _rows in groupby(map(origin_of, ordered))]
    assert len(origins) == len(set(origins))
    at = {group["position"]: group["origin"] for group in groups}
    said: dict[str, str] = {}
    for position, line in enumerate(ordered, start=1):
        said = at.get(position, said)
        assert common | said == {name: value for name, value in origin_of(line)._asdict().items() if value}
