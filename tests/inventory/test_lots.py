"""Batches and serial numbers: which piece is where, and that every movement of a tracked item says it."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from servicemgmt.core.errors import Invalid, Refused, constraint_of
from servicemgmt.inventory.models import Lot, LotOnHand, OnHand, StockMove
from servicemgmt.inventory.operations import (
    Transfer,
    add_counted_item,
    consume,
    enter_counts,
    give_back,
    post_count,
    receive,
    return_unused,
    start_count,
    transfer,
)
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.operations import save_item
from tests import make_money as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def part() -> Item:
    make.firm()
    return make.item("BOARD", tracking="SERIAL")


def into(part: Item, warehouse, numbers: str, quantity="1", value="10"):
    return receive(
        part, warehouse, Decimal(quantity), value=Decimal(value), on=make.TODAY, by=None, lot=numbers
    )


def there(part: Item) -> dict[tuple[str, str], Decimal]:
    rows = LotOnHand.objects.filter(lot__item=part, quantity__gt=0)
    return {(r.lot.number, r.warehouse.code): r.quantity for r in rows.select_related("lot", "warehouse")}


def test_each_serial_number_is_a_movement_of_one_piece_with_its_share_of_the_value(part):
    main = make.warehouse()
    into(part, main, "A1, A2\nA3", "3", "10")
    moves = StockMove.objects.filter(item=part).order_by("pk")
    assert [(m.lot.number, m.quantity, m.value) for m in moves] == [
        ("A1", 1, Decimal("3.33")), ("A2", 1, Decimal("3.34")), ("A3", 1, Decimal("3.33"))
    ]  # fmt: skip
    assert len({m.voucher_id for m in moves}) == 3
    on_hand = OnHand.objects.get(item=part)
    assert (on_hand.quantity, on_hand.value) == (3, 10)
    consume(part, main, Decimal(1), on=make.TODAY, by=None, lot="A2")
    assert there(part) == {("A1", main.code): 1, ("A3", main.code): 1}


@pytest.mark.parametrize(
    ("numbers", "quantity"), [("", "1"), ("A1", "2"), ("A1, A1", "2"), ("A1, A2", "1"), ("A1", "0.5")]
)
def test_as_many_serial_numbers_as_pieces_are_entered(part, numbers, quantity):
    with pytest.raises(Invalid):
        into(part, make.warehouse(), numbers, quantity)


def test_a_serial_number_is_in_one_place_only(part):
    main, van = make.warehouse(), make.warehouse("VAN")
    into(part, main, "A1")
    for place in (main, van):
        with pytest.raises(Refused, match="A1 is in stock already"), transaction.atomic():
            into(part, place, "A1")
    transfer(part, main, van, Decimal(1), on=make.TODAY, by=None, lot="A1")
    assert there(part) == {("A1", "VAN"): 1}
    lot = Lot.objects.get()
    for change in (
        "UPDATE inventory_lotonhand SET quantity = 1",
        "UPDATE inventory_lotonhand SET quantity = 2 WHERE quantity = 1",
    ):
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            run(change)
        assert constraint_of(caught.value).startswith("lotonhand_serial")
    for change in (
        "UPDATE inventory_lot SET number = 'B'",
        f"INSERT INTO inventory_stockmove (item_id, warehouse_id, kind, moved_on, quantity, value, text, subject)"
        f" VALUES ({part.pk}, {main.pk}, 'COUNT', '2026-03-16', 1, 0, '', '')",
        f"INSERT INTO inventory_stockmove (item_id, warehouse_id, kind, moved_on, quantity, value, text, subject,"
        f" lot_id) VALUES ({part.pk}, {main.pk}, 'COUNT', '2026-03-16', 2, 0, '', '', {lot.pk})",
    ):
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            run(change)
        assert constraint_of(caught.value) in ("lot_stays_what_it_is", "stockmove_names_its_lot")


def test_a_number_that_is_not_there_is_refused_naming_those_that_are(part):
    main = make.warehouse()
    into(part, main, "A1, A2", "2")
    with pytest.raises(Refused, match="never had the number X"):
        consume(part, main, Decimal(1), on=make.TODAY, by=None, lot="X")
    consume(part, main, Decimal(1), on=make.TODAY, by=None, lot="A1")
    with pytest.raises(Refused, match="There are: A2"):
        consume(part, main, Decimal(1), on=make.TODAY, by=None, lot="A1")
    with pytest.raises(Invalid, match="serial number"):
        consume(part, main, Decimal(1), on=make.TODAY, by=None)


def test_a_batch_moves_in_any_quantity_and_never_below_zero():
    make.firm()
    oil = make.item("OIL", tracking="BATCH")
    main, van = make.warehouse(), make.warehouse("VAN", allows_negative=True)
    into(oil, main, "B-1", "10.5", "105")
    into(oil, main, "B-2", "2", "20")
    transfer(oil, main, van, Decimal("4.5"), on=make.TODAY, by=None, lot="B-1")
    with pytest.raises(Refused, match="Only 4.5 of B-1"):
        consume(oil, van, Decimal(5), on=make.TODAY, by=None, lot="B-1")
    return_unused([Transfer(oil, van, main, Decimal("0.5"), "B-1")], on=make.TODAY, by=None)
    assert there(oil) == {("B-1", main.code): Decimal("6.5"), ("B-2", main.code): 2, ("B-1", "VAN"): 4}
    sums = {row.warehouse.code: row.quantity for row in OnHand.objects.select_related("warehouse")}
    assert sums == {main.code: Decimal("8.5"), "VAN": 4}


def test_a_count_finds_pieces_that_are_gone_and_others_that_are_there(part):
    main = make.warehouse()
    into(part, main, "A1, A2", "2", "20")
    count = start_count(main, on=make.TODAY, by=None)
    first, second = count.lines.order_by("lot__number")
    assert (first.told, first.expected, second.told) == ("BOARD · A1", 1, "BOARD · A2")
    third = add_counted_item(count.pk, part, version=1, by=None, lot="A9")
    with pytest.raises(Invalid, match="once or not at all"):
        enter_counts(count.pk, {first.pk: Decimal(2)}, version=2, by=None)
    counted = {first.pk: Decimal(0), second.pk: Decimal(1), third.pk: Decimal(1)}
    enter_counts(count.pk, counted, version=2, by=None)
    post_count(count.pk, version=3, by=None, at=make.NOW)
    assert there(part) == {("A2", main.code): 1, ("A9", main.code): 1}
    on_hand = OnHand.objects.get(item=part)
    assert (on_hand.quantity, on_hand.value) == (2, 20)


def test_how_an_item_is_tracked_changes_only_while_nothing_is_on_hand(part):
    main = make.warehouse()
    into(part, main, "A1")
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        save_item(part.pk, version=1, by=None, tracking="NONE")
    assert constraint_of(caught.value) == "item_tracking_stays_while_on_hand"
    consume(part, main, Decimal(1), on=make.TODAY, by=None, lot="A1")
    save_item(part.pk, version=1, by=None, tracking="NONE")
    part.refresh_from_db()
    receive(part, main, Decimal(2), value=Decimal(9), on=make.TODAY, by=None)
    consume(part, main, Decimal(2), on=make.TODAY, by=None)
    save_item(part.pk, version=2, by=None, tracking="SERIAL")
    part.refresh_from_db()
    with pytest.raises(Refused, match="serial number"):
        give_back(part, main, Decimal(1), value=Decimal(4), on=make.TODAY, by=None)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
