"""Counting stock: the sheet, its refusals, its differences in the ledger, its pages."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from servicemgmt.core.models import Event
from servicemgmt.core.roles import FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.inventory.models import CountStatus, MoveKind, OnHand, StockCount, StockMove
from servicemgmt.inventory.operations import (
    add_counted_item,
    consume,
    drop_count,
    enter_counts,
    post_count,
    read_again,
    receive,
    start_count,
)
from servicemgmt.ledger.models import Entry, FiscalPeriod
from servicemgmt.ledger.operations import close_period
from servicemgmt.ledger.queries import account_for
from tests import make_money as make
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def main():
    """Three pieces for 10 of one part, four for 8 of another."""
    place = make.warehouse()
    receive(make.item(), place, Decimal(3), value=Decimal(10), on=make.TODAY, by=None)
    receive(make.item("F-200"), place, Decimal(4), value=Decimal(8), on=make.TODAY, by=None)
    return place


def begin(place) -> StockCount:
    return start_count(place, on=make.TODAY, by=None)


def enter(count: StockCount, **found: str | None) -> StockCount:
    """What was found, by the item's number with _ for -."""
    lines = {line.item.number.replace("-", "_"): line.pk for line in count.lines.select_related("item")}
    counted = {lines[name]: Decimal(value) if value else None for name, value in found.items()}
    return enter_counts(count.pk, counted, version=fresh(count).version, by=None)


def fresh(count: StockCount) -> StockCount:
    return StockCount.objects.get(pk=count.pk)


def post(count: StockCount) -> StockCount:
    return post_count(count.pk, version=fresh(count).version, by=None, at=make.NOW)


def variance() -> Decimal:
    """What stands on the account of stock differences."""
    rows = Entry.objects.filter(account=account_for("STOCK_VARIANCE"))
    return sum(rows.values_list("company_amount", flat=True), Decimal(0))


def state(place, number: str = "F-100") -> tuple[Decimal, Decimal]:
    row = OnHand.objects.get(item=make.item(number), warehouse=place)
    return row.quantity, row.value


def test_issue_3_7_a_sheet_lists_what_should_lie_there(main):
    count = begin(main)
    lines = count.lines.order_by("item__number").values_list("item__number", "expected", "counted")
    assert list(lines) == [("F-100", 3, None), ("F-200", 4, None)]
    assert Event.objects.filter(subject=f"stockcount:{count.pk}", action="created").exists()


def test_issue_3_7_differences_are_posted_at_the_average_with_a_voucher_each(main):
    count = post(enter(begin(main), F_100="1", F_200="6"))
    assert (state(main), state(main, "F-200")) == ((1, Decimal("3.33")), (6, 12))
    moves = StockMove.objects.filter(kind=MoveKind.COUNT).order_by("item__number")
    assert [(move.quantity, move.value) for move in moves] == [(-2, Decimal("-6.67")), (2, 4)]
    assert len({move.voucher_id for move in moves}) == 2
    assert variance() == Decimal("2.67")
    assert (count.status, count.posted_at) == (CountStatus.POSTED, make.NOW)
    assert Event.objects.get(action="stock_counted").changes["value"] == [None, "-2.67"]


def test_issue_3_7_nothing_found_leaves_no_value_and_what_was_not_counted_stays(main):
    post(enter(begin(main), F_100="0"))
    assert (state(main), state(main, "F-200")) == ((0, 0), (4, 8))


def test_issue_3_7_what_nobody_expected_is_worth_the_items_cost(main):
    count = begin(main)
    add_counted_item(count.pk, make.item("F-300"), version=count.version, by=None)
    post(enter(count, F_300="2"))
    assert state(main, "F-300") == (2, 20)
    assert variance() == -20


def test_issue_3_7_a_van_below_zero_is_counted_up_to_the_items_cost():
    van = make.warehouse("VAN", allows_negative=True)
    consume(make.item(), van, Decimal(2), on=make.TODAY, by=None)
    post(enter(begin(van), F_100="3"))
    assert state(van) == (3, 30)


