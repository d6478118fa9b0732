"""Stock at moving average, its locks, its vouchers."""

import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Invalid, Refused, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.inventory.models import MoveKind, OnHand, StockMove
from servicemgmt.inventory.operations import (
    Receipt,
    Transfer,
    consume,
    give_back,
    receive,
    receive_all,
    return_unused,
    transfer,
    transfer_all,
)
from servicemgmt.ledger.balances import balance_of
from servicemgmt.ledger.models import Entry
from servicemgmt.ledger.queries import account_for
from tests import make_money as make

pytestmark = pytest.mark.django_db


def into(warehouse, quantity: str, value: str, part=None):
    return receive(
        part or make.item(), warehouse, Decimal(quantity), value=Decimal(value), on=make.TODAY, by=None
    )


def out(warehouse, quantity: str) -> Decimal:
    return consume(make.item(), warehouse, Decimal(quantity), on=make.TODAY, by=None)


def state(warehouse) -> tuple[Decimal, Decimal]:
    row = OnHand.objects.get(item=make.item(), warehouse=warehouse)
    return row.quantity, row.value


def test_a_receipt_adds_quantity_and_value_and_posts_a_voucher():
    main = make.warehouse()
    move = into(main, "3", "10")
    assert state(main) == (3, 10)
    assert (move.kind, move.voucher) == (MoveKind.RECEIPT, None) or move.voucher_id
    entries = {
        e.account: e.company_amount
        for e in Entry.objects.filter(voucher=move.voucher_id).select_related("account")
    }
    assert entries == {account_for("STOCK"): 10, account_for("STOCK_OFFSET"): -10}
    assert Event.objects.filter(action="stock_received").exists()


def test_a_delivery_is_received_in_as_many_statements_as_one_part(django_assert_max_num_queries):
    main, van, part = make.warehouse(), make.warehouse("VAN"), make.item()
    into(main, "1", "5")
    receipts = [
        Receipt(part, main, Decimal(2), Decimal("10.004")),
        Receipt(part, van, Decimal(3), Decimal(9)),
        Receipt(part, main, Decimal(1), Decimal(4)),
    ]
    with django_assert_max_num_queries(20):
        moves = receive_all(receipts, on=make.TODAY, by=None)
    assert [move.value for move in moves] == [10, 9, 4]
    assert (state(main), state(van)) == ((4, 19), (3, 9))
    assert len({move.voucher_id for move in moves}) == 3
    assert Event.objects.filter(action="stock_received").count() == 4


def test_a_delivery_with_one_wrong_line_changes_nothing():
    main, part = make.warehouse(), make.item()
    receipts = [Receipt(part, main, Decimal(n), Decimal(1)) for n in (1, 0)]
    with pytest.raises(Invalid, match="above zero"):
        receive_all(receipts, on=make.TODAY, by=None)
    assert not OnHand.objects.exists()


def test_what_goes_out_costs_the_average_and_the_last_unit_takes_the_rest():
    main = make.warehouse()
    into(main, "3", "10")
    assert [out(main, "1") for _ in range(3)] == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert state(main) == (0, 0)


def test_the_average_moves_with_each_receipt():
    main = make.warehouse()
    into(main, "10", "60")
    into(main, "10", "80")
    assert out(main, "5") == 35
    assert state(main) == (15, 105)


def test_RT_05_111_a_return_comes_back_at_the_value_it_left_with():
    main = make.warehouse()
    into(main, "10", "60"), into(main, "10", "80")
    value = out(main, "5")
    give_back(make.item(), main, Decimal(5), value=value, on=make.TODAY, by=None)
    assert state(main) == (20, 140)


def test_more_than_there_is_is_refused_saying_what_is_there():
    main = make.warehouse()
    into(main, "3", "10")
    with pytest.raises(Refused, match="Only 3 PC of F-100 Part F-100 are on hand in Main"):
        out(main, "4")
    assert state(main) == (3, 10)


def test_a_warehouse_that_may_goes_below_zero_at_the_items_cost():
    van = make.warehouse("VAN", allows_negative=True)
    assert out(van, "2") == 20
    assert state(van) == (-2, -20)


def test_filling_up_from_below_zero_leaves_what_is_there_at_the_new_price_and_books_the_difference():
    van = make.warehouse("VAN", allows_negative=True)
    out(van, "2")
    move = into(van, "5", "60")
    assert state(van) == (3, 36)
    assert move.value == 56
    assert balance_of(account_for("STOCK_VARIANCE")) == 4


