"""Posting tracked goods: each piece by its number, there and back (PR-04)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from orders.posting import return_part, undo_posting
from servicemgmt.core.errors import Invalid, Refused, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.core.roles import FINANCE
from servicemgmt.inventory.models import LotOnHand, StockMove
from servicemgmt.inventory.operations import receive
from servicemgmt.projects.models import Transaction
from tests import make_money
from tests.cast import user_in
from tests.make_money import NOW, TODAY
from tests.make_orders import (
    fresh,
    make_line,
    make_order,
    make_worker,
    move,
    post,
    sign,
)

pytestmark = pytest.mark.django_db

CREATED, POSTED = LineStatus.CREATED, LineStatus.POSTED


def test_a_tracked_item_names_its_piece_which_leaves_the_van_and_comes_back_when_undone():
    bo = make_worker()
    van, part = make_money.warehouse("VAN", worker=bo), make_money.item("PUMP", tracking="SERIAL")
    receive(part, van, Decimal(2), value=Decimal(100), on=TODAY, by=None, lot="S1, S2")
    order = make_order()
    for lot in ("S1", "S1", "S9", ""):
        make_line(order, "ITEM", item=part, worker=bo, quantity=Decimal(1), lot_number=lot)
    told = Event.objects.filter(action="line_added").order_by("pk").values_list("changes", flat=True)
    assert [changes.get("lot_number") for changes in told] == [[None, "S1"], [None, "S1"], [None, "S9"], None]
    make_line(order, "ITEM", item=part, worker=bo, quantity=Decimal(2))
    with pytest.raises(Refused, match="a serial number of .* for each piece: 2"):
        make_line(order, "ITEM", item=part, worker=bo, quantity=Decimal(2), lot_number="S2")
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    result = post(order)
    assert [line.lot_number for line in result.lines] == ["S1"]
    assert [sentence.partition(" of ")[0] for _line, sentence in result.refused[:2]] == [
        "Van holds too little"
    ] * 2
    assert all("serial number" in sentence for _line, sentence in result.refused[2:])
    found = StockMove.objects.filter(quantity__lt=0).get()
    assert (found.lot.number, found.value, found.voucher.subject_label) == ("S1", -50, order.number)
    undo_posting(order.pk, version=None, by=None, at=NOW)
    assert found.lot.on_hand.get().quantity == 1


def several_pieces() -> tuple[ServiceOrder, ServiceOrderLine]:
    """A line of three pumps, S1 to S3 of four in the van, signed and completed."""
    bo = make_worker()
    van, part = make_money.warehouse("VAN", worker=bo), make_money.item("PUMP", tracking="SERIAL")
    receive(part, van, Decimal(4), value=Decimal(100), on=TODAY, by=None, lot="S1, S2, S3, S4")
    order = make_order()
    numbers = {"lot_number": " S3\nS1;S2 "}
    line = make_line(order, "ITEM", item=part, worker=bo, quantity=Decimal(3), **numbers)
    move(order, "INPROCESS")
    sign(order)
    return move(order, "COMPLETED"), line


def in_stock() -> set[str]:
    return set(LotOnHand.objects.filter(quantity=1).values_list("lot__number", flat=True))


def test_PR_04_several_pieces_of_a_line_leave_and_come_back_each_by_its_number():
    order, line = several_pieces()
    assert line.lot_number == "S3, S1, S2"
    result = post(order)
    moves = StockMove.objects.filter(quantity__lt=0).order_by("pk")
    assert [(row.lot.number, row.quantity, row.value) for row in moves] == [
        (number, -1, -25) for number in ("S3", "S1", "S2")
    ]
    (row,) = Transaction.objects.all()
    assert {move.subject for move in moves} == {f"transaction:{row.pk}"} and not result.refused
    assert (row.quantity, row.cost_amount) == (3, 75) and in_stock() == {"S4"}
    undo_posting(order.pk, version=None, by=None, at=NOW)
    assert in_stock() == {"S1", "S2", "S3", "S4"}
    assert Transaction.objects.aggregate(total=Sum("cost_amount"))["total"] == 0


@pytest.mark.usefixtures("in_march")
def test_PR_04_of_several_pieces_those_named_come_back(client):
    order, line = several_pieces()
    post(order)
    line.refresh_from_db()
    client.force_login(user_in(FINANCE))
    page = client.get(f"/orders/{order.number}/", {"open": f"return:{line.pk}"}).content.decode()
    assert "Which pieces come back" in page and 'value="S3, S1, S2"' in page
    url, version = f"/orders/{order.number}/lines/{line.pk}/return/", fresh(order).version
    for lot in ("S4", "S1, S2", "S1, S9", ""):
        asked = {"version": version, "quantity": "1", "lot": lot}
        answer = client.post(url, asked)
        assert answer.status_code == 422 and "by its serial number: S3, S1, S2." in answer.content.decode()
    assert client.post(url, {"version": version, "quantity": "1", "lot": "S1"}).status_code == 302
    assert in_stock() == {"S1", "S4"}
    with pytest.raises(Invalid, match="serial number: S3, S2"):
        return_part(order.pk, line.pk, Decimal(1), version=None, by=None, at=NOW, lot="S1")
    return_part(order.pk, line.pk, Decimal(2), version=None, by=None, at=NOW)
    assert in_stock() == {"S1", "S2", "S3", "S4"}
    assert Transaction.objects.aggregate(total=Sum("cost_amount"))["total"] == 0


@pytest.mark.parametrize("values", [{"quantity": 2}, {"lot_number": "S1, S2, S1"}])
def test_the_database_wants_a_number_for_each_piece(values):
    _order, line = several_pieces()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        ServiceOrderLine.objects.filter(pk=line.pk).update(**values)
    assert constraint_of(caught.value) == "orderline_a_number_per_piece"
