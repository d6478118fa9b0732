"""The moving average: whatever happens in whatever order, stock is the sum of its movements and so says the ledger."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Refused
from servicemgmt.inventory.models import OnHand, StockMove
from servicemgmt.inventory.operations import (
    Transfer,
    consume,
    enter_counts,
    give_back,
    post_count,
    receive,
    return_unused,
    start_count,
    transfer,
)
from servicemgmt.ledger.models import Entry
from servicemgmt.ledger.queries import account_for
from tests import make_money as make

pytestmark = pytest.mark.django_db

NIL = Decimal(0)


def total(rows, column: str) -> Decimal:
    found: Decimal = rows.aggregate(total=Sum(column, default=NIL))["total"]
    return found


def in_ledger(purpose: str) -> Decimal:
    return total(Entry.objects.filter(account=account_for(purpose)), "company_amount")


def test_issue_3_7_a_backdated_movement_costs_todays_average():
    main, before = make.warehouse(), make.TODAY - timedelta(days=30)
    receive(make.item(), main, Decimal(10), value=Decimal(60), on=make.TODAY, by=None)
    receive(make.item(), main, Decimal(10), value=Decimal(80), on=make.TODAY, by=None)
    assert consume(make.item(), main, Decimal(5), on=before, by=None) == 35
    receive(make.item(), main, Decimal(5), value=Decimal(65), on=before, by=None)
    assert consume(make.item(), main, Decimal(10), on=make.TODAY, by=None) == 85
    assert StockMove.objects.filter(moved_on=before).count() == 2
    assert total(StockMove.objects.filter(moved_on=before), "value") == 30


QUANTITY = st.decimals("0.01", "50", places=2)
PLACE = st.sampled_from(["MAIN", "VAN"])
STEP = st.one_of(
    st.tuples(st.just("receive"), PLACE, QUANTITY, st.decimals("0", "900", places=2)),
    st.tuples(st.sampled_from(["consume", "transfer", "return", "count"]), PLACE, QUANTITY, st.just(NIL)),
    st.tuples(st.sampled_from(["count", "give back"]), PLACE, st.just(NIL), st.just(NIL)),
)


class Store:
    """A store, and a van that may go below zero; what was consumed and can be given back."""

    def __init__(self) -> None:
        make.firm()
        self.places = {"MAIN": make.warehouse(), "VAN": make.warehouse("VAN", allows_negative=True)}
        self.used: list[tuple[str, Decimal, Decimal]] = []
        self.gone = NIL

    def step(self, action: str, name: str, quantity: Decimal, value: Decimal, days: int) -> None:
        place, part, on = self.places[name], make.item(), make.TODAY - timedelta(days=days)
        other = self.places["VAN" if name == "MAIN" else "MAIN"]
        if action == "receive":
            receive(part, place, quantity, value=value, on=on, by=None)
        elif action == "consume":
            worth = consume(part, place, quantity, on=on, by=None)
            self.used.append((name, quantity, worth))
            self.gone += worth
        elif action == "give back" and self.used:
            name, quantity, worth = self.used.pop()
            moved = give_back(part, self.places[name], quantity, value=worth, on=on, by=None)
            self.gone -= moved.move.value
        elif action == "transfer":
            transfer(part, place, other, quantity, on=on, by=None)
        elif action == "return":
            return_unused([Transfer(part, place, other, quantity)], on=on, by=None)
        elif action == "count":
            count = start_count(place, on=on, by=None)
            for line in count.lines.all():
                enter_counts(count.pk, {line.pk: quantity}, version=1, by=None)
                post_count(count.pk, version=2, by=None, at=make.NOW)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(STEP, st.integers(0, 60)), max_size=14))
def test_issue_3_7_any_sequence_leaves_stock_the_sum_of_its_movements_and_equal_to_the_ledger(steps):
    with transaction.atomic():
        store = Store()
        for step, days in steps:
            try:
                with transaction.atomic():
                    store.step(*step, days)
            except Refused:
                continue
        connection.check_constraints()
        for row in OnHand.objects.all():
            moves = StockMove.objects.filter(item=row.item_id, warehouse=row.warehouse_id)
            assert row.quantity == total(moves, "quantity")
            assert row.value == total(moves, "value")
            assert row.quantity != 0 or row.value == 0
        # Who consumes posts the voucher; here nobody does.
        assert total(OnHand.objects.all(), "value") == in_ledger("STOCK") - store.gone
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_issue_3_7_a_count_and_a_consumption_at_the_same_moment_lose_nothing():
    """Either the count is first, or it is refused because goods moved; never is a consumption counted away."""
    main = make.warehouse()
    receive(make.item(), main, Decimal(10), value=Decimal("33.37"), on=make.TODAY, by=None)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def run(name: str, work) -> None:
        gate.wait()
        try:
            work()
            outcomes.append(name)
        except Refused:
            outcomes.append(f"{name} refused")
        connection.close()

    for _round in range(5):
        before = OnHand.objects.get().quantity
        count = start_count(main, on=make.TODAY, by=None)
        line = count.lines.get()
        enter_counts(count.pk, {line.pk: before}, version=1, by=None)
        work = {
            "count": lambda key=count.pk: post_count(key, version=2, by=None, at=make.NOW),
            "use": lambda: consume(make.item(), main, Decimal(1), on=make.TODAY, by=None),
        }
        threads = [threading.Thread(target=run, args=pair) for pair in work.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert OnHand.objects.get().quantity == before - 1
        type(count).objects.filter(pk=count.pk, status="OPEN").update(
            status="POSTED", posted_at=make.NOW, version=9
        )
    assert outcomes.count("use") == 5
    row, moves = OnHand.objects.get(), StockMove.objects.all()
    assert (row.quantity, row.value) == (total(moves, "quantity"), total(moves, "value"))
