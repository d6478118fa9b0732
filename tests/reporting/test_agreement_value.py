"""Why what agreements are worth a year changed: opening, the changes with their reasons, and closing add up."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agreements import operations
from agreements.models import AgreementStatus, LinePrice, Renewal, ServiceAgreement, ServiceAgreementLine
from agreements.recurrence import ALL_YEAR, Recurrence, season
from agreements.renewal.operations import renew
from reporting.agreements.value.load import Movements, movements
from reporting.agreements.value.timeline import (
    Facts,
    Reason,
    changes_of,
    days_of,
    renewals_joined,
    visits_a_year,
)
from tests.cast import stranger, user_in
from tests.make_agreements import make_agreement, make_line
from tests.make_money import company_today

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("unit", "every", "months", "often"),
    [
        ("DAY", 1, ALL_YEAR, 365),
        ("WEEK", 2, ALL_YEAR, 26),
        ("WEEK", 1, season(4, 9), 26),
        ("MONTH", 5, ALL_YEAR, Fraction(12, 5)),
        ("MONTH", 1, season(4, 10), 7),
        ("MONTH", 5, season(1, 1), Fraction(1, 5)),
        ("YEAR", 2, ALL_YEAR, Fraction(1, 2)),
        ("YEAR", 1, season(6, 7), 0),
        ("MONTH", 1199, season(1, 2), Fraction(1, 100)),
    ],
)
def test_how_often_an_interval_comes_in_an_average_year(unit, every, months, often) -> None:
    assert visits_a_year(Recurrence(unit, every, months=months), date(2026, 1, 31)) == often


DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))
LINES = st.builds(
    Facts,
    line=st.integers(1, 4),
    root=st.integers(1, 3),
    begins=DAYS,
    ends=st.none() | DAYS | st.just(date.max),
    began=st.sampled_from([Reason.NEW, Reason.RENEWED, Reason.ADDED]),
    ended=st.sampled_from([Reason.ENDED, Reason.RENEWED, Reason.LINE_ENDED]),
    price_days=st.dictionaries(DAYS, st.just("2 %"), max_size=3),
)


@given(st.lists(st.tuples(LINES, st.integers(1, 9)), max_size=5))
def test_the_changes_are_the_whole_difference(lines: list[tuple[Facts, int]]) -> None:
    changes, opening, closing = [], Decimal(0), Decimal(0)
    for facts, price in lines:
        days = days_of(facts, FIRST, LAST) | {FIRST - DAY, LAST}
        worth = {
            day: Decimal(price + sum(found <= day for found in facts.price_days)) * facts.is_live(day)
            for day in days
        }
        opening, closing = opening + worth[FIRST - DAY], closing + worth[LAST]
        changes += changes_of(facts, worth, FIRST)
    joined = list(renewals_joined(changes))
    assert opening + sum(change.delta for change in joined) == closing
    assert all(change.delta and FIRST <= change.day <= LAST for change in joined)


def told(found: Movements) -> list[tuple[str, Decimal, date]]:
    return [(row.change.reason.value, row.change.delta, row.change.day) for row in reversed(found.rows)]


def all_of(*rows: ServiceAgreement):
    return ServiceAgreement.objects.contracts().filter(pk__in=[row.pk for row in rows])


@pytest.mark.django_db
def test_what_is_dated_counts_from_its_day() -> None:
    agreement = make_agreement(start_date=date(2026, 3, 1), end_date=date(2026, 11, 30))
    first = make_line(agreement, sales_price=Decimal(100))
    make_line(
        agreement,
        sales_price=Decimal(50),
        start_date=date(2026, 6, 1),
        end_date=date(2026, 9, 30),
        interval=None,
    )
    make_line(agreement, sales_price=Decimal(50), start_date=date(2026, 6, 1), end_date=date(2026, 9, 30))
    LinePrice.objects.create(line=first, valid_from=date(2026, 7, 1), price=Decimal(110))
    quote = make_agreement("Offered", status=AgreementStatus.QUOTE)
    make_line(quote, sales_price=Decimal(1000))
    found = movements(all_of(agreement, quote), FIRST, LAST)
    assert told(found) == [
        ("NEW", 1200, date(2026, 3, 1)),
        ("ADDED", 600, date(2026, 6, 1)),
        ("PRICE", 120, date(2026, 7, 1)),
        ("LINE_ENDED", -600, date(2026, 10, 1)),
        ("ENDED", -1320, date(2026, 12, 1)),
    ]
    assert (found.opening["EUR"], found.closing["EUR"]) == (0, 0)
    half = movements(all_of(agreement), date(2026, 7, 1), date(2026, 10, 31))
    assert (half.opening["EUR"], half.closing["EUR"]) == (1800, 1320)
    assert half.sums()["EUR"] == {Reason.PRICE: 120, Reason.LINE_ENDED: -600}


@pytest.mark.django_db
def test_a_renewal_counts_what_it_changes_and_nothing_else(django_assert_max_num_queries) -> None:
    agreement = make_agreement(renewal=Renewal.MANUAL, term_months=12)
    line = make_line(agreement, sales_price=Decimal(100))
    gone = make_line(agreement, sales_price=Decimal(30), end_date=date(2026, 12, 31))
    (successor,) = renew([agreement.pk], by=None)
    new = successor.lines.get(continues=line)
    operations.remove_line(successor.lines.get(continues=gone).pk, version=1, by=None)
    period = date(2026, 12, 1), date(2027, 1, 31)
    assert told(movements(all_of(agreement, successor), *period)) == [("LINE_ENDED", -360, date(2027, 1, 1))]
    ServiceAgreementLine.objects.filter(pk=new.pk).update(sales_price=105)
    with django_assert_max_num_queries(14):
        found = movements(all_of(agreement, successor), *period)
    assert ("RENEWED", 60, date(2027, 1, 1)) in told(found)
    assert (found.opening["EUR"], found.closing["EUR"]) == (1560, 1260)


@pytest.mark.django_db
def test_what_was_changed_by_hand_counts_from_the_day_it_was() -> None:
    agreement = make_agreement(start_date=date(2020, 1, 1), end_date=None)
    today = company_today()
    line = make_line(agreement, sales_price=Decimal(100))
    stopped = make_line(agreement, sales_price=Decimal(10))
    operations.change_line(line.pk, version=1, by=None, quantity=Decimal(3))
    operations.stop_line(line.pk, reason="A slip", version=2, by=None)
    operations.restart_line(line.pk, version=3, by=None)
    operations.stop_line(stopped.pk, reason="Sold", version=1, by=None)
    found = movements(all_of(agreement), today, today)
    assert (found.opening["EUR"], found.closing["EUR"]) == (1320, 3600)
    assert found.sums()["EUR"] == {Reason.CHANGED: 2400, Reason.STOPPED: -120}


@pytest.mark.django_db
def test_the_page_shows_sums_and_changes_and_gives_files(client: Client) -> None:
    address = reverse("reporting:agreement_value")
    client.force_login(stranger())
    assert client.get(address).status_code == 403
    client.force_login(user_in("Planner"))
    days = {"first": "2026-01-01", "last": "2026-12-31"}
    assert "Nothing changed" in client.get(address, days).text
    make_line(make_agreement("Lift care"), sales_price=Decimal(100))
    shown = client.get(address, days).text
    assert "New agreement" in shown and "1,200.00" in shown and "Lift care" in shown
    listed = b"".join(client.get(address, days | {"format": "csv"}).streaming_content).decode()
    assert "Lift care" in listed and "1200" in listed
    wrong = client.get(address, {"first": "2026-12-31", "last": "2026-01-01"})
    assert wrong.status_code == 422 and "before the first" in wrong.text
    assert client.post(address).status_code == 405