def test_issue_3_7_no_difference_moves_nothing(main):
    post(enter(begin(main), F_100="3"))
    assert not StockMove.objects.filter(kind=MoveKind.COUNT).exists()


def test_issue_3_7_goods_that_moved_since_are_refused_by_name_until_they_are_read_again(main):
    count = enter(begin(main), F_100="3", F_200="3")
    consume(make.item(), main, Decimal(1), on=make.TODAY, by=None)
    with pytest.raises(Refused, match=r"since the sheet was made: F-100\. Read them again"):
        post(count)
    assert [line.item.number for line in read_again(count.pk, version=fresh(count).version, by=None)] == [
        "F-100"
    ]
    line = count.lines.get(item=make.item())
    assert (line.expected, line.counted) == (2, None)
    post(enter(count, F_100="2"))
    assert (state(main)[0], state(main, "F-200")[0]) == (2, 3)


def test_issue_3_7_a_sheet_refuses_what_makes_no_sense(main):
    count = begin(main)
    with pytest.raises(Refused, match="Nothing was counted"):
        post(count)
    with pytest.raises(Invalid):
        enter(count, F_100="-1")
    with pytest.raises(Refused, match="on the sheet already"), transaction.atomic():
        add_counted_item(count.pk, make.item(), version=count.version, by=None)
    with pytest.raises(Refused, match="not kept in stock"):
        add_counted_item(count.pk, make.item("S-1", stocked=False), version=count.version, by=None)
    with pytest.raises(Stale):
        post_count(count.pk, version=99, by=None, at=make.NOW)
    with pytest.raises(Refused, match="is open already"), transaction.atomic():
        begin(main)


def test_issue_3_7_a_closed_sheet_stays_as_it_is(main):
    count = begin(main)
    drop_count(count.pk, version=count.version, by=None)
    with pytest.raises(Refused, match="closed: dropped"):
        enter(count, F_100="1")
    assert state(main) == (3, 10)
    assert begin(main).pk != count.pk


def test_issue_3_7_a_count_into_a_closed_period_is_refused_and_changes_nothing(main):
    count = enter(begin(main), F_100="1")
    period = FiscalPeriod.objects.get(during__contains=make.TODAY)
    close_period(period.pk, version=period.version, by=user_in(FINANCE), at=make.NOW)
    with pytest.raises(Refused), transaction.atomic():
        post(count)
    assert (state(main), fresh(count).status) == ((3, 10), CountStatus.OPEN)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE inventory_stockcount SET text = 'x'", "stockcount_frozen_when_closed"),
        ("DELETE FROM inventory_stockcountline", "stockcountline_frozen_when_closed"),
        ("UPDATE inventory_stockcountline SET counted = 7", "stockcountline_frozen_when_closed"),
    ],
)
def test_a_posted_count_is_frozen_in_the_database_too(main, statement, constraint):
    post(enter(begin(main), F_100="1"))
    assert refused(statement) == constraint


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE inventory_stockcount SET status = 'WHAT'", "stockcount_status_known"),
        ("UPDATE inventory_stockcount SET posted_at = now()", "stockcount_posted_at_some_moment"),
        (
            "INSERT INTO inventory_stockcount (version, counted_on, status, text, warehouse_id)"
            " SELECT 1, counted_on, 'OPEN', '', warehouse_id FROM inventory_stockcount",
            "stockcount_one_open_per_warehouse",
        ),
        ("UPDATE inventory_stockcountline SET counted = -1", "stockcountline_counts_nothing_or_more"),
        (
            "INSERT INTO inventory_stockcountline (count_id, item_id, expected)"
            " SELECT count_id, item_id, 1 FROM inventory_stockcountline",
            "stockcountline_item_once",
        ),
    ],
)
def test_constraints(main, statement, constraint):
    begin(main)
    assert refused(statement) == constraint


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return constraint_of(error.value)


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


@pytest.fixture
def cleo(client):
    client.force_login(user_in(FINANCE))
    return client