def test_filling_up_to_nothing_leaves_no_value():
    van = make.warehouse("VAN", allows_negative=True)
    out(van, "2")
    into(van, "2", "24")
    assert state(van) == (0, 0)


def test_a_warehouse_that_may_no_more_can_still_be_filled():
    van = make.warehouse("VAN", allows_negative=True)
    out(van, "5")
    van.allows_negative = False
    van.save(update_fields=["allows_negative"])
    into(van, "2", "20")
    assert state(van)[0] == -3
    with pytest.raises(Refused):
        out(van, "1")


def test_a_transfer_keeps_the_average_and_needs_no_voucher():
    main, van = make.warehouse(), make.warehouse("VAN")
    into(main, "3", "10")
    value = transfer(make.item(), main, van, Decimal(2), on=make.TODAY, by=None)
    assert value == Decimal("6.67")
    assert (state(main), state(van)) == ((1, Decimal("3.33")), (2, Decimal("6.67")))
    assert Entry.objects.count() == 2
    assert Event.objects.get(action="stock_transferred").changes["warehouse"] == ["MAIN", "VAN"]


def test_a_transfer_into_a_van_below_zero_books_the_difference():
    main, van = make.warehouse(), make.warehouse("VAN", allows_negative=True)
    out(van, "1")
    into(main, "2", "30")
    transfer(make.item(), main, van, Decimal(1), on=make.TODAY, by=None)
    assert state(van) == (0, 0)
    assert balance_of(account_for("STOCK_VARIANCE")) == 5


def test_a_transfer_takes_no_more_than_there_is_and_goes_somewhere_else():
    main, van = make.warehouse(), make.warehouse("VAN")
    with pytest.raises(Refused, match="Only 0 PC"):
        transfer(make.item(), van, main, Decimal(1), on=make.TODAY, by=None)
    with pytest.raises(Invalid):
        transfer(make.item(), main, main, Decimal(1), on=make.TODAY, by=None)
    with pytest.raises(Refused, match="not kept in stock"):
        transfer(make.item("S-1", stocked=False), van, main, Decimal(1), on=make.TODAY, by=None)


def test_a_transfer_may_take_more_where_the_source_may_go_below_zero_at_the_items_cost():
    main, van = make.warehouse(), make.warehouse("VAN", allows_negative=True)
    assert transfer(make.item(), van, main, Decimal(2), on=make.TODAY, by=None) == 20
    assert (state(van), state(main)) == ((-2, -20), (2, 20))


def test_unused_parts_come_back_all_or_none():
    main, van, part, other = make.warehouse(), make.warehouse("VAN"), make.item(), make.item("F-200")
    into(van, "4", "10")
    into(van, "1", "7", other)
    back = [Transfer(part, van, main, Decimal(3)), Transfer(other, van, main, Decimal(2))]
    with pytest.raises(Refused, match="Only 1 PC of F-200"):
        return_unused(back, on=make.TODAY, by=None)
    assert state(van) == (4, 10)
    assert return_unused(back[:1], on=make.TODAY, by=None) == [Decimal("7.50")]
    assert (state(van), state(main)) == ((1, Decimal("2.50")), (3, Decimal("7.50")))
    kinds = StockMove.objects.exclude(kind=MoveKind.RECEIPT).values_list("kind", flat=True)
    assert set(kinds) == {MoveKind.RETURN}
    assert Event.objects.get(action="stock_returned").changes["warehouse"] == ["VAN", "MAIN"]
    with pytest.raises(Invalid):
        return_unused([], on=make.TODAY, by=None)


@pytest.mark.parametrize("quantity", ["0", "-1"])
def test_quantities_are_above_zero(quantity):
    main, van = make.warehouse(), make.warehouse("VAN")
    for work in (
        lambda: into(main, quantity, "1"),
        lambda: out(main, quantity),
        lambda: transfer(make.item(), main, van, Decimal(quantity), on=make.TODAY, by=None),
    ):
        with pytest.raises(Invalid):
            work()


@pytest.mark.parametrize(("quantity", "value"), [("1000001", "1"), ("1", "1000000000001")])
def test_what_nobody_can_mean_is_not_received(quantity, value):
    with pytest.raises(Invalid):
        into(make.warehouse(), quantity, value)


def test_a_value_below_zero_is_invalid():
    with pytest.raises(Invalid) as refusal:
        into(make.warehouse(), "1", "-1")
    assert refusal.value.field == "value"


