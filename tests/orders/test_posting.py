"""Posting orders (PR-01 … PR-07) and undoing it, scenarios 49, 78 … 81."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.models import LineStatus, OrderProgress, ServiceOrderLine
from orders.operations import add_line, change_line, require_on_order
from orders.posting import plan_posting, start_posting, undo_posting
from orders.posting.post import post_orders
from orders.queries.posting import orders_to_post
from servicemgmt.core.errors import Refused, Stale
from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import FINANCE
from servicemgmt.core.runs import execute, execute_to_end, progress, retry_run
from servicemgmt.inventory.models import StockMove
from servicemgmt.inventory.operations import receive
from servicemgmt.ledger.models import PostingProfile, Voucher
from servicemgmt.projects.models import Coverage, LineKind, Transaction, TransactionStatus
from servicemgmt.projects.operations import make_proposals, pick_requirement
from tests import make_money
from tests.cast import user_in
from tests.make_agreements import make_agreement
from tests.make_money import NOW, TODAY
from tests.make_orders import (
    fresh,
    make_done_order,
    make_line,
    make_order,
    make_worker,
    move,
    post,
    sign,
)

pytestmark = pytest.mark.django_db

CREATED, POSTED = LineStatus.CREATED, LineStatus.POSTED


def test_PR_04_scenario_78_a_signed_line_is_posted_with_its_transaction():
    order = make_done_order(kinds=("HOUR", "EXPENSE", "FEE"))
    result = post(order)
    assert len(result.lines) == 3 and not result.refused
    order = fresh(order)
    assert order.progress == OrderProgress.POSTED
    rows = {line.kind: line.transaction for line in order.lines.all()}
    assert {line.status for line in order.lines.all()} == {POSTED}
    assert (rows["HOUR"].cost_amount, rows["HOUR"].sales_amount) == (80, 180)
    assert (rows["FEE"].cost_amount, rows["FEE"].sales_amount) == (0, 180)
    assert rows["HOUR"].executed_on == TODAY and rows["HOUR"].source == "ORDER"
    assert Voucher.objects.count() == 1 and rows["HOUR"].voucher == rows["FEE"].voucher
    assert Event.objects.filter(action="posted", subject=f"serviceorder:{order.pk}").exists()


def test_PR_01_scenario_78_an_unsigned_line_is_not_posted():
    order = make_order()
    make_line(order)
    move(order, "INPROCESS", "COMPLETED")
    result = post(order)
    assert [str(why) for _line, why in result.refused] == ["The line is not signed off."]
    assert order.lines.get().status == CREATED and not Transaction.objects.exists()


def test_PR_01_scenario_49_the_stage_must_allow_posting():
    order = make_order()
    make_line(order)
    move(order, "INPROCESS")
    sign(order)
    assert "stage" in post(order).refused[0][1]
    move(order, "COMPLETED")
    assert post(order).lines


def test_PR_01_without_project_nothing_is_posted():
    from tests.make_agreements import make_site

    site = make_site()
    order = make_done_order(customer=site.customer, site=site)
    assert "no project" in post(order).refused[0][1]


def test_PR_06_scenario_79_only_ticked_types_are_posted():
    order = make_done_order(kinds=("HOUR", "EXPENSE"))
    result = post(order, kinds=["HOUR"])
    assert [line.kind for line in result.lines] == ["HOUR"] and not result.refused
    assert {line.kind: line.status for line in order.lines.all()} == {"HOUR": POSTED, "EXPENSE": CREATED}
    assert fresh(order).progress == OrderProgress.IN_PROCESS


def test_PR_05_scenario_80_a_line_without_account_stays_and_the_others_are_posted():
    order = make_done_order(kinds=("HOUR", "EXPENSE", "FEE"))
    PostingProfile.objects.filter(purpose="EXPENSE_COST").delete()
    result = post(order)
    assert {line.kind for line in result.lines} == {"HOUR", "FEE"}
    ((line, why),) = result.refused
    assert line.kind == "EXPENSE" and "Cost of expenses" in why
    left = order.lines.get(pk=line.pk)
    assert left.status == CREATED and left.transaction is None and left.signed_off_at


def test_numbers_are_taken_when_all_else_is_written_so_that_two_workers_wait_shortly():
    order = make_done_order(kinds=("HOUR", "EXPENSE"))
    with CaptureQueriesContext(connection) as done:
        post(order)
    said = [query["sql"] for query in done]
    (taken,) = (n for n, sql in enumerate(said) if "core_take_gapless" in sql)
    writes = [n for n, sql in enumerate(said) if sql.startswith(("UPDATE", "INSERT", "SET CONSTRAINTS"))]
    assert writes and max(writes) < taken


def test_PR_05_what_only_the_books_refuse_is_found_too(monkeypatch):
    """The plan cannot know everything; then the books are asked line by line."""
    order = make_done_order(kinds=("HOUR", "EXPENSE"))
    from orders.posting import plan

    monkeypatch.setattr(plan, "check_accounts", lambda draft, profile: None)
    PostingProfile.objects.filter(purpose="EXPENSE_COST").delete()
    result = post(order)
    assert [line.kind for line in result.lines] == ["HOUR"] and len(result.refused) == 1
    assert Transaction.objects.count() == 1 and order.lines.get(kind="HOUR").version == 2


def test_scenario_81_a_line_that_is_not_charged_costs_and_is_not_invoiced():
    order = make_order()
    make_line(
        order, line_property=make_money.line_property(Coverage.WARRANTY), coverage_reason="Broke at once"
    )
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    post(order)
    row = Transaction.objects.get()
    assert (row.cost_amount, row.sales_amount, row.coverage) == (80, 0, Coverage.WARRANTY)
    assert row.coverage_reason == "Broke at once"
    with pytest.raises(Refused):
        make_proposals([row], invoice_date=TODAY, by=None, at=NOW)


def test_PR_10_the_sales_price_by_hand_is_posted():
    order = make_order()
    make_money.sales_price("95")
    line = make_line(order, sales_price=None)
    change_line(line.pk, version=None, by=None, at=NOW, sales_price=Decimal(50))
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    post(order)
    assert Transaction.objects.get().sales_price == 50


def test_a_charged_line_without_price_is_refused_and_told():
    order = make_order()
    make_line(order, sales_price=None)
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    assert "no sales price" in post(order).refused[0][1]


def test_PR_04_items_leave_the_van_of_their_worker_else_the_main_warehouse():
    bo, kim = make_worker(), make_worker("Kim")
    main, van = make_money.warehouse(), make_money.warehouse("VAN", worker=bo)
    part = make_money.item()
    for place in (main, van):
        receive(part, place, Decimal(10), value=Decimal(100), on=TODAY, by=None, text="")
    order = make_order()
    for worker in (bo, kim, None):
        make_line(order, "ITEM", worker=worker, quantity=Decimal(1))
    make_line(order, "ITEM", worker=bo, warehouse=main, quantity=Decimal(1))
    move(order, "INPROCESS")
    sign(order)
    move(order, "COMPLETED")
    assert len(post(order).lines) == 4
    taken = StockMove.objects.filter(quantity__lt=0).order_by("pk").values_list("warehouse__code", flat=True)
    assert sorted(taken) == ["MAIN", "MAIN", "MAIN", "VAN"]
    assert {row.cost_amount for row in Transaction.objects.all()} == {Decimal(10)}


def test_too_little_stock_refuses_the_line_that_takes_too_much():
    main, part = make_money.warehouse(), make_money.item()
    receive(part, main, Decimal(3), value=Decimal(30), on=TODAY, by=None, text="")
    order = make_done_order(kinds=("ITEM", "ITEM", "HOUR"))
    planned = plan_posting([order.pk])
    assert [entry.is_postable for entry in planned] == [True, False, True]
    result = post(order)
    assert len(result.lines) == 2 and "too little" in result.refused[0][1]


def test_what_is_picked_for_another_order_is_not_posted_and_what_is_reserved_is_told():
    main, part = make_money.warehouse(), make_money.item()
    receive(part, main, Decimal(5), value=Decimal(50), on=TODAY, by=None)
    other = make_order()
    need = require_on_order(
        other.pk,
        part,
        Decimal(4),
        category=make_money.category("ITEM"),
        warehouse=main,
        needed_on=TODAY,
        by=None,
    )
    order = make_done_order(kinds=("ITEM",))
    (told,) = plan_posting([order.pk])
    assert told.is_postable and told.takes_reserved
    pick_requirement(need.pk, Decimal(4), on=TODAY, version=need.version, by=None)
    (told,) = plan_posting([order.pk])
    assert f"Kept for {other.number} (4)." in told.refusal
    result = post(order)
    assert not result.lines and result.refused[0][1] == told.refusal


def test_PR_01_PR_04_the_preview_is_what_happens():
    main, part = make_money.warehouse(), make_money.item()
    receive(part, main, Decimal(4), value=Decimal(10), on=TODAY, by=None)
    receive(part, main, Decimal(3), value=Decimal("0.99"), on=TODAY, by=None)
    orders = [make_order(), make_done_order(kinds=("HOUR", "EXPENSE")), make_order()]
    for quantity, back in ((2, 0), (3, 5), (1, 9), (1, 0), (4, 0)):
        line = make_line(orders[0], "ITEM", quantity=Decimal(quantity), cost_price=Decimal(40))
        ServiceOrderLine.objects.filter(pk=line.pk).update(executed_on=TODAY - timedelta(days=back))
    move(orders[0], "INPROCESS")
    sign(orders[0])
    move(orders[0], "COMPLETED")
    make_line(orders[2])
    planned = plan_posting([order.pk for order in orders])
    told = {entry.line.pk: str(entry.refusal) for entry in planned}
    happened = {}
    for order in orders:
        result = post(order)
        happened |= {line.pk: "" for line in result.lines} | {line.pk: why for line, why in result.refused}
    assert told == happened
    amounts = {entry.line.pk: entry.amounts.cost for entry in planned if entry.amounts}
    assert amounts == {row.order_line.pk: row.cost_amount for row in Transaction.objects.all()}
    assert [told != "" for told in told.values()].count(True) == 2, (
        "too little for the last, and one unsigned"
    )


def test_posting_is_undone_while_not_invoiced():
    order = make_done_order(kinds=("HOUR", "FEE"))
    post(order)
    signed = order.sign_offs.get()
    with pytest.raises(Stale):
        undo_posting(order.pk, version=1, by=None, at=NOW)
    undo_posting(order.pk, version=fresh(order).version, by=None, at=NOW)
    signed.refresh_from_db()
    assert signed.voided_at and "undone" in signed.void_reason
    assert {(line.status, line.transaction, line.signed_off_at) for line in order.lines.all()} == {
        (CREATED, None, None)
    }
    assert fresh(order).progress == OrderProgress.IN_PROCESS and fresh(order).signed_off_at is None
    assert sum(row.sales_amount for row in Transaction.objects.all()) == 0
    with pytest.raises(Refused, match="Nothing"):
        undo_posting(order.pk, version=None, by=None, at=NOW)
    sign(order)
    assert len(post(order).lines) == 2, "and posted again"


def test_what_is_in_a_proposal_is_not_undone():
    order = make_done_order()
    post(order)
    make_proposals(list(Transaction.objects.all()), invoice_date=TODAY, by=None, at=NOW)
    with pytest.raises(Refused, match="cannot be taken back"):
        undo_posting(order.pk, version=None, by=None, at=NOW)
    assert order.lines.get().status == POSTED
    assert Transaction.objects.get().status == TransactionStatus.IN_PROPOSAL


def test_a_posted_line_is_not_changed_and_keeps_its_signature_when_others_change():
    order = make_done_order()
    post(order)
    line = order.lines.get()
    move(order, "INPROCESS")
    with pytest.raises(Refused, match="posted"):
        change_line(line.pk, version=None, by=None, at=NOW, quantity=Decimal(1))
    add_line(
        order.pk,
        version=None,
        by=None,
        at=NOW,
        kind="HOUR",
        quantity=Decimal(1),
        category=make_money.category(),
    )
    line.refresh_from_db()
    assert line.signed_off_at and fresh(order).progress == OrderProgress.IN_PROCESS


def test_the_database_keeps_posted_and_transaction_together():
    line = make_line(make_order())
    with pytest.raises(IntegrityError, match="orderline_transaction_when_posted"), transaction.atomic():
        ServiceOrderLine.objects.filter(pk=line.pk).update(status=POSTED, signed_off_at=NOW)
    with pytest.raises(IntegrityError, match="orderline_posted_ones_are_signed_off"), transaction.atomic():
        ServiceOrderLine.objects.filter(pk=line.pk).update(status=POSTED)


def test_a_posted_line_is_frozen_but_for_the_undoing_of_its_posting():
    order = make_done_order()
    post(order)
    for change in (
        "UPDATE orders_serviceorderline SET quantity = 999",
        "UPDATE orders_serviceorderline SET status = 'CREATED', transaction_id = NULL",
        "DELETE FROM orders_serviceorderline",
    ):
        refused = pytest.raises(IntegrityError, match="orders_serviceorderline is frozen")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    undo_posting(order.pk, version=None, by=None, at=NOW)
    assert order.lines.get().status == CREATED


def test_PR_02_the_run_posts_many_and_tells_of_those_it_does_not():
    cleo = user_in(FINANCE)
    good, bad = make_done_order(), make_order()
    make_line(bad)
    run = start_posting(by=cleo, orders=[good.pk, bad.pk])
    execute(run.pk)
    assert progress(run).counts == {"orders": 1, "lines": 1, "refused": 1}
    message = run.messages.get()
    assert message.subject == f"serviceorder:{bad.pk}" and bad.number in message.text
    assert Transaction.objects.get().posted_by == cleo
    again = start_posting(by=cleo, orders=[good.pk, bad.pk])
    execute(again.pk)
    assert Transaction.objects.count() == 1 and Run.objects.get(pk=again.pk).status == "DONE"


def test_PR_02_what_was_refused_is_retried_alone():
    cleo, agreement = user_in(FINANCE), make_agreement()
    make_done_order(agreement=agreement)
    bad = make_order(agreement=agreement)
    make_line(bad)
    run = execute_to_end(start_posting(by=cleo, agreement=agreement.pk, kinds=["HOUR"]))
    move(bad, "INPROCESS")
    sign(bad)
    move(bad, "COMPLETED")
    late = make_done_order(agreement=agreement)
    again = execute_to_end(retry_run(run.pk, by=cleo))
    assert progress(again).counts == {"orders": 1, "lines": 1, "refused": 0}
    assert fresh(bad).lines.get().status == POSTED and late.lines.get().status == "CREATED"


def test_PR_03_the_run_asks_by_agreement_project_dates_and_types():
    agreement = make_agreement()
    mine, other = make_done_order(agreement=agreement, kinds=("HOUR", "FEE")), make_done_order()
    assert list(orders_to_post({"agreement": agreement.pk})) == [mine]
    assert list(orders_to_post({"project": other.project_id})) == [other]
    assert not orders_to_post({"from": "2026-03-17"}) and len(orders_to_post({"to": "2026-03-16"})) == 2
    execute(start_posting(by=user_in(FINANCE), kinds=["FEE"], agreement=agreement.pk).pk)
    assert [row.kind for row in Transaction.objects.all()] == [LineKind.FEE]


@pytest.mark.django_db(transaction=True)
def test_eight_clients_posting_the_same_orders_at_once_post_them_once():
    keys = [make_done_order(kinds=("HOUR", "FEE")).pk for _ in range(4)]
    posted: list[int] = []
    barrier = threading.Barrier(8)

    def press(n: int) -> None:
        barrier.wait()
        try:
            found = post_orders(keys[n % 4 :] + keys[: n % 4], by=None, at=NOW)
            posted.append(sum(len(one.lines) for one in found))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(posted) == [0] * 7 + [8] and Transaction.objects.count() == 8
    numbers = sorted(Voucher.objects.values_list("number", flat=True))
    assert numbers == [f"V-2026-{n:06}" for n in range(1, 5)]
