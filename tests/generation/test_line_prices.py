"""The price of a line is the one of the visit's day, also where it was adjusted from a day on."""

from datetime import date
from decimal import Decimal

import pytest

from agreements.models import LinePrice, ServiceAgreement
from agreements.pricing.queries import priced_lines
from orders.generation import start_generation
from orders.models import ServiceOrderLine
from orders.planning import Options
from reporting.agreements.forecast import forecast, year_from
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end
from tests import make_money
from tests.make_agreements import make_agreement, make_initial_stage, make_line

pytestmark = pytest.mark.django_db


def test_rule_60_visits_from_the_day_on_have_the_adjusted_price() -> None:
    make_initial_stage()
    agreement = make_agreement()
    line = make_line(agreement, sales_price=Decimal(50))
    LinePrice.objects.create(line=line, valid_from=date(2026, 5, 1), price=Decimal(55))
    period = Period(date(2026, 4, 1), date(2026, 6, 30))
    execute_to_end(start_generation([agreement.pk], Options(period), by=None, enqueue=False))
    prices = ServiceOrderLine.objects.order_by("date_calculated").values_list("sales_price", flat=True)
    assert list(prices) == [50, 55, 55]


def test_B_8_price_page_forecast_and_run_know_the_markups_of_the_line_property() -> None:
    make_initial_stage()
    marked = make_money.line_property(code="UP", cost_markup=Decimal(10), sales_markup=Decimal(25))
    agreement = make_agreement(end_date=date(2026, 1, 31))
    make_money.cost_price("41.50")
    make_money.sales_price("89")
    make_line(agreement, line_property=marked)
    (shown,) = priced_lines(agreement, date(2026, 1, 1))
    (total,) = forecast(ServiceAgreement.objects.all(), year_from(date(2026, 1, 1))).agreements
    period = Period(date(2026, 1, 1), date(2026, 1, 31))
    execute_to_end(start_generation([agreement.pk], Options(period), by=None, enqueue=False))
    made = ServiceOrderLine.objects.get()
    assert (made.sales_price, made.cost_price) == (Decimal("111.25"), Decimal("45.65"))
    assert shown.price == total.figures.revenue == made.sales_price
    assert shown.reasons[-1] == "The line property adds 25 %."
