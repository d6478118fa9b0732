"""The price search: PR-08, PR-09, scenarios 82 to 84, billing-rules 4.6."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicemgmt.core.money import line_amount
from servicemgmt.masterdata.models import ExchangeRate
from servicemgmt.masterdata.operations import create_employee
from servicemgmt.projects.models import LineKind, PriceList
from servicemgmt.projects.models.price import PriceModel
from servicemgmt.projects.pricing.explain import explain
from servicemgmt.projects.pricing.search import price_line, sales_from_cost, unit_price
from tests import make_money as make

pytestmark = pytest.mark.django_db


def worker(name: str):
    return create_employee(by=None, name=name, time_zone="Europe/Berlin")


def hour(project, **fields):
    return price_line(kind=LineKind.HOUR, project=project, category=make.category(), on=make.TODAY, **fields)


def test_PR_08_82_project_and_worker_before_project_before_worker():
    project, other = make.project("9030"), make.project("9040")
    a, b = worker("A"), worker("B")
    make.sales_price("90", project=project, worker=a)
    make.sales_price("80", project=project)
    make.sales_price("85", worker=a)
    assert hour(project, worker=a).sales_price == 90
    assert hour(project, worker=b).sales_price == 80
    assert hour(other, worker=a).sales_price == 85


def test_PR_08_82_holds_for_costs_too():
    project, other = make.project("9030"), make.project("9040")
    a, b = worker("A"), worker("B")
    make.cost_price("90", project=project, worker=a)
    make.cost_price("80", project=project)
    make.cost_price("85", worker=a)
    assert hour(project, worker=a).cost_price == 90
    assert hour(project, worker=b).cost_price == 80
    assert hour(other, worker=a).cost_price == 85


@pytest.mark.parametrize(
    ("table", "order"),
    [
        ("cost", ["PWC", "PW", "WC", "PC", "P", "W", "C", ""]),
        ("sales", ["PWC", "PW", "PC", "P", "WC", "W", "C", ""]),
    ],
)
def test_PR_08_the_whole_order_of_priorities(table, order):
    project, w = make.project(), worker("A")
    named = {"P": ("project", project), "W": ("worker", w), "C": ("category", make.category())}
    make_row = make.cost_price if table == "cost" else make.sales_price
    rows = [make_row(str(n + 1), **dict(named[letter] for letter in shape)) for n, shape in enumerate(order)]
    for n, row in enumerate(rows):
        found = hour(project, worker=w)
        assert getattr(found, f"{table}_price") == n + 1
        assert found.reason[table]["chosen"]["priority"] == n + 1
        row.delete()
    assert getattr(hour(project, worker=w), f"{table}_price") is None


def test_PR_08_the_latest_row_in_force_wins_and_a_later_one_is_explained():
    project = make.project()
    make.sales_price("70", valid_from=date(2025, 1, 1))
    make.sales_price("75", valid_from=date(2026, 1, 1))
    make.sales_price("80", valid_from=date(2026, 6, 1))
    priced = hour(project)
    assert priced.sales_price == 75
    assert {row["why"]: row["price"] for row in priced.reason["sales"]["passed_over"]} == {
        "OLDER": "70",
        "LATER": "80",
    }


def test_PR_08_a_row_in_another_currency_does_not_count_but_is_named():
    project = make.project()
    make.sales_price("70", currency="USD", project=project)
    priced = hour(project)
    assert priced.sales_price is None
    assert "another currency" in " ".join(explain(priced.reason["sales"]))


def test_a_price_list_goes_before_every_priority_and_the_agreements_before_the_projects():
    of_project = PriceList.objects.create(code="PL", description="Project's")
    of_agreement = PriceList.objects.create(code="AL", description="Agreement's")
    project = make.project(price_list=of_project)
    a = worker("A")
    make.sales_price("90", project=project, worker=a, category=make.category())
    assert hour(project, worker=a).sales_price == 90
    make.sales_price("60", price_list=of_project)
    assert hour(project, worker=a).sales_price == 60
    make.sales_price("55", price_list=of_agreement)
    assert hour(project, worker=a, price_list=of_agreement).sales_price == 55
    assert hour(project, worker=a).sales_price == 60


@pytest.mark.parametrize(
    ("model", "cost", "figure", "price"),
    [
        (PriceModel.PERCENT, "20", "5", "21.00"),
        (PriceModel.AMOUNT, "90", "10", "100.00"),
        (PriceModel.CONTRIBUTION, "50", "10", "55.56"),
        (PriceModel.QUANTITY, "50", "61.1234", "61.1234"),
    ],
)
def test_PR_09_83_price_models(model, cost, figure, price):
    project = make.project()
    make.cost_price(cost)
    make.sales_price(figure, model=model)
    assert hour(project).sales_price == Decimal(price)


def test_PR_09_a_cost_typed_by_hand_is_what_the_model_works_on():
    project = make.project()
    make.sales_price("10", model=PriceModel.PERCENT, kind=LineKind.EXPENSE)
    parking = price_line(
        kind=LineKind.EXPENSE,
        project=project,
        category=make.category(LineKind.EXPENSE),
        on=make.TODAY,
        cost=Decimal("12.50"),
    )
    assert (parking.cost_price, parking.sales_price) == (Decimal("12.50"), Decimal("13.75"))
    assert explain(parking.reason["cost"]) == ["Entered by hand."]


def test_PR_09_a_model_without_a_cost_gives_no_price():
    project = make.project()
    make.sales_price("10", model=PriceModel.PERCENT)
    priced = hour(project)
    assert priced.sales_price is None
    assert "no cost price" in " ".join(explain(priced.reason["sales"]))


def test_items_fall_back_on_their_own_price_at_the_days_rate():
    in_dollars = make.project(customer=make.customer("Smith", currency="USD"))
    part = make.item(cost="10", sales="25")
    found = price_line(
        kind=LineKind.ITEM,
        project=in_dollars,
        category=make.category(LineKind.ITEM),
        on=make.TODAY,
        item=part,
    )
    assert (found.cost_price, found.sales_price) == (Decimal(10), Decimal("31.25"))
    assert found.reason["sales"]["rate"] == "0.8"


def test_42_a_price_converted_to_yen_or_dinars_keeps_its_figures():
    make.firm()
    ExchangeRate.objects.filter(currency__code="JPY").update(rate=Decimal("0.0062"))
    prices = {}
    for currency in ("JPY", "KWD"):
        project = make.project(customer=make.customer(currency, currency=currency))
        part = make.item(cost="0.004", sales="0.0092")
        found = price_line(kind=LineKind.ITEM, project=project, category=None, on=make.TODAY, item=part)
        prices[currency] = found.sales_price
    assert prices == {"JPY": Decimal("1.484"), "KWD": Decimal("0.003079")}
    assert line_amount(Decimal(1000), prices["JPY"], 0) == 1484


def test_42_44_a_small_price_is_marked_up_rather_than_lost():
    project = make.project()
    make.cost_price("0.004")
    make.sales_price("0.004")
    marked = make.line_property(code="UP", cost_markup=Decimal(10), sales_markup=Decimal(10))
    priced = hour(project, line_property=marked)
    assert priced.cost_price == priced.sales_price == Decimal("0.0044")


@pytest.mark.parametrize(
    ("model", "cost", "figure", "digits", "price"),
    [
        (PriceModel.PERCENT, "1.35", "10", 0, "1.485"),
        (PriceModel.CONTRIBUTION, "8000", "10", 0, "8889"),
        (PriceModel.AMOUNT, "0.3", "0.1", 0, "0.4"),
        (PriceModel.CONTRIBUTION, "50", "10", 2, "55.56"),
        (PriceModel.CONTRIBUTION, "50", "10", 3, "55.556"),
    ],
)
def test_42_PR_09_prices_of_currencies_with_0_2_and_3_digits(model, cost, figure, digits, price):
    assert sales_from_cost(model, Decimal(cost), Decimal(figure), digits) == Decimal(price)


@given(st.decimals("0.01", "999999", places=6), st.integers(0, 4))
def test_42_a_unit_price_is_hardly_off_and_never_coarser_than_money(price, digits):
    off = abs(unit_price(price, digits) - price)
    assert off <= price / 2000 and off <= Decimal(5).scaleb(-digits - 1)


def test_a_row_for_the_very_item_goes_before_rows_for_any():
    project, part = make.project(), make.item()
    make.sales_price("20", kind=LineKind.ITEM, project=project)
    make.sales_price("22", kind=LineKind.ITEM, item=part)
    found = price_line(kind=LineKind.ITEM, project=project, category=None, on=make.TODAY, item=part)
    assert found.sales_price == 22


def test_44_an_item_without_price_has_none_rather_than_zero():
    project, part = make.project(), make.item(sales="0")
    found = price_line(kind=LineKind.ITEM, project=project, category=None, on=make.TODAY, item=part)
    assert found.sales_price is None


def test_the_explanation_reads_like_sentences():
    project, a = make.project("9030"), worker("A")
    make.sales_price("90", project=project, worker=a)
    make.sales_price("85", worker=a)
    sentences = explain(hour(project, worker=a).reason["sales"])
    assert sentences[0].endswith("(priority 2) wins.")
    assert sentences[1].endswith("was passed over: less of it fits.")


def test_B_8_the_line_property_marks_prices_up():
    project = make.project()
    make.cost_price("40")
    make.sales_price("90")
    marked = make.line_property(code="UP", cost_markup=Decimal(10), sales_markup=Decimal("2.5"))
    priced = hour(project, line_property=marked)
    assert (priced.cost_price, priced.sales_price) == (Decimal("44.00"), Decimal("92.25"))


@given(st.decimals("0.01", "100000", places=2), st.decimals("0", "99", places=2))
def test_PR_09_contribution_ratio_leaves_the_share_of_the_price(cost, percent):
    price = sales_from_cost(PriceModel.CONTRIBUTION, cost, percent, 2)
    assert abs(price * (100 - percent) / 100 - cost) <= Decimal("0.005") * (100 - percent) / 100 + Decimal(
        "0.0000001"
    )


def test_PR_08_price_rows_are_told_of_in_words():
    assert [str(make.cost_price("41.50")), str(make.sales_price("1000"))] == ["Hour 41.5", "Hour 1,000"]
