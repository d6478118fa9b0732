"""Posting work of closed months: each day of work by itself (billing-rules 51)."""

from datetime import date

import pytest

from orders.models import LineStatus
from orders.posting import plan_posting
from servicemgmt.core.roles import FINANCE
from servicemgmt.ledger.models import FiscalPeriod, LedgerParameters
from servicemgmt.projects.models import Transaction
from tests.cast import user_in
from tests.make_money import NOW, TODAY
from tests.make_orders import (
    make_done_order,
    make_line,
    make_order,
    move,
    post,
    sign,
)

pytestmark = pytest.mark.django_db

CREATED, POSTED = LineStatus.CREATED, LineStatus.POSTED


def close_this_period() -> None:
    FiscalPeriod.objects.filter(during__contains=TODAY).update(closed_at=NOW, closed_by=user_in(FINANCE))


def test_a_closed_period_refuses_in_the_preview_and_in_the_posting_naming_the_first_open_date():
    order = make_done_order(kinds=("HOUR", "FEE"))
    close_this_period()
    planned = [str(entry.refusal) for entry in plan_posting([order.pk])]
    result = post(order)
    assert [why for _line, why in result.refused] == planned and not result.lines
    assert len(planned) == 2 and "The first open date is 1 Apr 2026" in planned[0]


def test_billing_51_a_closed_period_moves_the_voucher_to_the_first_open_day_and_marks_it_by_setting():
    order = make_done_order()
    LedgerParameters.objects.create(closed_periods="MOVE")
    close_this_period()
    assert all(entry.is_postable for entry in plan_posting([order.pk]))
    post(order)
    row = Transaction.objects.get()
    assert row.executed_on == TODAY and row.voucher.posted_on.isoformat() == "2026-04-01"
    assert row.voucher.moved_from == TODAY


def done_over_two_months(*kinds: str):
    """Work of 15 March and of 20 April on one order, March closed."""
    order = make_order()
    for kind, day in zip(kinds, (date(2026, 3, 15), date(2026, 4, 20)), strict=True):
        make_line(order, kind, executed_on=day)
    close_this_period()
    return sign(move(order, "INPROCESS", "COMPLETED")).order


def test_billing_51_work_of_a_closed_month_is_refused_by_itself_naming_the_first_open_date():
    order = done_over_two_months("HOUR", "HOUR")
    planned = plan_posting([order.pk])
    assert ["The first open date is 1 Apr 2026" in str(entry.refusal) for entry in planned] == [True, False]
    result = post(order)
    assert [line.line_number for line, _why in result.refused] == [1]
    row = Transaction.objects.get()
    assert row.executed_on == row.voucher.posted_on == date(2026, 4, 20) and row.voucher.moved_from is None


def test_billing_51_each_day_of_work_has_its_voucher_and_the_closed_one_is_moved_and_marked():
    LedgerParameters.objects.create(closed_periods="MOVE")
    order = done_over_two_months("HOUR", "EXPENSE")
    assert [(entry.moves, entry.ledger_day) for entry in plan_posting([order.pk])] == [
        (True, date(2026, 4, 1)),
        (False, date(2026, 4, 20)),
    ]
    post(order)
    told = Transaction.objects.order_by("executed_on").values_list(
        "executed_on", "voucher__posted_on", "voucher__moved_from", "voucher__subject_label"
    )
    assert list(told) == [
        (date(2026, 3, 15), date(2026, 4, 1), date(2026, 3, 15), order.number),
        (date(2026, 4, 20), date(2026, 4, 20), None, order.number),
    ]


def test_no_open_period_refuses_by_name():
    order = make_done_order()
    FiscalPeriod.objects.update(closed_at=NOW, closed_by=user_in(FINANCE))
    result = post(order)
    assert not result.lines and "no open fiscal period" in result.refused[0][1]
