"""Item requirements: reserved, picked, consumed or returned, in part too (SO-17, SO-18)."""

import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.inventory.models import MoveKind, OnHand, StockMove
from servicemgmt.inventory.queries import available
from servicemgmt.ledger.models import Entry
from servicemgmt.ledger.queries import account_for
from servicemgmt.projects.models import (
    Coverage,
    ItemRequirement,
    RequirementStatus,
    RequirementStep,
    Transaction,
)
from servicemgmt.projects.operations import (
    change_requirement,
    close_project,
    consume_requirement,
    delete_requirement,
    pick_requirement,
    return_requirement,
    undo_consumption,
)
from tests import make_money as make
from tests.make_requirements import do, need, now, stock, totals

pytestmark = pytest.mark.django_db


def test_SO_17_a_requirement_reserves_and_leaves_the_rest_available():
    main = stock()
    row = need("4")
    assert row.status == RequirementStatus.RESERVED
    assert available(make.item(), main) == 6
    assert OnHand.objects.get().quantity == 10
    assert not Transaction.objects.exists()
    assert Event.objects.filter(subject=f"itemrequirement:{row.pk}", action="created").exists()


def test_SO_17_more_than_there_is_may_be_reserved_but_not_picked():
    stock(quantity=3, value="9")
    row = need("4")
    assert available(make.item(), make.warehouse()) == -1
    with pytest.raises(Refused, match="Only 3 PC"):
        do(pick_requirement, row, "4")
    do(pick_requirement, row, "3")
    with pytest.raises(Refused, match="Only 0 PC .* kept for P-000001 .3."):
        do(pick_requirement, row, "1")


def test_SO_17_deleting_while_reserved_makes_it_available_again():
    main = stock()
    row = need("4")
    delete_requirement(row.pk, version=row.version, by=None)
    assert available(make.item(), main) == 10
    assert not ItemRequirement.objects.exists()
    assert Event.objects.filter(action="deleted").exists()


def test_SO_17_what_is_picked_is_not_deleted():
    stock()
    row = need("4")
    do(pick_requirement, row, "1")
    with pytest.raises(Refused, match="picked already"):
        delete_requirement(row.pk, version=now(row).version, by=None)


def test_SO_17_more_or_less_is_needed_but_not_less_than_picked():
    main = stock()
    row = need("4")
    do(pick_requirement, row, "2")

    def change(quantity: str) -> None:
        change_requirement(
            row.pk,
            quantity=Decimal(quantity),
            needed_on=make.TODAY,
            text="",
            version=now(row).version,
            by=None,
            at=make.NOW,
        )

    change("6")
    assert available(make.item(), main) == 4
    with pytest.raises(Refused, match="2 are picked"):
        change("1")
    change("2")
    assert totals(row) == (RequirementStatus.PICKED, 2, 0, 0)
    assert available(make.item(), main) == 8


def test_SO_18_a_part_is_consumed_at_the_average_and_charged_and_the_rest_returned():
    main, van = stock(), make.warehouse("VAN")
    row = need("4")
    do(pick_requirement, row, "4", place=van)
    assert (available(make.item(), main), available(make.item(), van)) == (6, 0)
    step = do(consume_requirement, row, "3")
    posted = step.transaction
    assert (posted.cost_amount, posted.sales_amount, posted.coverage) == (18, 75, Coverage.CHARGED)
    assert totals(row) == (RequirementStatus.PICKED, 4, 3, 0)
    do(return_requirement, row, "1")
    assert totals(row) == (RequirementStatus.CONSUMED, 4, 3, 1)
    assert (available(make.item(), main), available(make.item(), van)) == (7, 0)
    kinds = StockMove.objects.order_by("pk").values_list("kind", "quantity")
    assert list(kinds) == [
        (MoveKind.RECEIPT, 10), (MoveKind.TRANSFER, -4), (MoveKind.TRANSFER, 4),
        (MoveKind.CONSUMPTION, -3), (MoveKind.RETURN, -1), (MoveKind.RETURN, 1),
    ]  # fmt: skip
    cost = Entry.objects.filter(account=account_for("ITEM_COST"), voucher=posted.voucher)
    assert cost.get().company_amount == 18
    actions = Event.objects.filter(subject=f"itemrequirement:{row.pk}").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "created", "requirement_pick", "requirement_consume", "requirement_return",
    ]  # fmt: skip


