"""Document numbers (architecture 16)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import NumberCounter, NumberSequence
from servicemgmt.core.numbers import take_number, take_numbers

ON = date(2026, 5, 1)


def sequence(code: str, *, gapless: bool, prefix: str = "X-", digits: int = 4) -> NumberSequence:
    return NumberSequence.objects.create(
        code=code, description=code, prefix=prefix, digits=digits, is_gapless=gapless
    )


@pytest.mark.django_db
def test_gapless_numbers_count_per_year_of_the_document():
    sequence("paper", gapless=True)
    assert take_number("paper", on=ON) == "X-2026-0001"
    assert take_numbers("paper", 3, on=ON) == ["X-2026-0002", "X-2026-0003", "X-2026-0004"]
    assert take_number("paper", on=date(2027, 1, 1)) == "X-2027-0001"
    assert take_number("paper", on=date(2026, 12, 31)) == "X-2026-0005"
    with pytest.raises(ValueError, match="needs the date"):
        take_number("paper")


@pytest.mark.django_db
def test_a_rolled_back_document_leaves_no_gap():
    sequence("paper", gapless=True)
    with transaction.atomic():
        take_number("paper", on=ON)
        transaction.set_rollback(True)
    assert take_number("paper", on=ON) == "X-2026-0001"


@pytest.mark.django_db
def test_other_numbers_grow_and_never_come_again():
    sequence("job", gapless=False, digits=3)
    assert take_number("job") == "X-001"
    with transaction.atomic():
        take_number("job")
        transaction.set_rollback(True)
    assert take_number("job") == "X-003", "gaps are allowed, repeats are not"
    assert take_numbers("job", 1200)[-1] == "X-1203", "more digits where they are needed"


@pytest.mark.django_db
def test_a_block_takes_as_many_statements_as_one_number(django_assert_num_queries):
    sequence("paper", gapless=True)
    sequence("job", gapless=False)
    for code, statements in (("paper", 2), ("job", 1)):
        with django_assert_num_queries(statements):
            numbers = take_numbers(code, 500, on=ON)
        assert len(set(numbers)) == 500 and numbers == sorted(numbers)


@pytest.mark.django_db
def test_a_sequence_that_is_missing_is_a_sentence():
    with pytest.raises(Refused, match="no number sequence “nothing”"):
        take_number("nothing")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gapless", [True, False])
def test_eight_threads_never_share_a_number(gapless):
    sequence("race", gapless=gapless)
    begin = threading.Barrier(8)

    def draw(n: int) -> list[str]:
        try:
            begin.wait()
            found: list[str] = []
            for k in range(10):
                with transaction.atomic():
                    found += take_numbers("race", 1 + (n + k) % 3, on=ON)
            return found
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        drawn = sorted(number for numbers in pool.map(draw, range(8)) for number in numbers)
    assert len(drawn) == len(set(drawn)) == sum(1 + (n + k) % 3 for n in range(8) for k in range(10))
    if gapless:
        assert drawn == [f"X-2026-{n:04}" for n in range(1, len(drawn) + 1)]
        assert NumberCounter.objects.get().next == len(drawn) + 1
