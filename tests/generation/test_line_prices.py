"""The price of a line is the one of the visit's day, also where it was adjusted from a day on."""

from datetime import date
from decimal import Decimal

import pytest

from agreements.models import LinePrice
from orders.generation import start_generation
from orders.models import ServiceOrderLine
from orders.planning import Options
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end
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
