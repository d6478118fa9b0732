"""Rows written many at a time are what they are one at a time."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from servicemgmt.core.bulk import check_early, give_keys, insert_rows, insert_values, take_keys, update_rows
from servicemgmt.core.models import Event
from servicemgmt.masterdata.models import Currency, ExchangeRate

pytestmark = pytest.mark.django_db
ODD = "tab\t, new\nline, \\N, “quote”, 🚑"


@pytest.fixture
def dollar() -> Currency:
    return Currency.objects.create(code="USD", description="Dollar")


def rates(currency: Currency, count: int) -> list[ExchangeRate]:
    return [
        ExchangeRate(currency=currency, valid_from=date(2026, 1, day), rate=Decimal(day) / 7)
        for day in range(1, count + 1)
    ]


def test_what_is_inserted_is_read_back():
    rows = [Event(action=ODD, subject=f"x:{n}", changes={"text": [None, ODD]}) for n in range(3)]
    give_keys(rows)
    insert_rows(rows)
    read = list(Event.objects.filter(subject__startswith="x:").order_by("pk"))
    assert [row.pk for row in rows] == [row.pk for row in read]
    assert all(row.action == ODD and row.changes == {"text": [None, ODD]} and row.at for row in read)


def test_insert_takes_as_many_statements_for_many(dollar, django_assert_num_queries):
    with django_assert_num_queries(1):
        insert_rows(rates(dollar, 28))
    assert ExchangeRate.objects.filter(currency=dollar).count() == 28


def test_constraints_hold(dollar):
    wrong = [*rates(dollar, 2), ExchangeRate(currency=dollar, valid_from=date(2026, 2, 1), rate=Decimal(-1))]
    with pytest.raises(IntegrityError, match="exchangerate_positive"), transaction.atomic():
        insert_rows(wrong)
    assert not ExchangeRate.objects.exists()


def test_what_waits_for_the_commit_is_checked_early_but_for_keys_of_rows_that_come_later():
    nobodys = (0, date(2026, 1, 1), 1, 1)
    with transaction.atomic():
        insert_values(ExchangeRate, ["currency_id", "valid_from", "rate", "version"], [nobodys])
        check_early(ExchangeRate, but=[Currency])
        with pytest.raises(IntegrityError, match="currency_id"):
            check_early(ExchangeRate, but=[])
        transaction.set_rollback(True)


def test_each_row_gets_its_own_values_in_one_statement(dollar, django_assert_num_queries):
    rows = rates(dollar, 5)
    give_keys(rows)
    insert_rows(rows)
    for row in rows[1:]:
        row.rate *= 2
        row.valid_from = date(2026, 3, row.valid_from.day)
    with django_assert_num_queries(1):
        update_rows(rows[1:], ["rate", "valid_from"])
    read = list(ExchangeRate.objects.filter(currency=dollar).order_by("pk"))
    assert [row.valid_from for row in read] == [row.valid_from for row in rows]
    assert [row.rate for row in read] == [round(row.rate, 9) for row in rows]


def test_nothing_is_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_rows([])
        update_rows([], ["rate"])
        assert take_keys(Event, 0) == []
