"""RE-01 in full: all levels with their totals, the way down to the voucher, fees of the contract, chart and PDF."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from orders.models import ServiceOrder
from orders.posting import post_order_lines
from reporting.margin import views
from reporting.margin.chart import drawing, months
from reporting.margin.facts import Firm, Level, Source, facts, grouped, totals
from reporting.margin.fees import recognised
from reporting.margin.nested import nested
from servicemgmt.core.roles import FINANCE
from servicemgmt.core.templatetags.show import unbroken
from servicemgmt.ledger.models import Account, PostingProfile
from servicemgmt.projects.models import LineKind, Transaction
from servicemgmt.projects.operations import credit_invoice, make_proposals, post_proposal
from subscriptions.models import Fee
from tests import make_agreements, make_money, make_orders, make_subscriptions
from tests.cast import user_in
from tests.make_money import NOW, TODAY

pytestmark = pytest.mark.django_db
URL = "reporting:margin"


@pytest.fixture
def cleo(client):
    client.force_login(user_in(FINANCE))
    return client


@pytest.fixture
def order() -> ServiceOrder:
    order = make_orders.make_done_order(kinds=(LineKind.HOUR, LineKind.EXPENSE))
    post_order_lines(order.pk, by=None, at=NOW)
    return order


def invoice_all() -> None:
    for proposal in make_proposals(Transaction.objects.all(), invoice_date=TODAY, by=None, at=NOW):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)


def all_facts(source: str = Source.POSTED):
    return facts(ServiceOrder.objects.all(), source, Firm.of_company())


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_RE_01_both_sources_are_what_is_posted_and_what_is_still_planned(order):
    make_orders.make_done_order(kinds=(LineKind.HOUR,))
    (posted,), (planned,), (both,) = (totals(all_facts(source)) for source in Source.values)
    for name in ("sum_cost", "sum_sales", "sum_covered", "sum_invoiced", "orders"):
        assert both[name] == posted[name] + planned[name], name
    assert planned["sum_sales"] > 0 < posted["sum_sales"]


def test_RE_01_all_levels_carry_totals_that_add_up(order):
    other = make_orders.make_done_order(kinds=(LineKind.HOUR,))
    post_order_lines(other.pk, by=None, at=NOW)
    rows = list(nested(grouped(all_facts(), Level.ALL)))
    (whole,) = totals(all_facts())
    for name in ("sum_cost", "sum_sales"):
        for branch in ("", "order", "agreement", "customer", "all"):
            assert sum(row[name] for row in rows if row["branch"] == branch) == whole[name], branch
    assert [row["branch"] for row in rows][-2:] == ["customer", "all"]
    assert sum(row["branch"] == "order" for row in rows) == 2


def test_RE_01_every_figure_opens_down_to_the_voucher(cleo, order):
    """Customer → agreement → order → type → transaction → voucher, by the links of the page alone."""
    invoice_all()
    url = f"{reverse(URL)}?level=customer"
    for level in ("agreement", "order", "kind", "line"):
        (row, *_others) = cleo.get(url).context["rows"]
        url = row["url"]
        assert f"level={level}" in url
    page = cleo.get(url)
    row = page.context["rows"][0]
    transaction = Transaction.objects.get(pk=row["transaction_id"])
    assert row["url"] == reverse("projects:transaction", args=[transaction.pk])
    for link in (
        row["url"],
        reverse("ledger:voucher", args=[transaction.voucher.number]),
        reverse("projects:invoice", args=[transaction.invoice.number]),
    ):
        assert f'href="{link}"' in page.content.decode() and cleo.get(link).status_code == 200


def test_RE_01_work_without_agreement_opens_to_its_orders_alone(cleo, order):
    """Of a customer who has both, each row of an agreement leads to the orders that it counts."""
    agreement = make_agreements.make_agreement(project=order.project)
    covered = make_orders.make_done_order(
        kinds=(LineKind.HOUR,), agreement=agreement, site=make_agreements.make_site(order.customer)
    )
    post_order_lines(covered.pk, by=None, at=NOW)
    rows = cleo.get(reverse(URL), {"level": "agreement", "customer": order.customer_id}).context["rows"]
    opened = {
        row["order__agreement"]: [r["order__number"] for r in cleo.get(row["url"]).context["rows"]]
        for row in rows
    }
    assert opened == {agreement.pk: [covered.number], None: [order.number]}


def test_RE_01_work_that_is_to_be_invoiced_once_more_is_sold_and_not_invoiced(order):
    before = totals(all_facts())[0]
    invoice_all()
    invoice = Transaction.objects.filter(invoice__isnull=False).first().invoice
    credit_invoice(invoice.pk, on=TODAY, by=None, at=NOW, text="Wrong address", rebill=True)
    after = totals(all_facts())[0]
    assert after["sum_invoiced"] == 0 and after["sum_sales"] == before["sum_sales"] > 0
    invoice_all()
    again = totals(all_facts())[0]
    assert again["sum_invoiced"] == again["sum_sales"] == before["sum_sales"]


def test_RE_01_the_order_is_a_parameter(cleo, order):
    make_orders.make_done_order(kinds=(LineKind.HOUR,))
    rows = cleo.get(reverse(URL), {"level": "order", "number": order.number, "source": "both"}).context[
        "rows"
    ]
    assert [row["order__number"] for row in rows] == [order.number]


def test_RE_01_a_contracts_margin_is_recognised_fees_and_invoiced_less_cost(cleo):
    project = make_money.project()
    agreement = make_agreements.make_agreement(project=project)
    order = make_orders.make_done_order(
        kinds=(LineKind.HOUR,), agreement=agreement, site=make_agreements.make_site(project.customer)
    )
    post_order_lines(order.pk, by=None, at=NOW)
    subscription = make_subscriptions.make_subscription(project=project, agreement=agreement)
    draft = make_money.draft(
        project, "FEE", sales_price=Decimal(50), quantity=Decimal(1), source="SUBSCRIPTION"
    )
    (row,) = make_money.post(draft)
    Fee.objects.create(
        transaction=row, subscription=subscription, kind="REGULAR", starts_on=TODAY, ends_on=TODAY,
        base_price=50, index=100,
    )  # fmt: skip
    assert recognised([agreement.pk]) == {agreement.pk: 0}
    invoice_all()
    another = Account.objects.create(code="9", description="New", kind="INCOME")
    PostingProfile.objects.filter(purpose="SUBSCRIPTION_REVENUE").update(account=another)
    assert recognised([agreement.pk], TODAY, TODAY) == {agreement.pk: 50}
    assert recognised([agreement.pk], date(2026, 4, 1)) == {agreement.pk: 0}
    assert recognised([agreement.pk], None, date(2026, 3, 1)) == {agreement.pk: 0}
    (shown,) = cleo.get(reverse(URL), {"level": "agreement"}).context["rows"]
    assert shown["fees"] == 50
    assert shown["contract"] == 50 + shown["sum_invoiced"] - shown["sum_cost"]
    assert shown["sum_invoiced"] > 0


def test_RE_01_the_chart_and_its_table_hold_the_same_months(cleo, order):
    firm = Firm.of_company()
    (month,) = months(all_facts(), firm)
    (whole,) = totals(all_facts())
    assert (month.sales, month.cost) == (whole["sum_sales"], whole["sum_cost"])
    heights = [Decimal(bar["height"]) for bar in drawing([month])["months"][0]["bars"]]
    assert max(heights) == 140
    page = text_of(cleo.get(reverse(URL)))
    assert '<svg class="margin-chart"' in page and "Sales and cost by month" in page
    assert not re.search(r"<(rect|text|line)[^>]* style=", page)
    assert drawing([])["months"] == []


@pytest.mark.parametrize("level", Level.values)
@pytest.mark.parametrize("form", ["", "csv", "xlsx", "html"])
def test_RE_01_every_level_in_every_form(cleo, order, level, form):
    invoice_all()
    answer = cleo.get(reverse(URL), {"level": level, "format": form, "source": "both"})
    assert answer.status_code == 200 and b"".join(answer)


def test_RE_01_the_report_is_a_pdf_with_its_filters(cleo, order):
    answer = cleo.get(reverse(URL), {"level": "all", "format": "pdf"})
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    paper = text_of(cleo.get(reverse(URL), {"level": "all", "format": "html", "number": order.number}))
    assert f"Total of the order {unbroken(order.number)}" in paper and "Grouped by" in paper


def test_RE_01_what_is_too_long_for_paper_says_so(cleo, order, monkeypatch):
    monkeypatch.setattr(views, "MOST_ON_PAPER", 1)
    answer = cleo.get(reverse(URL), {"level": "line", "format": "pdf"}, follow=True)
    assert "do not make a document" in text_of(answer)


def test_RE_01_long_trees_are_cut_on_the_page_and_whole_in_the_file(cleo, order, monkeypatch):
    monkeypatch.setattr(views, "MOST_AT_ONCE", 1)
    page = cleo.get(reverse(URL), {"level": "all"})
    assert page.context["is_cut"] and "There are more rows" in text_of(page)
    content = b"".join(cleo.get(reverse(URL), {"level": "all", "format": "csv"}).streaming_content)
    assert "Total of the customer" in content.decode("utf-8-sig")


def test_RE_01_nothing_to_show_has_no_chart(cleo):
    make_money.firm()
    page = cleo.get(reverse(URL))
    assert "No posted lines fit" in text_of(page) and not page.context["months"]


@pytest.mark.parametrize("level", ["line", "all", "agreement"])
def test_RE_01_the_queries_do_not_grow_with_the_rows(cleo, order, level, django_assert_max_num_queries):
    with django_assert_max_num_queries(45):
        cleo.get(reverse(URL), {"level": level})
