"""Two at once: posting against closing, and many posting together."""

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection, transaction

from servicemgmt.core.errors import Refused
from servicemgmt.ledger.models import FiscalPeriod, LedgerParameters, Voucher
from servicemgmt.ledger.operations import VoucherLine, close_period, post_voucher
from servicemgmt.projects.models import ReminderLevel
from servicemgmt.projects.operations import make_reminders
from tests import make_money as make
from tests.cast import user_in

pytestmark = pytest.mark.django_db(transaction=True)


def post() -> Voucher:
    firm = make.firm()
    lines = [VoucherLine("BANK", Decimal(1), Decimal(1)), VoucherLine("RECEIVABLE", Decimal(-1), Decimal(-1))]
    return post_voucher(on=make.TODAY, text="t", source="s", currency=firm.currency, lines=lines, by=None)


def in_thread(work: Callable[[], object], results: list[object]) -> threading.Thread:
    def run() -> None:
        try:
            results.append(work())
        except Refused as refusal:
            results.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_closing_waits_for_a_posting_in_flight():
    make.firm()
    period, cleo = FiscalPeriod.objects.get(name="2026-03"), user_in("Finance")
    results: list[object] = []
    with transaction.atomic():
        post()
        thread = in_thread(lambda: close_period(period.pk, version=1, by=cleo, at=make.NOW), results)
        thread.join(timeout=0.7)
        assert thread.is_alive(), "the period closed under a posting that was not committed"
    thread.join(timeout=10)
    assert isinstance(results[0], FiscalPeriod)
    assert Voucher.objects.count() == 1


def test_closing_waits_for_reminders_whose_fees_are_dated_by_the_period():
    owing = make.customer()
    ReminderLevel.objects.create(
        level=1, code="L1", description="Reminder", days=5, fee=4, text="Please pay."
    )
    period, cleo = FiscalPeriod.objects.get(name="2026-03"), user_in("Finance")
    results: list[object] = []
    with transaction.atomic():
        assert make_reminders(customers=[owing.pk], on=make.TODAY, by=None, at=make.NOW) == []
        thread = in_thread(lambda: close_period(period.pk, version=1, by=cleo, at=make.NOW), results)
        thread.join(timeout=0.7)
        assert thread.is_alive(), "the period closed while letters were made"
    thread.join(timeout=10)
    assert isinstance(results[0], FiscalPeriod)


def test_a_posting_that_comes_while_the_period_closes_is_refused():
    make.firm()
    period, cleo = FiscalPeriod.objects.get(name="2026-03"), user_in("Finance")
    results: list[object] = []
    with transaction.atomic():
        close_period(period.pk, version=1, by=cleo, at=make.NOW)
        thread = in_thread(post, results)
        thread.join(timeout=0.7)
        assert thread.is_alive(), "the posting did not wait for the closing"
    thread.join(timeout=10)
    assert isinstance(results[0], Refused) and "first open date is 1 Apr 2026" in str(results[0])
    assert not Voucher.objects.exists()


def test_a_posting_that_comes_while_the_period_closes_moves_by_setting():
    make.firm()
    LedgerParameters.objects.create(closed_periods="MOVE")
    period, cleo = FiscalPeriod.objects.get(name="2026-03"), user_in("Finance")
    results: list[object] = []
    with transaction.atomic():
        close_period(period.pk, version=1, by=cleo, at=make.NOW)
        thread = in_thread(post, results)
        thread.join(timeout=0.7)
        assert thread.is_alive(), "the posting did not wait for the closing"
    thread.join(timeout=10)
    assert isinstance(results[0], Voucher) and results[0].posted_on.isoformat() == "2026-04-01"


def test_64_eight_threads_posting_leave_no_gap_and_no_repeat():
    make.firm()
    results: list[object] = []

    def many() -> None:
        for n in range(6):
            try:
                with transaction.atomic():
                    post()
                    if n % 3 == 2:
                        raise Refused("lost after its number was taken")
            except Refused:
                continue

    threads = [in_thread(many, results) for _ in range(8)]
    for thread in threads:
        thread.join(timeout=60)
    numbers = sorted(Voucher.objects.values_list("number", flat=True))
    assert numbers == [f"V-2026-{n:06}" for n in range(1, 33)]
