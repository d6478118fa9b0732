"""Posting invoices and credit notes: PR-13, PR-15, billing-rules 4.1, 37 to 41 and 64."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event
from servicemgmt.ledger.models import Entry, FiscalPeriod, PostingProfile
from servicemgmt.masterdata.models import ExchangeRate, ItemTaxGroup
from servicemgmt.projects.models import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    LineKind,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.operations import (
    credit_invoice,
    make_proposals,
    post_proposal,
    post_proposals,
)
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced, proposed
from tests.projects.test_posting import entries

pytestmark = pytest.mark.django_db


def test_PR_13_posting_makes_the_invoice_its_voucher_and_marks_the_work():
    invoice = invoiced(make.draft(make.project(purchase_order="PO 7"), quantity=Decimal(2)))
    assert (invoice.number, invoice.net, invoice.tax, invoice.gross) == (
        "INV-2026-000001",
        Decimal(180),
        Decimal("34.20"),
        Decimal("214.20"),
    )
    assert invoice.due_date == date(2026, 3, 30)
    assert entries(invoice.voucher) == {
        "Receivable": Decimal("214.20"),
        "Hour_Revenue": Decimal(-180),
        "Tax": Decimal("-34.20"),
    }
    row = Transaction.objects.get()
    assert (row.status, row.invoice) == (TransactionStatus.INVOICED, invoice)
    assert invoice.proposal.status == ProposalStatus.POSTED
    assert invoice.printed["customer"]["name"] == "Huber"
    assert invoice.printed["company"]["tax_number"] == "DE111111117"
    assert invoice.printed["project"]["purchase_order"] == "PO 7"
    assert Event.objects.filter(action="invoice_posted", subject=f"invoice:{invoice.pk}").exists()


def test_37_tax_is_reckoned_per_rate_on_the_sum_of_net():
    reduced = ItemTaxGroup.objects.get_or_create(code="REDUCED", defaults={"description": "Reduced"})[0]
    project = make.project()
    cents = {"quantity": Decimal(1), "sales_price": Decimal("0.03")}
    invoice = invoiced(
        *(make.draft(project, **cents) for _ in range(3)),
        make.draft(
            project, LineKind.FEE, tax_group=ItemTaxGroup.objects.get(pk=reduced.pk), sales_price=Decimal(100)
        ),
    )
    assert [(t.percent, t.base, t.tax) for t in invoice.taxes.all()] == [
        (7, 100, 7),
        (19, Decimal("0.09"), Decimal("0.02")),
    ]


def test_38_net_is_rounded_before_tax():
    third = make.draft(make.project(), quantity=Decimal("0.966667"), sales_price=Decimal(200))
    invoice = invoiced(third)
    assert (invoice.net, invoice.tax) == (Decimal("193.33"), Decimal("36.73"))


def test_company_amounts_add_up_and_the_remainder_goes_to_the_rounding_account():
    smith = make.customer("Smith", currency="USD", tax_group="ABROAD")
    project = make.project(customer=smith)
    invoice = invoiced(*(make.draft(project, LineKind.FEE, sales_price=Decimal("0.33")) for _ in range(3)))
    assert (invoice.gross, invoice.company_gross, invoice.exchange_rate) == (
        Decimal("0.99"),
        Decimal("0.79"),
        Decimal("0.8"),
    )
    assert [line.company_net for line in invoice.lines.all()] == [Decimal("0.26")] * 3
    assert entries(invoice.voucher)["Rounding"] == Decimal("-0.01")
    assert sum(Entry.objects.filter(voucher=invoice.voucher).values_list("amount", flat=True)) == 0


def test_42_a_unit_price_has_more_digits_than_its_line():
    invoice = invoiced(make.draft(make.project(), quantity=Decimal(300), sales_price=Decimal("0.123456")))
    line = invoice.lines.get()
    assert (line.price, line.net) == (Decimal("0.123456"), Decimal("37.04"))


@pytest.mark.parametrize(("code", "net", "tax"), [("JPY", "333", "63"), ("KWD", "333.333", "63.333")])
def test_40_currencies_with_none_or_three_digits(code, net, tax):
    project = make.project(customer=make.customer("Far", currency=code))
    invoice = invoiced(make.draft(project, quantity=Decimal("0.333333"), sales_price=Decimal(1000)))
    assert (invoice.net, invoice.tax) == (Decimal(net), Decimal(tax))


def test_a_missing_rate_refuses_that_document_by_name_and_leaves_the_others():
    smith = make.customer("Smith", currency="USD")
    home, abroad = proposed(make.draft(make.project())), proposed(make.draft(make.project(customer=smith)))
    ExchangeRate.objects.filter(currency__code="USD").delete()
    posted = post_proposals([home.pk, abroad.pk], by=None, at=make.NOW)
    assert [invoice.proposal for invoice in posted.invoices] == [home]
    assert posted.refused[abroad.pk].startswith(f"{abroad.number}: There is no exchange rate for USD")
    with pytest.raises(Refused, match="no exchange rate for USD"):
        post_proposal(abroad.pk, version=abroad.version, by=None, at=make.NOW)


def test_a_closed_period_refuses_naming_the_first_open_date():
    proposal = proposed(make.draft(make.project()))
    FiscalPeriod.objects.filter(name="2026-03").update(closed_at=make.NOW, closed_by=user_in("Finance"))
    with pytest.raises(Refused, match="first open date is 1 Apr 2026"):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)


def test_a_missing_account_refuses_and_takes_no_number():
    proposal = proposed(make.draft(make.project()))
    tax = PostingProfile.objects.get(purpose="TAX")
    account = tax.account
    tax.delete()
    with pytest.raises(Refused, match="“Sales tax”"):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    PostingProfile.objects.create(purpose="TAX", account=account)
    assert post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW).number.endswith("00001")


def test_posting_twice_is_refused_naming_the_invoice():
    proposal = proposed(make.draft(make.project()))
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    with pytest.raises(Refused, match=f"posted already as {invoice.number}"):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=make.NOW)
    assert post_proposals([proposal.pk], by=None, at=make.NOW).invoices == []


def test_revenue_goes_to_the_account_of_its_kind_source_and_category():
    project = make.project()
    special = PostingProfile.objects.get(purpose="ITEM_REVENUE").account
    PostingProfile.objects.create(purpose="HOUR_REVENUE", category_code="TRAVEL", account=special)
    invoice = invoiced(
        make.draft(project, category=make.category(LineKind.HOUR, "TRAVEL")),
        make.draft(project, LineKind.FEE, source="SUBSCRIPTION", sales_price=Decimal(10)),
    )
    found = entries(invoice.voucher)
    assert (found["Item_Revenue"], found["Subscription_Revenue"]) == (-90, -10)


def test_64_numbers_are_gapless_per_year_of_the_documents_date():
    from servicemgmt.ledger.operations import create_fiscal_year

    make.firm()
    create_fiscal_year(2027, by=None)
    project = make.project()
    numbers = [
        invoiced(make.draft(project), invoice_date=day).number
        for day in (date(2026, 12, 31), date(2027, 1, 1), date(2026, 3, 1), date(2027, 1, 2))
    ]
    assert [number[-11:] for number in numbers] == [
        "2026-000001",
        "2027-000001",
        "2026-000002",
        "2027-000002",
    ]


def test_PR_15_41_a_credit_note_is_the_invoice_negated_to_the_cent():
    smith = make.customer("Smith", currency="USD")
    project = make.project(customer=smith)
    invoice = invoiced(*(make.draft(project, LineKind.FEE, sales_price=Decimal("33.33")) for _ in range(3)))
    ExchangeRate.objects.create(currency=make.money("USD"), valid_from=date(2026, 3, 20), rate=Decimal("0.9"))
    note = credit_invoice(invoice.pk, on=date(2026, 4, 2), by=None, at=make.NOW, text="Wrong customer")
    assert note.kind == InvoiceKind.CREDIT_NOTE
    assert note.number.startswith("CN-2026-")
    for name in ("net", "tax", "gross", "company_net", "company_tax", "company_gross"):
        assert getattr(note, name) == -getattr(invoice, name)
    assert sum(InvoiceLine.objects.values_list("net", flat=True)) == 0
    assert entries(note.voucher) == {account: -value for account, value in entries(invoice.voucher).items()}
    assert note.voucher.reverses == invoice.voucher
    assert {row.status for row in Transaction.objects.all()} == {TransactionStatus.CREDITED}


def test_36_crediting_twice_credits_once():
    invoice = invoiced(make.draft(make.project()))
    note = credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match=f"credited already by {note.number}"):
        credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match="is a credit note itself"):
        credit_invoice(note.pk, on=make.TODAY, by=None, at=make.NOW)


def test_9_credited_work_is_not_invoiced_again():
    invoice = invoiced(make.draft(make.project()))
    credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match="nothing to invoice"):
        make_proposals(Transaction.objects.all(), invoice_date=make.TODAY, by=None, at=make.NOW)


def test_a_credit_note_is_not_dated_before_its_invoice():
    invoice = invoiced(make.draft(make.project()))
    with pytest.raises(Invalid) as refusal:
        credit_invoice(invoice.pk, on=date(2026, 3, 15), by=None, at=make.NOW)
    assert refusal.value.field == "on"


@pytest.mark.parametrize("table", ["invoice", "invoiceline", "invoicetax", "invoiceproposal", "proposalline"])
def test_raw_sql_cannot_change_what_is_invoiced(table):
    invoiced(make.draft(make.project()))
    column = "status" if table == "invoiceproposal" else "id"
    changes = [f"UPDATE {{}} SET {column} = {column}", "DELETE FROM {}"]
    for change in changes:
        with (
            pytest.raises(DatabaseError, match="frozen"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change.format(f"projects_{table}"))


def test_posting_many_costs_a_number_of_queries_that_hardly_grows(django_assert_max_num_queries):
    few = [proposed(make.draft(make.project())).pk for _ in range(6)]
    with django_assert_max_num_queries(55):
        assert len(post_proposals(few, by=None, at=make.NOW).invoices) == 6
    assert Invoice.objects.count() == 6