def test_SO_18_everything_returned_ends_returned():
    stock()
    row = need("2")
    do(pick_requirement, row, "2")
    do(return_requirement, row, "2")
    assert totals(row) == (RequirementStatus.RETURNED, 2, 0, 2)
    assert available(make.item(), make.warehouse()) == 10


def test_SO_18_what_is_reserved_must_be_picked_before_it_is_used():
    stock()
    row = need("2")
    for work in (consume_requirement, return_requirement):
        with pytest.raises(Refused, match="Only 0 are picked"):
            do(work, row, "1")
    do(pick_requirement, row, "1")
    with pytest.raises(Refused, match="Only 1 are still to be picked"):
        do(pick_requirement, row, "2")
    with pytest.raises(Refused, match="Only 1 are picked"):
        do(consume_requirement, row, "2")


def test_SO_18_what_is_picked_lies_in_one_place():
    stock()
    row = need("4")
    do(pick_requirement, row, "1", place=make.warehouse("VAN"))
    with pytest.raises(Refused, match="lies in Van"):
        do(pick_requirement, row, "1", place=make.warehouse("VAN2"))
    do(pick_requirement, row, "1")
    assert now(row).place == make.warehouse("VAN")


def test_SO_18_a_consumption_is_taken_back_and_the_goods_are_in_hand_again():
    main = stock()
    row = need("4")
    do(pick_requirement, row, "4")
    step = do(consume_requirement, row, "4")
    assert totals(row)[0] == RequirementStatus.CONSUMED
    back = {"on": make.TODAY, "by": None, "at": make.NOW}
    undo_consumption(row.pk, step.pk, version=now(row).version, **back)
    assert totals(row) == (RequirementStatus.PICKED, 4, 0, 0)
    assert (OnHand.objects.get().value, available(make.item(), main)) == (60, 6)
    with pytest.raises(Refused, match="taken back already"):
        undo_consumption(row.pk, step.pk, version=now(row).version, **back)
    again = do(consume_requirement, row, "4")
    make.make_proposals([again.transaction], invoice_date=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match="cannot be taken back"):
        undo_consumption(row.pk, again.pk, version=now(row).version, **back)


def test_SO_18_the_price_entered_counts_and_says_so():
    stock()
    row = need("1", sales_price=Decimal("31.50"))
    do(pick_requirement, row, "1")
    posted = do(consume_requirement, row, "1").transaction
    assert posted.sales_amount == Decimal("31.50")
    assert posted.price_reason["sales"] == {"by_hand": True, "price": "31.5"}