def test_what_is_not_kept_in_stock_cannot_come_in():
    service = make.item("S-1", stocked=False)
    with pytest.raises(Refused, match="not kept in stock"):
        into(make.warehouse(), "1", "1", service)


@pytest.mark.parametrize(
    "statement", ["UPDATE inventory_stockmove SET value = 0", "DELETE FROM inventory_stockmove"]
)
def test_stockmove_append_only(statement):
    into(make.warehouse(), "1", "1")
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_of(error.value) == "stockmove_append_only"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE inventory_onhand SET quantity = -1", "onhand_not_below_zero"),
        (
            "INSERT INTO inventory_onhand (item_id, warehouse_id, quantity, value, may_be_negative)"
            " SELECT item_id, warehouse_id, 0, 0, false FROM inventory_onhand",
            "onhand_once",
        ),
        (
            "INSERT INTO inventory_stockmove (item_id, warehouse_id, kind, moved_on, quantity, value, text, subject)"
            " SELECT item_id, warehouse_id, 'RECEIPT', moved_on, 0, 0, '', '' FROM inventory_stockmove",
            "stockmove_moves_something",
        ),
        (
            "INSERT INTO inventory_stockmove (item_id, warehouse_id, kind, moved_on, quantity, value, text, subject)"
            " SELECT item_id, warehouse_id, 'WHAT', moved_on, 1, 0, '', '' FROM inventory_stockmove",
            "stockmove_kind_known",
        ),
    ],
)
def test_constraints(statement, constraint):
    row = into(make.warehouse(), "1", "1")
    OnHand.objects.filter(item=row.item).update(may_be_negative=False)
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_of(error.value) == constraint


@pytest.mark.django_db(transaction=True)
def test_eight_threads_consuming_ten_pieces_get_ten_pieces_for_their_whole_value():
    main = make.warehouse()
    into(main, "10", "33.37")
    taken: list[Decimal] = []

    def many() -> None:
        for _ in range(3):
            try:
                with transaction.atomic():
                    taken.append(out(main, "1"))
            except Refused:
                continue
        connection.close()

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(taken) == 10
    assert sum(taken) == Decimal("33.37")
    assert state(main) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_threads_transferring_to_and_fro_wait_for_each_other_and_lose_nothing():
    main, van, part, other = make.warehouse(), make.warehouse("VAN"), make.item(), make.item("F-200")
    for place in (main, van):
        into(place, "50", "333.37")
        into(place, "50", "100.01", other)
    failed: list[Exception] = []

    def many(source, target) -> None:
        try:
            for n in range(1, 8):
                pair = [Transfer(one, source, target, Decimal(n)) for one in (other, part)]
                transfer_all(pair, on=make.TODAY, by=None)
        except Exception as error:
            failed.append(error)
        connection.close()

    threads = [threading.Thread(target=many, args=pair) for pair in ((main, van), (van, main))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failed
    assert [sum(pair) for pair in zip(state(main), state(van), strict=True)] == [100, Decimal("666.74")]


QUANTITY = st.decimals("0.01", "50", places=2)
STEP = st.one_of(
    st.tuples(st.just("in"), QUANTITY, st.decimals("0", "900", places=2)),
    st.tuples(st.just("out"), QUANTITY, st.just(Decimal(0))),
    st.tuples(st.just("to van"), QUANTITY, st.just(Decimal(0))),
    st.tuples(st.just("from van"), QUANTITY, st.just(Decimal(0))),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(STEP, max_size=12))
def test_any_sequence_keeps_on_hand_equal_to_the_moves_and_nothing_worth_nothing(steps):
    with transaction.atomic():
        main, van = make.warehouse(), make.warehouse("VAN", allows_negative=True)
        for action, quantity, value in steps:
            try:
                if action == "in":
                    receive(make.item(), main, quantity, value=value, on=make.TODAY, by=None)
                elif action == "out":
                    consume(make.item(), van, quantity, on=make.TODAY, by=None)
                else:
                    source, target = (main, van) if action == "to van" else (van, main)
                    transfer(make.item(), source, target, quantity, on=make.TODAY, by=None)
            except Refused:
                continue
        connection.check_constraints()
        for row in OnHand.objects.all():
            moves = StockMove.objects.filter(item=row.item_id, warehouse=row.warehouse_id)
            assert row.quantity == sum(moves.values_list("quantity", flat=True))
            assert row.value == sum(moves.values_list("value", flat=True))
            assert row.quantity != 0 or row.value == 0
        transaction.set_rollback(True)