def test_issue_3_7_a_warehouse_is_counted_on_a_page(cleo, main):
    asked = {"warehouse": main.pk, "on": "2026-03-16", "text": "Spring"}
    answer = cleo.post(reverse("inventory:count_new"), asked)
    assert cleo.post(reverse("inventory:count_new"), asked).status_code == 409
    assert cleo.post(reverse("inventory:count_new"), asked | {"on": ""}).status_code == 422
    count = StockCount.objects.get()
    assert answer.url == reverse("inventory:count", args=[count.pk])
    assert "0 of 2 counted" in text_of(cleo.get(answer.url))
    line = count.lines.get(item=make.item())
    field = f"line-{line.pk}"
    assert cleo.post(answer.url, {"version": "1", field: "-1"}).status_code == 422
    assert cleo.post(answer.url, {"version": "1", field: "2"}).status_code == 302
    stale = cleo.post(answer.url, {"version": "1", field: "2"})
    assert stale.status_code == 409 and "Somebody else changed this count" in text_of(stale)
    items = reverse("inventory:count_item", args=[count.pk])
    assert cleo.post(items, {"version": "2"}).status_code == 422
    assert cleo.post(items, {"version": "2", "item": make.item("F-300").pk}).status_code == 302
    consume(make.item("F-200"), main, Decimal(1), on=make.TODAY, by=None)
    assert "Goods of 1 item moved" in text_of(cleo.get(answer.url))
    read = reverse("inventory:count_read", args=[count.pk])
    assert cleo.post(read, {"version": "3"}).status_code == 302
    done = reverse("inventory:count_post", args=[count.pk])
    assert cleo.post(done, {"version": "4"}).status_code == 302
    shown = text_of(cleo.get(answer.url))
    assert "-3.33 EUR" in shown.replace("−", "-") and "V-2026-" in shown
    again = cleo.post(done, {"version": "5"})
    assert again.status_code == 409 and "closed: posted" in text_of(again)
    actions = Event.objects.filter(subject=f"stockcount:{count.pk}").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "created", "counts_entered", "item_added", "read_again", "stock_counted",
    ]  # fmt: skip


def test_a_sheet_is_dropped_on_its_page(cleo, main):
    count = begin(main)
    url = reverse("inventory:count_drop", args=[count.pk])
    assert cleo.get(url).status_code == 405
    assert cleo.post(url, {"version": "7"}).status_code == 409
    assert cleo.post(url, {"version": "1"}).status_code == 302
    assert fresh(count).status == CountStatus.DROPPED


def test_sheets_and_their_lines_are_lists_and_files(cleo, main):
    post(enter(begin(main), F_100="1", F_200="4"))
    assert "></a>" not in text_of(cleo.get(reverse("inventory:counted")))
    assert "Posted" in text_of(cleo.get(reverse("inventory:counts"), {"tab": "all"}))
    lines = cleo.get(reverse("inventory:counted"), {"count": StockCount.objects.get().pk, "format": "csv"})
    text = b"".join(lines.streaming_content).decode()
    assert "F-100" in text and "-6.67" in text
    assert cleo.post(reverse("inventory:counts")).status_code == 405


@pytest.mark.parametrize(
    ("role", "sees", "counts"),
    [(FINANCE, 200, 200), (MANAGER, 200, 200), (PLANNER, 200, 403), (TECHNICIAN, 403, 403), ("", 403, 403)],
)
def test_C_12_who_sees_and_who_counts(client, main, role, sees, counts):
    count = begin(main)
    client.force_login(user_in(role) if role else stranger())
    assert client.get(reverse("inventory:counts")).status_code == sees
    assert client.get(reverse("inventory:counted")).status_code == sees
    assert client.get(reverse("inventory:count", args=[count.pk])).status_code == sees
    assert client.get(reverse("inventory:count_new")).status_code == counts
    if counts == 403:
        for name in ("count", "count_item", "count_read", "count_post", "count_drop"):
            assert client.post(reverse(f"inventory:{name}", args=[count.pk])).status_code == 403
