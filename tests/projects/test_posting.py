"""Posting and reversing transactions: PR-04, PR-11, PR-12, scenarios 81 and 84, billing-rules 37 and 44."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from servicemgmt.core.errors import Refused
from servicemgmt.inventory.models import OnHand, StockMove
from servicemgmt.inventory.operations import consume, receive
from servicemgmt.ledger.models import Entry, FiscalPeriod, PostingProfile
from servicemgmt.masterdata.models import Unit
from servicemgmt.projects.models import (
    Coverage,
    LineKind,
    LinePropertySetup,
    ProjectGroup,
    ProjectKind,
    Transaction,
    TransactionSource,
    TransactionStatus,
)
from servicemgmt.projects.operations import move_transactions, reverse_transactions
from servicemgmt.projects.queries import line_property_for
from tests import make_money as make

pytestmark = pytest.mark.django_db


def entries(voucher) -> dict[str, Decimal]:
    """Account description → sum, in company currency."""
    found: dict[str, Decimal] = {}
    for entry in Entry.objects.filter(voucher=voucher).select_related("account"):
        found[entry.account.description] = (
            found.get(entry.account.description, Decimal(0)) + entry.company_amount
        )
    return found


def test_PR_04_an_hour_costs_and_is_worth_quantity_times_price():
    project = make.project()
    (row,) = make.post(make.draft(project, quantity=Decimal("1.5")))
    assert (row.cost_amount, row.sales_amount, row.status) == (60, 135, TransactionStatus.POSTED)
    assert entries(row.voucher) == {"Hour_Cost": 60, "Hour_Offset": -60}
    assert row.voucher.number == "V-2026-000001"


def test_84_forty_hours_at_fifty_are_two_thousand():
    (row,) = make.post(make.draft(make.project(), quantity=Decimal(40), sales_price=Decimal(50)))
    assert row.sales_amount == 2000


def test_PR_04_an_order_is_one_voucher_and_its_entries_name_the_transactions():
    project = make.project()
    rows = make.post(
        make.draft(project), make.draft(project, LineKind.EXPENSE), make.draft(project, LineKind.FEE)
    )
    assert len({row.voucher_id for row in rows}) == 1
    subjects = Entry.objects.filter(voucher=rows[0].voucher_id).values_list("subject", flat=True)
    assert set(subjects) == {f"transaction:{rows[0].pk}", f"transaction:{rows[1].pk}"}
    assert entries(rows[0].voucher)["Expense_Offset"] == -40


def test_a_fee_alone_has_a_memo_voucher():
    (row,) = make.post(make.draft(make.project(), LineKind.FEE))
    assert row.voucher.entries.count() == 0
    assert row.cost_amount == 0


def test_PR_04_an_item_leaves_stock_at_its_average():
    main, part = make.warehouse(), make.item()
    receive(part, main, Decimal(3), value=Decimal(10), on=make.TODAY, by=None)
    draft = make.draft(
        make.project(), LineKind.ITEM, item=part, warehouse=main, sales_price=Decimal(25), quantity=Decimal(2)
    )
    (row,) = make.post(draft)
    assert row.cost_amount == Decimal("6.67")
    assert entries(row.voucher) == {"Item_Cost": Decimal("6.67"), "Stock": Decimal("-6.67")}
    assert OnHand.objects.get().value == Decimal("3.33")
    assert StockMove.objects.first().voucher_id == row.voucher_id


def test_an_item_kept_in_stock_needs_a_warehouse():
    with pytest.raises(Refused, match="say which warehouse"):
        make.post(make.draft(make.project(), LineKind.ITEM, item=make.item()))


def test_an_item_not_kept_in_stock_is_cleared_like_an_expense():
    part = make.item("SERVICE", stocked=False)
    (row,) = make.post(make.draft(make.project(), LineKind.ITEM, item=part, cost_price=part.cost_price))
    assert entries(row.voucher) == {"Item_Cost": 10, "Expense_Offset": -10}


@pytest.mark.parametrize(
    "coverage", [Coverage.COVERED, Coverage.WARRANTY, Coverage.GOODWILL, Coverage.INTERNAL]
)
def test_81_what_is_not_charged_is_cost_only_and_keeps_its_value(coverage):
    (row,) = make.post(make.draft(make.project(), line_property=make.line_property(coverage)))
    assert (row.cost_amount, row.sales_amount, row.covered_amount) == (40, 0, 90)
    assert not Transaction.objects.to_invoice().exists()


def test_PR_12_an_internal_project_charges_nobody():
    (row,) = make.post(make.draft(make.project(kind=ProjectKind.INTERNAL)))
    assert (row.coverage, row.sales_amount) == (Coverage.INTERNAL, 0)


def test_B_8_the_work_of_a_fixed_price_project_is_covered_and_its_milestones_are_charged():
    project = make.project(kind=ProjectKind.FIXED_PRICE)
    work, milestone = make.post(make.draft(project), make.draft(project, LineKind.FEE))
    assert (work.coverage, milestone.coverage) == (Coverage.COVERED, Coverage.CHARGED)


def test_44_a_charged_line_without_price_is_refused_by_name():
    with pytest.raises(Refused, match="“Oil change” is charged but has no sales price"):
        make.post(make.draft(make.project(), text="Oil change", sales_price=None))


def test_80_a_category_without_account_is_refused_naming_the_purpose():
    PostingProfile.objects.filter(purpose="HOUR_COST").delete()
    project = make.project()
    PostingProfile.objects.filter(purpose="HOUR_COST").delete()
    with pytest.raises(Refused, match="“Cost of hours, category HOUR”"):
        make.post(make.draft(project))
    assert not Transaction.objects.exists()


def test_a_closed_project_takes_no_more_work():
    project = make.project(ended_on=make.TODAY)
    with pytest.raises(Refused, match="is closed from"):
        make.post(make.draft(project))


def test_a_closed_period_names_the_first_open_date():
    project = make.project()
    FiscalPeriod.objects.filter(name="2026-03").update(closed_at=make.NOW, closed_by=make_user())
    with pytest.raises(Refused, match="first open date is"):
        make.post(make.draft(project))


def make_user():
    from tests.cast import user_in

    return user_in("Finance")


def test_goods_in_another_unit_than_the_items_are_refused():
    box, part = Unit.objects.create(code="BOX", description="Box"), make.item(stocked=False)
    with pytest.raises(Refused, match="is kept"):
        make.post(make.draft(make.project(), LineKind.ITEM, item=part, unit_id=box.pk))


def test_37_amounts_are_rounded_once_to_their_currencys_digits():
    yen = make.project(customer=make.customer("Sato", currency="JPY"))
    dinar = make.project(customer=make.customer("Ali", currency="KWD"))
    third = {
        "quantity": Decimal("0.333333"),
        "sales_price": Decimal("1000.5"),
        "cost_price": Decimal("10.005"),
    }
    (a,), (b,) = make.post(make.draft(yen, **third)), make.post(make.draft(dinar, **third))
    assert (a.cost_amount, a.sales_amount) == (Decimal("3.33"), 333)
    assert b.sales_amount == Decimal("333.500")


def test_PR_11_project_before_group_before_all_and_category_before_none():
    project, hours = make.project(), make.category()
    wanted = [
        {"project": project, "category": hours},
        {"project": project},
        {"group": project.group, "category": hours},
        {"group": project.group},
        {"category": hours},
        {},
    ]
    rows = [
        LinePropertySetup.objects.create(line_property=make.line_property(code=f"LP{n}"), **named)
        for n, named in enumerate(wanted)
    ]
    other = ProjectGroup.objects.create(code="OTHER", description="Other")
    LinePropertySetup.objects.create(group=other, line_property=make.line_property(code="NOT"))
    for row in rows:
        assert line_property_for(project, hours) == row.line_property
        row.delete()
    assert line_property_for(project, hours) == project.line_property


def test_reversing_leaves_nothing_of_amounts_ledger_and_stock():
    main, part, project = make.warehouse(), make.item(), make.project()
    receive(part, main, Decimal(3), value=Decimal(10), on=make.TODAY, by=None)
    hour, goods = make.post(
        make.draft(project),
        make.draft(project, LineKind.ITEM, item=part, warehouse=main, sales_price=Decimal(25)),
    )
    mirrors = reverse_transactions([hour, goods], on=date(2026, 4, 1), by=None, at=make.NOW)
    hour.refresh_from_db()
    assert hour.status == mirrors[0].status == TransactionStatus.REVERSED
    assert hour.cost_amount + mirrors[0].cost_amount == hour.sales_amount + mirrors[0].sales_amount == 0
    assert mirrors[0].voucher.reverses_id == hour.voucher_id
    assert entries(mirrors[0].voucher) == {key: -value for key, value in entries(hour.voucher).items()}
    assert OnHand.objects.get().value == 10
    assert sum(StockMove.objects.values_list("value", flat=True)) == 10


def test_reversing_a_part_of_a_voucher_names_no_reversed_voucher():
    project = make.project()
    first, second = make.post(make.draft(project), make.draft(project))
    (mirror,) = reverse_transactions([second], on=make.TODAY, by=None, at=make.NOW)
    assert mirror.voucher.reverses is None
    assert entries(mirror.voucher) == {"Hour_Cost": -40, "Hour_Offset": 40}
    (again,) = reverse_transactions([first], on=make.TODAY, by=None, at=make.NOW)
    assert again.voucher.number == "V-2026-000003"


def test_reversing_goods_sold_from_below_zero_leaves_stock_worth_nothing_at_nothing():
    van, part, project = make.warehouse("VAN", allows_negative=True), make.item(cost="10"), make.project()
    (row,) = make.post(make.draft(project, LineKind.ITEM, item=part, warehouse=van, quantity=Decimal(2)))
    assert row.cost_amount == 20
    receive(part, van, Decimal(1), value=Decimal(12), on=make.TODAY, by=None)
    reverse_transactions([row], on=make.TODAY, by=None, at=make.NOW)
    left = OnHand.objects.get()
    consume(part, van, left.quantity, on=make.TODAY, by=None)
    assert (OnHand.objects.get().quantity, OnHand.objects.get().value) == (0, 0)


def test_what_is_reversed_or_in_a_proposal_cannot_be_taken_back():
    (row,) = make.post(make.draft(make.project()))
    reverse_transactions([row], on=make.TODAY, by=None, at=make.NOW)
    with pytest.raises(Refused, match="cannot be taken back: it is reversed"):
        reverse_transactions([row], on=make.TODAY, by=None, at=make.NOW)


def test_a_move_that_is_not_in_the_map_is_refused():
    (row,) = make.post(make.draft(make.project()))
    with pytest.raises(Refused, match="meanwhile"):
        move_transactions([row.pk], to=TransactionStatus.CREDITED)


def test_imported_history_needs_no_voucher_and_may_cost_in_its_own_currency():
    draft = make.draft(
        make.project(),
        LineKind.EXPENSE,
        source=TransactionSource.IMPORT,
        cost_currency=make.money("USD"),
        cost_amount=Decimal("-7.25"),
        line_property=make.line_property(Coverage.INTERNAL),
    )
    (row,) = make.post(draft)
    assert (row.voucher, row.cost_amount) == (None, Decimal("-7.25"))


@pytest.mark.parametrize(
    "change",
    [
        "cost_amount = 1",
        "sales_amount = 1",
        "covered_amount = 1",
        "cost_currency_id = NULL",
        "voucher_id = NULL",
    ],
)
def test_raw_sql_cannot_change_what_is_posted(change):
    make.post(make.draft(make.project()))
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE projects_transaction SET {change}")


def test_raw_sql_cannot_delete_a_transaction():
    make.post(make.draft(make.project()))
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM projects_transaction")


@pytest.mark.parametrize("kind", ["HOUR", "EXPENSE"])
def test_PR_07_each_type_is_posted_by_its_own_purposes_and_refused_where_one_has_no_account(kind):
    project = make.project()
    (row,) = make.post(make.draft(project, kind))
    used = PostingProfile.objects.filter(purpose__in=[f"{kind}_COST", f"{kind}_OFFSET"])
    accounts = set(used.values_list("account", flat=True))
    assert set(row.voucher.entries.values_list("account", flat=True)) == accounts and len(accounts) == 2
    for missing in used:
        account, purpose = missing.account, missing.get_purpose_display()
        missing.delete()
        with pytest.raises(Refused) as refusal:
            make.post(make.draft(project, kind))
        assert purpose in str(refusal.value)
        PostingProfile.objects.create(purpose=missing.purpose, account=account)
