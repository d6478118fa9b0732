"""Every way goods move: quantity and value, a voucher where the value changes, and today's average whatever the day."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from servicemgmt.inventory.models import OnHand, StockMove
from servicemgmt.inventory.operations import (
    Transfer,
    enter_counts,
    post_count,
    receive,
    return_unused,
    start_count,
    transfer,
)
from servicemgmt.ledger.models import Entry
from servicemgmt.ledger.queries import account_for
from servicemgmt.projects.models import ItemRequirement
from servicemgmt.projects.operations import (
    consume_requirement,
    pick_requirement,
    require_item,
    return_goods,
    return_requirement,
    reverse_transactions,
    undo_consumption,
)
from tests import make_money as make

pytestmark = pytest.mark.django_db

BEFORE = make.TODAY - timedelta(days=30)
DATED = {"on": BEFORE, "by": None}


def move_everything(part) -> None:
    """Twenty at 7.00 today; everything after it is dated a month before."""
    main, van = make.warehouse(), make.warehouse("VAN", allows_negative=True)
    one = {"item": part, "warehouse": main, "cost_price": None}
    for quantity, value in (("10", "60"), ("10", "80")):
        receive(part, main, Decimal(quantity), value=Decimal(value), on=make.TODAY, by=None)
    used = make.post(make.draft(make.project(), "ITEM", quantity=Decimal(3), **one), on=BEFORE)
    return_goods(used[0].pk, Decimal(1), at=make.NOW, **DATED)
    undone = make.post(make.draft(make.project(), "ITEM", quantity=Decimal(2), **one), on=BEFORE)
    reverse_transactions(undone, at=make.NOW, **DATED)
    transfer(part, main, van, Decimal(4), **DATED)
    return_unused([Transfer(part, van, main, Decimal(1))], **DATED)
    transfer(part, van, main, Decimal(5), **DATED)  # two more than there are
    transfer(part, main, van, Decimal(6), **DATED)
    need = require_item(
        make.project(), part, Decimal(3), category=make.category("ITEM"), warehouse=main, needed_on=BEFORE,
        sales_price=Decimal(9), by=None,
    )  # fmt: skip

    def version() -> int:
        return ItemRequirement.objects.get(pk=need.pk).version

    pick_requirement(need.pk, Decimal(3), place=van, version=version(), **DATED)
    return_requirement(need.pk, Decimal(1), version=version(), **DATED)
    step = consume_requirement(need.pk, Decimal(1), version=version(), at=make.NOW, **DATED)
    undo_consumption(need.pk, step.pk, version=version(), at=make.NOW, **DATED)
    consume_requirement(need.pk, Decimal(2), version=version(), at=make.NOW, **DATED)
    count = start_count(main, on=BEFORE, by=None)
    line = count.lines.get()
    enter_counts(count.pk, {line.pk: line.expected - 1}, version=1, by=None)
    post_count(count.pk, version=2, by=None, at=make.NOW)


def test_issue_3_7_each_voucher_is_worth_its_movements_and_what_has_none_moves_value_only():
    move_everything(make.item("F-7", cost="11"))
    stock = account_for("STOCK")
    moves = StockMove.objects.order_by()
    assert set(moves.values_list("kind", flat=True)) == {
        "RECEIPT", "CONSUMPTION", "TRANSFER", "COUNT", "RETURN"
    }  # fmt: skip
    vouchers = moves.exclude(voucher=None).values_list("voucher").annotate(worth=Sum("value"))
    for voucher, worth in vouchers:
        booked = Entry.objects.filter(voucher=voucher, account=stock).aggregate(sum=Sum("company_amount"))
        assert (booked["sum"] or 0) == worth, voucher
    silent = moves.filter(voucher=None)
    assert set(silent.values_list("kind", flat=True)) == {"TRANSFER", "RETURN"}
    assert sum(silent.values_list("value", flat=True)) == 0 == sum(silent.values_list("quantity", flat=True))
    on_hand = OnHand.objects.aggregate(quantity=Sum("quantity"), value=Sum("value"))
    assert on_hand == moves.aggregate(quantity=Sum("quantity"), value=Sum("value"))
    assert on_hand["value"] == Entry.objects.filter(account=stock).aggregate(s=Sum("company_amount"))["s"]


def test_issue_3_7_a_use_dated_before_costs_todays_average_and_comes_back_at_what_it_cost():
    move_everything(make.item("F-7", cost="11"))
    dated = StockMove.objects.filter(moved_on=BEFORE).order_by("pk")
    assert [(move.quantity, move.value) for move in dated[:4]] == [(-3, -21), (1, 7), (-2, -14), (2, 14)]
    assert not StockMove.objects.filter(moved_on=make.TODAY).exclude(kind="RECEIPT").exists()