def test_a_requirement_refuses_what_makes_no_sense():
    stock()
    with pytest.raises(Invalid):
        need("0")
    with pytest.raises(Invalid, match="another type"):
        need("1", category=make.category("HOUR"))
    with pytest.raises(Refused, match="not kept in stock"), transaction.atomic():
        need("1", item=make.item("S-1", stocked=False))
    project = make.project("Closed")
    close_project(project.pk, version=project.version, on=make.TODAY, by=None)
    project.refresh_from_db()
    with pytest.raises(Refused, match="is closed then"):
        need("1", project=project)
    row = need("1")
    with pytest.raises(Stale):
        pick_requirement(row.pk, Decimal(1), on=make.TODAY, version=9, by=None)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE projects_itemrequirement SET status = 'WHAT'", "requirement_status_known"),
        ("UPDATE projects_itemrequirement SET picked = 9", "requirement_no_more_picked_than_reserved"),
        ("UPDATE projects_itemrequirement SET consumed = 9", "requirement_no_more_used_than_picked"),
        ("UPDATE projects_itemrequirement SET place_id = NULL", "requirement_picked_goods_lie_somewhere"),
        ("UPDATE projects_itemrequirement SET quantity = 0, picked = 0", "requirement_of_something"),
        ("UPDATE inventory_onhand SET reserved = -1", "onhand_reserves_nothing_or_more"),
        ("UPDATE projects_requirementstep SET quantity = 2", "requirementstep_append_only"),
        ("DELETE FROM projects_requirementstep", "requirementstep_append_only"),
        (
            "INSERT INTO projects_requirementstep (requirement_id, kind, quantity, done_on)"
            " SELECT requirement_id, 'CONSUME', 1, done_on FROM projects_requirementstep",
            "requirementstep_use_has_a_transaction",
        ),
        (
            "INSERT INTO projects_requirementstep (requirement_id, kind, quantity, done_on, undoes_id)"
            " SELECT requirement_id, 'PICK', 1, done_on, id FROM projects_requirementstep",
            "requirementstep_undo_names_what",
        ),
        (
            "INSERT INTO projects_requirementstep (requirement_id, kind, quantity, done_on)"
            " SELECT requirement_id, 'WHAT', 1, done_on FROM projects_requirementstep",
            "requirementstep_kind_known",
        ),
        (
            "INSERT INTO projects_requirementstep (requirement_id, kind, quantity, done_on)"
            " SELECT requirement_id, 'PICK', 0, done_on FROM projects_requirementstep",
            "requirementstep_of_something",
        ),
    ],
)
def test_constraints(statement, constraint):
    stock()
    do(pick_requirement, need("2"), "1")
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_of(error.value) == constraint


STEPS = st.lists(
    st.tuples(st.sampled_from(["pick", "into van", "consume", "return", "undo"]), st.integers(1, 4)),
    max_size=10,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_SO_18_whatever_is_done_reserved_stock_is_what_requirements_still_hold(steps):
    with transaction.atomic():
        van = make.warehouse("VAN")
        stock()
        row = need("6")
        for action, quantity in steps:
            try:
                with transaction.atomic():
                    if action == "undo":
                        step = row.steps.filter(kind="CONSUME", undone_by=None).first()
                        if step:
                            undo_consumption(
                                row.pk, step.pk, on=make.TODAY, version=now(row).version, by=None, at=make.NOW
                            )
                    elif action == "into van":
                        do(pick_requirement, row, str(quantity), place=van)
                    else:
                        work = {"pick": pick_requirement, "consume": consume_requirement}
                        do(work.get(action, return_requirement), row, str(quantity))
            except Refused:
                continue
        connection.check_constraints()
        held = ItemRequirement.objects.aggregate(total=Sum(F("quantity") - F("consumed") - F("returned")))[
            "total"
        ]
        assert OnHand.objects.aggregate(total=Sum("reserved"))["total"] == held
        assert OnHand.objects.aggregate(total=Sum("set_aside"))["total"] == now(row).in_hand
        gone = Transaction.objects.aggregate(total=Sum("quantity", default=Decimal(0)))["total"]
        assert OnHand.objects.aggregate(total=Sum("quantity"))["total"] == 10 - gone
        assert now(row).consumed == gone
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_SO_18_two_who_consume_the_same_at_once_consume_it_once():
    stock()
    row = need("2")
    do(pick_requirement, row, "2")
    version, outcomes, gate = now(row).version, [], threading.Barrier(2)

    def use() -> None:
        gate.wait()
        try:
            consume_requirement(row.pk, Decimal(2), on=make.TODAY, version=version, by=None, at=make.NOW)
            outcomes.append("used")
        except Refused:
            outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["refused", "used"]
    assert RequirementStep.objects.filter(kind="CONSUME").count() == 1
    assert OnHand.objects.get().quantity == 8
