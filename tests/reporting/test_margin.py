"""Service order margin (RE-01): the figures, the ledger beside them, who sees it, and every way out of it."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from orders.models import ServiceOrder
from orders.operations import require_on_order
from orders.posting import post_order_lines, return_part
from orders.posting.post import post_orders
from orders.queries.detail import line_rows
from orders.queries.detail import totals as totals_of
from reporting.margin.facts import Firm, Source, facts, totals
from reporting.margin.reconcile import reconcile
from reporting.projects.facts import project_facts
from reporting.projects.facts import totals as project_totals
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER, TECHNICIAN
from servicemgmt.inventory.operations import receive
from servicemgmt.ledger.models import Account, PostingProfile
from servicemgmt.masterdata.models import ExchangeRate
from servicemgmt.projects.models import ItemRequirement, LineKind, Project, ProjectKind, Transaction
from servicemgmt.projects.operations import (
    consume_requirement,
    make_proposals,
    pick_requirement,
    post_proposal,
    undo_consumption,
)
from tests import make_money, make_orders
from tests.cast import stranger, user_in
from tests.make_agreements import make_project
from tests.make_money import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> ServiceOrder:
    """Scenario 113: hour cost 100 sales 180, item cost 50 sales 70, expense of cost 20 that is not charged."""
    order = make_orders.make_order()
    one = {"quantity": Decimal(1)}
    make_orders.make_line(order, LineKind.HOUR, cost_price=Decimal(100), sales_price=Decimal(180), **one)
    part = make_money.item("P-1", cost="50", sales="70", stocked=False)
    make_orders.make_line(
        order, LineKind.ITEM, item=part, cost_price=Decimal(50), sales_price=Decimal(70), **one
    )
    goodwill = make_money.line_property("GOODWILL")
    make_orders.make_line(
        order,
        LineKind.EXPENSE,
        cost_price=Decimal(20),
        sales_price=Decimal(30),
        line_property=goodwill,
        coverage_reason="A good customer",
        **one,
    )
    make_orders.move(order, "INPROCESS")
    make_orders.sign(order)
    return make_orders.move(order, "COMPLETED")


def posted(order: ServiceOrder) -> ServiceOrder:
    post_order_lines(order.pk, by=None, at=NOW)
    return order


def invoiced(order: ServiceOrder) -> ServiceOrder:
    posted(order)
    for proposal in make_proposals(Transaction.objects.all(), invoice_date=TODAY, by=None, at=NOW):
        post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    return order


def sums(source: str = Source.POSTED) -> dict[str, Decimal]:
    firm = Firm.of_company()
    found = totals(facts(ServiceOrder.objects.all(), source, firm))
    return found[0] if found else {}


def test_113_margin_is_80_and_32_percent(client, order):
    posted(order)
    row = sums()
    assert (row["sum_cost"], row["sum_sales"], row["sum_covered"]) == (170, 250, 30)
    client.force_login(user_in(FINANCE))
    page = client.get(reverse("reporting:margin"))
    total = page.context["totals"][0]
    assert (total["margin"], total["percent"]) == (80, Decimal("32.0"))


def test_the_planned_lines_give_the_same_before_they_are_posted(order):
    row = sums(Source.PLANNED)
    assert (row["sum_cost"], row["sum_sales"], row["sum_covered"]) == (170, 250, 30)
    assert sums() == {}


def test_PR_12_B_8_planned_is_what_is_posted_on_projects_of_every_type():
    for kind in ProjectKind:
        project = make_project(f"{kind.label} project")
        make_orders.make_done_order(kinds=("HOUR", "EXPENSE", "FEE"), project=project)
        Project.objects.filter(pk=project.pk).update(kind=kind)
    before = sums(Source.PLANNED)
    orders = ServiceOrder.objects.select_related("project")
    shown = sum(totals_of(order, line_rows(order)).sales for order in orders)
    assert (before["sum_sales"], before["sum_covered"]) == (3 * 180 + 180, 2 * 180 + 6 * 180)
    post_orders([order.pk for order in orders], by=None, at=NOW)
    after = sums()
    assert [after[name] for name in before] == list(before.values()) and shown == after["sum_sales"]


def test_the_report_equals_the_ledger_to_the_cent_before_and_after_the_invoice(order):
    posted(order)
    firm = Firm.of_company()
    before = reconcile(facts(ServiceOrder.objects.all(), Source.POSTED, firm))
    assert before.agrees and before.cost == 170 and before.invoiced == 0
    invoiced(order)
    PostingProfile.objects.update(account=Account.objects.create(code="9", description="New", kind="ASSET"))
    after = reconcile(facts(ServiceOrder.objects.all(), Source.POSTED, firm))
    assert after.agrees and after.invoiced == 250 == after.ledger_revenue
    assert sums()["sum_invoiced"] == 250


def test_foreign_sales_count_at_the_rate_of_the_invoice(order):
    pounds = make_orders.make_done_order(
        project=make_money.project("London", currency=make_money.money("USD")), kinds=(LineKind.HOUR,)
    )
    invoiced(pounds)
    firm = Firm.of_company()
    found = reconcile(facts(ServiceOrder.objects.filter(pk=pounds.pk), Source.POSTED, firm))
    assert found.agrees and found.invoiced > 0


@pytest.mark.parametrize("level", ["customer", "agreement", "order", "kind"])
def test_every_level_opens_and_exports(client, order, level):
    invoiced(order)
    client.force_login(user_in(MANAGER))
    for query in ("", "&format=csv", "&format=xlsx", "&source=planned", "&q=nobody", "&from=100", "&from=x"):
        response = client.get(f"{reverse('reporting:margin')}?level={level}{query}")
        assert response.status_code == 200 and b"".join(response), query


def test_the_csv_holds_the_figures(client, order):
    invoiced(order)
    client.force_login(user_in(FINANCE))
    text = b"".join(client.get(f"{reverse('reporting:margin')}?level=order&format=csv")).decode("utf-8-sig")
    assert order.number in text and "250" in text and "32.0" in text


def test_wrong_filters_say_so(client, order):
    client.force_login(user_in(FINANCE))
    response = client.get(f"{reverse('reporting:margin')}?service_on_after=31.02.2026")
    assert response.status_code == 422
    for query in ("level=nope", "source=all", "kind=x&format=csv"):
        response = client.get(f"{reverse('reporting:margin')}?{query}")
        assert response.status_code == 422 and "is not offered" in response.content.decode(), query
    assert client.post(reverse("reporting:margin")).status_code == 405


def test_cost_and_margin_are_not_for_dispatchers_technicians_and_strangers(client, order):
    for user in (user_in(DISPATCHER), user_in(TECHNICIAN), stranger()):
        client.force_login(user)
        assert client.get(reverse("reporting:margin")).status_code == 403


def test_the_page_takes_few_queries_however_many_orders(client, order, django_assert_max_num_queries):
    posted(order)
    client.force_login(user_in(FINANCE))
    with django_assert_max_num_queries(40):
        client.get(f"{reverse('reporting:margin')}?level=order")


def test_RE_01_goods_consumed_for_the_order_and_goods_that_came_back_count(client):
    part, main = make_money.item(), make_money.warehouse()
    receive(part, main, Decimal(10), value=Decimal(100), on=TODAY, by=None)
    order = make_orders.make_order()
    make_orders.make_line(order, LineKind.ITEM, quantity=Decimal(3), sales_price=Decimal(25))
    need = require_on_order(
        order.pk, part, Decimal(2), category=make_money.category("ITEM"), warehouse=main, needed_on=TODAY,
        sales_price=Decimal(30), by=None,
    )  # fmt: skip
    assert sums(Source.PLANNED)["sum_cost"] == 30
    make_orders.move(order, "INPROCESS")
    for step in (pick_requirement, consume_requirement):
        version = ItemRequirement.objects.get().version
        at = {"at": NOW} if step is consume_requirement else {}
        used = step(need.pk, Decimal(2), on=TODAY, version=version, by=None, **at)
    make_orders.sign(order)
    posted(make_orders.move(order, "COMPLETED"))
    return_part(order.pk, order.lines.get().pk, Decimal(1), version=None, by=None, at=NOW)
    found = sums()
    assert (found["sum_cost"], found["sum_sales"], found["sum_quantity"]) == (40, 110, 4)
    compared = reconcile(facts(ServiceOrder.objects.all(), Source.POSTED, Firm.of_company()))
    assert compared.agrees and compared.ledger_cost == 40
    (row,) = project_totals(project_facts(Transaction.objects.all(), Firm.of_company()))
    assert (row["sum_cost"], row["sum_sales"], row["sum_to_invoice"]) == (40, 110, 110)
    client.force_login(user_in(FINANCE))
    page = client.get(reverse("reporting:margin"), {"level": "line", "number": order.number}).content.decode()
    assert f"/transactions/{used.transaction_id}/" in page
    undo_consumption(
        need.pk, used.pk, on=TODAY, version=ItemRequirement.objects.get().version, by=None, at=NOW
    )
    assert sums()["sum_cost"] == 20


def test_RE_01_a_line_that_is_an_item_requirement_counts_once_planned_or_posted():
    part, main = make_money.item(), make_money.warehouse()
    receive(part, main, Decimal(10), value=Decimal(100), on=TODAY, by=None)
    order = make_orders.make_order()
    line = make_orders.make_line(
        order, LineKind.ITEM, item_setup="REQUIREMENT", quantity=Decimal(3), sales_price=Decimal(30)
    )
    need = require_on_order(
        order.pk, part, Decimal(3), category=make_money.category("ITEM"), warehouse=main, needed_on=TODAY,
        sales_price=Decimal(30), line=line.pk, by=None,
    )  # fmt: skip
    need = pick_requirement(need.pk, Decimal(3), on=TODAY, version=need.version, by=None)

    def told() -> list[tuple[int, int]]:
        found = [sums(source) for source in (Source.PLANNED, Source.POSTED, Source.BOTH)]
        return [(int(row.get("sum_sales", 0)), int(row.get("sum_quantity", 0))) for row in found]

    assert told() == [(90, 3), (0, 0), (90, 3)]
    used = consume_requirement(need.pk, Decimal(1), on=TODAY, version=need.version, by=None, at=NOW)
    assert told() == [(60, 2), (30, 1), (90, 3)]
    need = used.requirement
    consume_requirement(need.pk, Decimal(2), on=TODAY, version=need.version, by=None, at=NOW)
    assert told() == [(0, 0), (90, 3), (90, 3)]
    assert order.lines.get().status == "POSTED"


def test_RE_01_sales_that_no_rate_values_are_counted_and_told(client):
    make_money.firm()
    dollars = make_money.money("USD")
    abroad = make_project("London", currency=dollars)
    order = make_orders.make_done_order(project=abroad, kinds=("HOUR", "EXPENSE", "FEE"))
    loose = make_orders.make_order(customer=abroad.customer, site=abroad.site)
    make_orders.make_line(loose, LineKind.HOUR)
    ExchangeRate.objects.filter(currency=dollars).update(valid_from=TODAY + timedelta(days=1))

    def told(**asked: object) -> tuple[list[str], list[int]]:
        page = client.get(reverse("reporting:margin"), asked)
        (row,) = page.context["totals"]
        assert all(text in page.content.decode() for text in page.context["notes"])
        return page.context["notes"], [row["without_rate"], row["without_project"]]

    client.force_login(user_in(FINANCE))
    assert told(source="planned")[1] == [3, 1]
    posted(order)
    notes, counts = told()
    assert counts == [3, 0] and "3 lines" in notes[0] and len(notes) == 1
    notes, counts = told(source="both")
    assert counts == [3, 1] and "1 line" in notes[1] and "no project" in notes[1]
    assert (
        notes[1]
        in client.get(reverse("reporting:margin"), {"format": "html", "source": "both"}).content.decode()
    )
    statement = client.get(reverse("reporting:project_statement"), {"project": abroad.pk})
    (note,) = statement.context["notes"]
    assert note == notes[0] and note in statement.content.decode()
    for report, asked, last in (
        ("margin", {"source": "both", "level": "all"}, "4"),
        ("margin", {"source": "planned", "level": "customer"}, "1"),
        ("project_statement", {"project": abroad.pk}, "1"),
    ):
        answer = client.get(reverse(f"reporting:{report}"), asked | {"format": "csv"})
        head, *lines = csv.reader(b"".join(answer).decode("utf-8-sig").splitlines())
        assert (head[-1], lines[-1][-1]) == ("Lines whose sales are unknown", last)
    ExchangeRate.objects.filter(currency=dollars).update(valid_from=TODAY)
    invoiced(order)
    ExchangeRate.objects.filter(currency=dollars).update(valid_from=TODAY + timedelta(days=1))
    assert told()[0] == [], "what is invoiced has the rate of its invoice"
