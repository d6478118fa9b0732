"""Forecast of visits and revenue for twelve months, and utilisation: what was planned and what delivered."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agreements import operations
from agreements.models import ClosedDay, DueFrom, LinePrice, Renewal, ServiceAgreement
from orders.generation import load, start_generation
from orders.models import ServiceOrder, ServiceOrderLine
from orders.planning import Options
from reporting.agreements.forecast import by_month, forecast, year_from
from reporting.agreements.utilisation import share, utilised
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end
from subscriptions.models import Subscription
from subscriptions.operations import FeeOrder, start_fees
from tests import make_money
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_calendar, make_initial_stage, make_line
from tests.make_orders import make_line as make_order_line
from tests.make_orders import make_order, make_stages, move, sign
from tests.make_subscriptions import make_subscription

pytestmark = pytest.mark.django_db

YEAR = year_from(date(2026, 1, 1))


def all_of(*rows: ServiceAgreement):
    return ServiceAgreement.objects.filter(pk__in=[row.pk for row in rows])


def test_the_forecast_is_what_the_run_makes_and_what_is_there() -> None:
    make_initial_stage()
    agreement = make_agreement()
    line = make_line(agreement, quantity=Decimal(2), sales_price=Decimal(50))
    LinePrice.objects.create(line=line, valid_from=date(2026, 7, 1), price=Decimal(60))
    before = forecast(all_of(agreement), YEAR)
    (total,) = before.agreements
    assert (total.figures.planned, total.figures.hours) == (12, 24)
    assert total.figures.revenue == 6 * 100 + 6 * 120
    period = Period(date(2026, 1, 1), date(2026, 3, 31))
    execute_to_end(start_generation([agreement.pk], Options(period), by=None, enqueue=False))
    after = forecast(all_of(agreement), YEAR)
    (total,) = after.agreements
    assert (total.figures.created, total.figures.planned, total.figures.revenue) == (3, 9, 1320)
    (loaded,) = load([agreement.pk], YEAR)
    assert len(loaded.plan(Options(YEAR)).orders) == total.figures.planned
    months = by_month(after)
    assert [row.figures.visits for row in months] == [1] * 12 and months[0].key == date(2026, 1, 1)


def test_the_forecast_leaves_out_what_will_not_be() -> None:
    ends = make_agreement("Ends", end_date=date(2026, 3, 31))
    make_line(ends, sales_price=Decimal(50))
    covered = make_agreement("Covered")
    make_line(covered, sales_price=Decimal(50), line_property=make_money.line_property("COVERED"))
    nothing = make_agreement("No price")
    make_line(nothing)
    stopped = make_agreement("Stopped")
    operations.stop_line(make_line(stopped).pk, reason="Unused", version=1, by=None)
    found = {
        row.key: row.figures for row in forecast(all_of(ends, covered, nothing, stopped), YEAR).agreements
    }
    assert found[ends].visits == 3 and stopped not in found
    assert (found[covered].visits, found[covered].revenue, found[covered].unpriced) == (12, 0, 0)
    assert found[nothing].unpriced == 12


def test_the_forecast_goes_on_where_an_agreement_renews_by_itself(client: Client) -> None:
    term = {"end_date": date(2026, 3, 31), "term_months": 3}
    by_itself = make_agreement("By itself", renewal=Renewal.AUTOMATIC, **term)
    by_hand, notice = make_agreement("By hand", **term), make_agreement("Notice", renewal="AUTOMATIC", **term)
    for row in (by_itself, by_hand, notice):
        make_line(row, sales_price=Decimal(50))
    make_line(by_itself, end_date=date(2026, 2, 1))
    ServiceAgreement.objects.filter(pk=notice.pk).update(notice_on=date(2026, 1, 2), end_reason="Too dear")
    shown = forecast(all_of(by_itself, by_hand, notice), YEAR)
    found = {row.key.description: row.figures.visits for row in shown.agreements}
    assert found == {"By itself": 12, "By hand": 3, "Notice": 3} and shown.renewed == {by_itself.pk}
    client.force_login(user_in("Planner"))
    page = client.get(reverse("reporting:agreement_forecast"), {"on": "2026-01-01"})
    assert page.text.count("renews by itself, counted on") == 1
    assert reverse("orders:plan", args=[by_itself.number]) in page.text
    client.force_login(user_in("Finance"))
    page = client.get(reverse("reporting:agreement_forecast"), {"on": "2026-01-01"})
    assert reverse("orders:plan", args=[by_itself.number]) not in page.text, (
        "who may not plan is not led there"
    )
    assert reverse("agreements:agreement", args=[by_itself.number]) in page.text


def test_the_forecast_expects_what_counts_from_visits_still_to_be_done() -> None:
    agreement = make_agreement()
    make_line(agreement, quantity=Decimal(2), sales_price=Decimal(50), due_from=DueFrom.ACTUAL)
    (total,) = forecast(all_of(agreement), YEAR).agreements
    assert (total.figures.planned, total.figures.hours, total.figures.revenue) == (12, 24, 1200)


def test_the_forecast_counts_what_moves_out_of_its_months_and_what_is_overdue(client: Client) -> None:
    moved = make_agreement("Moved", calendar=make_calendar(), closed_day=ClosedDay.PREVIOUS)
    make_line(moved)
    found = forecast(all_of(moved), year_from(date(2026, 8, 1)))  # a Saturday: the visit goes to 31 July
    assert {month for month, _code in found.sums} <= set(found.months)
    assert [row.figures.visits for row in by_month(found)][0] == 1
    client.force_login(user_in("Planner"))
    assert client.get(reverse("reporting:agreement_forecast"), {"on": "2026-08-01"}).status_code == 200
    late = make_agreement("Late")
    line = make_line(late, due_from=DueFrom.ACTUAL)
    make_initial_stage()
    january = Options(Period(date(2026, 1, 1), date(2026, 1, 31)))
    execute_to_end(start_generation([late.pk], january, by=None, enqueue=False))
    waiting = forecast(all_of(late), YEAR)
    (total,) = waiting.agreements
    assert (total.figures.created, total.figures.planned) == (1, 11)
    done = {"executed_on": date(2026, 1, 1), "status": "CANCELLED"}
    ServiceOrderLine.objects.filter(agreement_line=line).update(**done)
    (total,) = forecast(all_of(late), year_from(date(2026, 8, 1))).agreements
    assert total.figures.planned == 5, "overdue since February: on the first day, then each month"


def test_an_expected_day_that_has_a_visit_is_not_another_and_revenue_is_rounded_by_line() -> None:
    make_initial_stage()
    agreement = make_agreement()
    make_line(agreement, quantity=Decimal("0.5"), sales_price=Decimal("0.33"))
    make_line(
        agreement, "EXPENSE", due_from=DueFrom.ACTUAL, line_property=make_money.line_property("COVERED")
    )
    (total,) = forecast(all_of(agreement), YEAR).agreements
    assert (total.figures.planned, total.figures.revenue) == (12, 12 * Decimal("0.17"))
    execute_to_end(start_generation([agreement.pk], Options(YEAR), by=None, enqueue=False))
    (total,) = forecast(all_of(agreement), YEAR).agreements
    assert (total.figures.created, total.figures.planned) == (12, 0)
    assert total.figures.revenue == 12 * Decimal("0.17")


@pytest.mark.usefixtures("in_march")
def test_fees_of_subscriptions_stand_apart_made_or_to_come_each_counted_once() -> None:
    first = make_agreement("First")
    second = make_agreement("Second", project=first.project, start_date=date(2026, 1, 2))
    make_subscription(project=first.project, base_price="100", index="110", starts_on=date(2026, 2, 15))
    named = make_subscription(
        project=first.project, agreement=second, starts_on=date(2025, 1, 1), ends_on=date(2026, 4, 15)
    )
    order = FeeOrder(date(2025, 12, 1), date(2026, 2, 28), price_source="BASE")
    execute_to_end(start_fees([named.pk], order, by=None, enqueue=False))
    Subscription.objects.filter(pk=named.pk).update(base_price=620)
    found = forecast(all_of(first, second), YEAR)
    sums = {row.key.description: row.figures.fees for row in found.agreements}
    assert sums == {"First": 55 + 10 * 110, "Second": 2 * 310 + 620 + 310}
    assert [row.figures.fees for row in by_month(found)][:4] == [310, 310 + 55, 620 + 110, 310 + 110]
    assert all(row.figures.revenue == 0 for row in found.agreements)
    later = forecast(all_of(first), year_from(date(2026, 3, 15)))
    assert sum(row.figures.fees for row in by_month(later)) == 12 * 110, "twelve months begin twelve fees"


def test_the_forecast_asks_a_number_of_statements_that_does_not_grow_and_takes_any_number(
    django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [make_agreement(name) for name in "ABCD"]
    for row in rows:
        make_line(row)
    with django_assert_max_num_queries(25):
        forecast(all_of(rows[0]), YEAR)
    with django_assert_max_num_queries(25):
        whole = forecast(all_of(*rows), YEAR)
    monkeypatch.setattr("reporting.agreements.forecast.CHUNK", 3)
    parts = forecast(all_of(*rows), YEAR, named=2)
    assert parts.sums == whole.sums and (parts.count, whole.count) == (4, 4)
    assert [row.key for row in parts.agreements] == rows[:2] == [row.key for row in whole.agreements[:2]]


def test_utilisation_counts_planned_and_delivered_visits_and_hours() -> None:
    make_stages()
    agreement = make_agreement()
    done, still, later = (
        make_order(agreement=agreement, service_on=day)
        for day in (date(2026, 3, 2), date(2026, 3, 9), date(2026, 6, 1))
    )
    for order, planned in ((done, 2), (still, 3), (later, 4)):
        make_order_line(order, quantity=Decimal(planned))
    make_order_line(done, "EXPENSE")
    ServiceOrder.objects.update(origin="SYSTEM")
    make_order(agreement=agreement, service_on=date(2026, 3, 3), description="Call-out")
    march = date(2026, 3, 1), date(2026, 3, 31)
    move(done, "INPROCESS")
    make_order_line(done, quantity=Decimal(1), description="Extra")
    sign(done)
    (row,) = utilised(*march)
    assert (row.planned, row.delivered) == (2, 1), "signed is done, as planning sees it"
    assert (row.planned_hours, row.delivered_hours) == (5, 3), "extra work was not planned"
    move(still, "CANCEL")
    ServiceOrder.objects.filter(pk=still.pk).update(progress="CANCELLED")
    (row,) = utilised(*march)
    assert (row.planned, row.delivered, row.planned_hours) == (2, 1, 5), "what was cancelled was planned"
    assert (share(1, 2), share(0, 0), share(None, 5)) == (50, None, 0)
    assert not utilised(date(2026, 4, 1), date(2026, 4, 30))


def test_the_pages(client: Client) -> None:
    agreement = make_agreement("Lift care")
    make_line(agreement, sales_price=Decimal(50))
    order = make_order(agreement=agreement, service_on=date(2026, 3, 2))
    make_order_line(order)
    ServiceOrder.objects.update(origin="SYSTEM")
    url, other = reverse("reporting:agreement_forecast"), reverse("reporting:utilisation")
    days = {"during_after": "2026-03-01", "during_before": "2026-03-31"}
    client.force_login(stranger())
    assert client.get(url).status_code == client.get(other).status_code == 403
    client.force_login(user_in("Planner"))
    page = client.get(url, {"on": "2026-01-01"})
    assert "Lift care" in page.text and "Jan 2026" in page.text
    assert client.get(url, {"on": "never"}).status_code == 422
    assert client.get(url, {"on": "2030-01-01"}).status_code == 200
    text = client.get(url, {"on": "2026-01-01", "format": "csv"}).getvalue().decode()
    assert text.count(agreement.number) == 12
    assert client.get(url, {"on": "2026-01-01", "agreement": agreement.pk}).status_code == 200
    page = client.get(other, days).text
    assert "Lift care" in page and "service_on_after=2026-03-01" in page
    assert "Lift care" in client.get(other, days | {"format": "csv"}).getvalue().decode()
    for beyond in ({"during_after": "9999-12-31"}, {"during_before": "0001-01-01"}):
        assert client.get(other, beyond).status_code == 200
    turned = client.get(other, {"during_after": "2026-03-31", "during_before": "2026-03-01"})
    assert turned.status_code == 422 and "The last day lies before the first." in turned.text
    assert (
        "Lift care" not in turned.text
        and client.get(other, {"during_after": "2040-01-01"}).status_code == 200
    )
    drilled = reverse("orders:agreement_orders", args=[agreement.number])
    inside = client.get(drilled, {"service_on_after": "2026-03-01", "service_on_before": "2026-03-31"})
    outside = client.get(drilled, {"service_on_after": "2026-04-01"})
    assert order.number in inside.text and order.number not in outside.text
    assert client.post(url).status_code == 405
