"""What is picked for one requirement goes to nobody else, the numbered piece least of all (SO-18)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.inventory.models import LotOnHand, OnHand, Warehouse
from servicemgmt.inventory.operations import (
    consume,
    enter_counts,
    post_count,
    receive,
    start_count,
    transfer,
)
from servicemgmt.projects.models import (
    ItemRequirement,
)
from servicemgmt.projects.operations import (
    consume_requirement,
    pick_requirement,
    return_requirement,
    undo_consumption,
)
from tests import make_money as make
from tests.make_requirements import do, need, stock, totals

pytestmark = pytest.mark.django_db


def test_SO_18_of_a_tracked_item_the_piece_is_picked_used_and_returned():
    pump = make.item("PUMP", tracking="SERIAL")
    main, van = make.warehouse(), make.warehouse("VAN")
    receive(pump, main, Decimal(3), value=Decimal(30), on=make.TODAY, by=None, lot="S1, S2, S3")
    row = need("3", main, item=pump)

    def step(work, lot: str = "", **fields):
        fields |= {"on": make.TODAY, "version": ItemRequirement.objects.get(pk=row.pk).version, "by": None}
        return work(row.pk, Decimal(1), lot=lot, **fields)

    with pytest.raises(Invalid, match="serial number"):
        step(pick_requirement, place=van)
    step(pick_requirement, "S1", place=van)
    step(pick_requirement, "S2", place=van)
    with pytest.raises(Refused, match=r"in hand: S1 \(1\), S2 \(1\)"):
        step(return_requirement, "S3")
    step(return_requirement, "S1")
    used = step(consume_requirement, at=make.NOW)
    assert used.lot.number == "S2"
    version = ItemRequirement.objects.get(pk=row.pk).version
    undone = undo_consumption(row.pk, used.pk, on=make.TODAY, version=version, by=None, at=make.NOW)
    assert undone.lot.number == "S2"
    places = {lot.number: lot.on_hand.get(quantity=1).warehouse.code for lot in pump.lots.all()}
    assert places == {"S1": "MAIN", "S2": "VAN", "S3": "MAIN"}


def test_SO_18_a_piece_set_aside_for_one_requirement_is_not_picked_for_another():
    pump, main = make.item("PUMP", tracking="SERIAL"), make.warehouse()
    receive(pump, main, Decimal(2), value=Decimal(30), on=make.TODAY, by=None, lot="S1, S2")
    first, second = need("1", main, item=pump), need("1", main, item=pump)
    pick_requirement(first.pk, Decimal(1), on=make.TODAY, version=first.version, by=None, lot="S1")
    with pytest.raises(Refused, match="Only 0 of S1"):
        pick_requirement(second.pk, Decimal(1), on=make.TODAY, version=second.version, by=None, lot="S1")


def test_SO_18_what_is_picked_goes_to_nobody_else_and_a_refusal_names_for_whom_it_is():
    main, van = stock(), make.warehouse("VAN")
    row = need("4", label="SO-9")
    consume(make.item(), main, Decimal(1), on=make.TODAY, by=None)
    do(pick_requirement, row, "4")
    other = need("8", main)
    count = start_count(main, on=make.TODAY, by=None)
    (line,) = count.lines.all()
    enter_counts(count.pk, {line.pk: Decimal(3)}, version=count.version, by=None)
    refused = [
        lambda: consume(make.item(), main, Decimal(6), on=make.TODAY, by=None),
        lambda: transfer(make.item(), main, van, Decimal(6), on=make.TODAY, by=None),
        lambda: do(pick_requirement, other, "6"),
        lambda: post_count(count.pk, version=2, by=None, at=make.NOW),
    ]
    for work in refused:
        with pytest.raises(Refused, match=r"for SO-9 \(4\)"), transaction.atomic():
            work()
    transfer(make.item(), main, van, Decimal(5), on=make.TODAY, by=None)
    do(consume_requirement, row, "3")
    do(return_requirement, row, "1")
    held = OnHand.objects.get(warehouse=main)
    assert (held.quantity, held.reserved, held.set_aside) == (1, 8, 0)
    consume(make.item(), main, Decimal(1), on=make.TODAY, by=None)


def test_what_is_only_reserved_is_kept_where_the_warehouse_says_so():
    main = stock()
    row, _later = need("4", label="SO-9"), need("20")
    do(pick_requirement, row, "2")
    transfer(make.item(), main, make.warehouse("VAN"), Decimal(1), on=make.TODAY, by=None)
    Warehouse.objects.update(keeps_reserved=True)
    main.refresh_from_db()
    with pytest.raises(Refused, match=r"Only 0 PC .* kept for SO-9 \(2\), SO-9 \(2\), P"):
        consume(make.item(), main, Decimal(1), on=make.TODAY, by=None)
    do(consume_requirement, row, "2")
    do(pick_requirement, row, "2", place=make.warehouse("VAN"))
    assert totals(row) == ("PICKED", 4, 2, 0)


def test_SO_18_a_numbered_piece_that_is_picked_is_not_used_by_others():
    pump, main = make.item("PUMP", tracking="SERIAL"), make.warehouse()
    receive(pump, main, Decimal(2), value=Decimal(30), on=make.TODAY, by=None, lot="S1, S2")
    row = need("1", main, item=pump, label="SO-9")
    do(pick_requirement, row, "1", lot="S1")
    with pytest.raises(Refused, match=r"Only 0 of S1 .* Kept for SO-9 \(1\)"), transaction.atomic():
        consume(pump, main, Decimal(1), on=make.TODAY, by=None, lot="S1")
    do(consume_requirement, row, "1")
    assert not LotOnHand.objects.filter(set_aside__gt=0).exists()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"quantity": 1}, "onhand_keeps_what_is_set_aside"),
        ({"set_aside": 5}, "onhand_sets_reserved_goods_aside"),
    ],
)
def test_the_database_keeps_what_is_set_aside(change, name):
    stock()
    do(pick_requirement, need("4"), "4")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        OnHand.objects.update(**({"may_be_negative": False} | change))
