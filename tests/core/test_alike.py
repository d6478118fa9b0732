"""Rows that share most of their values, and what many rows point to."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from servicemgmt.core.alike import insert_alike, without_waiting
from servicemgmt.core.attach import attach
from servicemgmt.core.models import Event
from servicemgmt.masterdata.models import Currency, ExchangeRate
from tests import make_money

pytestmark = pytest.mark.django_db

NASTY = ['"', "\\", "{a,b}", "NULL", "", " x ", "'ä'\n", '\\"']


def test_rows_alike_come_out_as_they_went_in() -> None:
    at = datetime(2026, 3, 29, 1, 30, 5, 7, tzinfo=UTC)
    shared = {"actor_name": "Ann", "action": "tried", "at": at, "request_id": "", "run_id": None}
    alike = [shared | {"changes": {"text": [None, text]}} for text in NASTY]
    rows = [(n, text, f"event:{n}") for n, text in enumerate(NASTY)]
    insert_alike(Event, [*alike, shared | {"changes": {}}], ["subject_label", "subject"], rows)
    insert_alike(Event, alike, ["subject"], [])
    for n, event in enumerate(Event.objects.filter(action="tried").order_by("pk")):
        assert (event.subject, event.subject_label, event.at) == (f"event:{n}", NASTY[n], at)
        assert event.changes == {"text": [None, NASTY[n]]}
    assert n == len(NASTY) - 1


def test_what_goes_wrong_without_waiting_is_raised_and_undoes_the_block() -> None:
    make_money.firm()
    dollar = make_money.money("USD")
    day = date(2031, 1, 1)

    @transaction.atomic
    def write(*rates: int) -> None:
        with without_waiting():
            for rate in rates:
                insert_alike(
                    ExchangeRate,
                    [{"currency_id": dollar.pk, "version": 1}],
                    ["valid_from", "rate"],
                    [(0, day, Decimal(rate))],
                )

    for rates in ((1, 1), (1, 1, 2)):
        with pytest.raises(IntegrityError, match="exchangerate_once_per_day"):
            write(*rates)
    assert not ExchangeRate.objects.filter(valid_from=day).exists()


def test_what_rows_point_to_is_attached_once(django_assert_num_queries) -> None:
    make_money.firm()
    euro = make_money.money("EUR")
    dollar = Currency.objects.create(code="XTS", description="Test")
    for n, currency in enumerate((euro, dollar, dollar), 1):
        ExchangeRate.objects.create(currency=currency, valid_from=date(2031, 1, n), rate=Decimal(n))
    rates = list(ExchangeRate.objects.filter(valid_from__gte=date(2031, 1, 1)).order_by("valid_from"))
    with django_assert_num_queries(1):
        attach(rates, "currency")
        attach([], "currency")
        assert [rate.currency.code for rate in rates] == ["EUR", "XTS", "XTS"]
    assert rates[1].currency is rates[2].currency
    assert isinstance(rates[0].currency, Currency)
