"""Parts that were used, posted, and of which some come back to stock."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from orders.models import LineStatus
from orders.posting import post_order_lines, return_part, undo_posting
from servicemgmt.core.errors import Invalid, Refused, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE
from servicemgmt.inventory.models import OnHand, StockMove
from servicemgmt.inventory.operations import receive
from servicemgmt.ledger.models import Entry
from servicemgmt.ledger.queries import account_for
from servicemgmt.projects.models import (
    Coverage,
    InvoiceKind,
    ProjectParameters,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.operations import make_proposals, post_proposal
from tests import make_money
from tests.cast import user_in
from tests.make_money import NOW, TODAY
from tests.make_orders import fresh, make_line, make_order, move, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def used():
    """Three parts at 10.00 together are used and posted; then dearer ones come in."""
    main, part = make_money.warehouse(), make_money.item()
    receive(part, main, Decimal(3), value=Decimal(10), on=TODAY, by=None)
    order = make_order()
    make_line(order, "ITEM", quantity=Decimal(3))
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    post_order_lines(order.pk, by=None, at=NOW)
    receive(part, main, Decimal(1), value=Decimal(90), on=TODAY, by=None)
    return order.lines.get()


def back(line, quantity: str):
    return return_part(line.order_id, line.pk, Decimal(quantity), version=None, by=None, at=NOW)


def balance(purpose: str) -> Decimal:
    sums = Entry.objects.filter(account=account_for(purpose)).aggregate(total=Sum("company_amount"))
    return sums["total"] or Decimal(0)


def test_a_part_comes_back_at_the_cost_it_left_with_and_all_parts_are_the_whole(used):
    made = [back(used, quantity).transaction for quantity in ("1", "0.5", "1.5")]
    assert [row.cost_amount for row in made] == [Decimal("-3.33"), Decimal("-1.67"), -5]
    assert sum(row.sales_amount for row in made) == -used.transaction.sales_amount
    assert {row.adjusts_id for row in made} == {used.transaction_id}
    on_hand = OnHand.objects.get()
    assert (on_hand.quantity, on_hand.value) == (4, 100)
    assert (balance("STOCK"), balance("ITEM_COST"), balance("STOCK_VARIANCE")) == (100, 0, 0)
    for row in made:
        move = StockMove.objects.get(subject=f"transaction:{row.pk}")
        assert (move.value, move.voucher_id, move.kind) == (-row.cost_amount, row.voucher_id, "RETURN")
        assert row.voucher.subject == f"serviceorder:{used.order_id}"
    assert used.order.lines.get().status == LineStatus.POSTED
    assert Event.objects.filter(action="part_returned").count() == 3
    with pytest.raises(Invalid, match="At most 0"):
        back(used, "1")


def test_what_is_left_is_invoiced_with_what_came_back(used):
    back(used, "1")
    (proposal,) = make_proposals(list(Transaction.objects.to_invoice()), invoice_date=TODAY, by=None, at=NOW)
    with pytest.raises(Refused, match="in a proposal"):
        back(used, "1")
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    assert (invoice.net, sorted(invoice.lines.values_list("quantity", flat=True))) == (180, [-1, 3])


def test_what_is_invoiced_is_credited_in_the_same_part(used):
    (proposal,) = make_proposals([used.transaction], invoice_date=TODAY, by=None, at=NOW)
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    made = back(used, "1")
    note, row = made.credit_note, made.transaction
    assert (note.kind, note.net, note.credits) == (InvoiceKind.CREDIT_NOTE, -90, invoice)
    assert (row.cost_amount, row.sales_amount, row.coverage) == (Decimal("-3.33"), 0, Coverage.COVERED)
    assert not Transaction.objects.to_invoice().exists()
    rest = back(used, "2")
    assert rest.credit_note.net == -180
    used.transaction.refresh_from_db()
    assert (balance("ITEM_COST"), balance("RECEIVABLE")) == (0, 0)
    assert sum(Transaction.objects.values_list("quantity", flat=True)) == 0


def test_C_12_where_another_posts_credit_notes_the_draft_of_one_is_made(used):
    ProjectParameters.objects.create(is_credit_approved=True)
    (proposal,) = make_proposals([used.transaction], invoice_date=TODAY, by=None, at=NOW)
    invoice = post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
    draft = back(used, "1").credit_note
    assert (draft.status, draft.credits, draft.lines.get().net) == (ProposalStatus.DRAFT, invoice, -90)
    assert not invoice.credit_notes.exists()


def test_no_more_comes_back_than_was_used_and_undoing_returns_nothing_twice(used):
    for quantity in ("3.1", "0"):
        with pytest.raises(Invalid):
            back(used, quantity)
    row = back(used, "2").transaction
    with pytest.raises(Refused, match="return the rest"):
        undo_posting(used.order_id, version=None, by=None, at=NOW)
    names = ", ".join(
        field.column for field in Transaction._meta.concrete_fields if field.column not in ("id", "quantity")
    )
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO projects_transaction (quantity, {names})"
            f" SELECT -2, {names} FROM projects_transaction WHERE id = {row.pk}"
        )
    assert constraint_of(caught.value) == "transaction_returns_no_more_than_was_used"


@pytest.mark.usefixtures("in_march")
def test_goods_are_returned_from_the_order(client, used):
    number, url = used.order.number, f"/orders/{used.order.number}/lines/{used.pk}/return/"
    client.force_login(user_in(DISPATCHER))
    assert client.post(url).status_code == 403
    client.force_login(user_in(FINANCE))
    page = client.get(f"/orders/{number}/", {"open": f"return:{used.pk}"}).content.decode()
    assert "Comes back" in page
    assert client.get(url).status_code == 405
    version = fresh(used.order).version
    assert client.post(url, {"version": version, "quantity": "4"}).status_code == 422
    assert client.post(url, {"version": 0, "quantity": "1"}).status_code == 409
    assert client.post(url, {"version": version, "quantity": "1"}).status_code == 302
    assert "1 PC came back" in " ".join(client.get(f"/orders/{number}/").content.decode().split())
    assert Transaction.objects.filter(adjusts=used.transaction, status=TransactionStatus.POSTED).count() == 1
