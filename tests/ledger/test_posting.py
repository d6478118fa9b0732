"""Posting vouchers, fiscal periods, accounts and taxes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError

from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import Event
from servicemgmt.ledger.balances import balance_of, trial_balance
from servicemgmt.ledger.models import (
    Account,
    ClosedPeriodRule,
    Entry,
    FiscalPeriod,
    LedgerParameters,
    PostingProfile,
    TaxCode,
    TaxRate,
    TaxRule,
    Voucher,
)
from servicemgmt.ledger.operations import (
    VoucherDraft,
    VoucherLine,
    close_period,
    create_fiscal_year,
    open_period,
    post_voucher,
    post_vouchers,
)
from servicemgmt.ledger.queries import account_for, first_open_day, tax_for
from servicemgmt.masterdata.models import CustomerTaxGroup, ItemTaxGroup
from tests import make_money as make
from tests.cast import user_in

pytestmark = pytest.mark.django_db


def lines(amount: str = "10") -> list[VoucherLine]:
    value = Decimal(amount)
    return [VoucherLine("BANK", value, value), VoucherLine("RECEIVABLE", -value, -value)]


def post(on: date = make.TODAY, amount: str = "10") -> Voucher:
    firm = make.firm()
    return post_voucher(
        on=on, text="Payment", source="test", currency=firm.currency, lines=lines(amount), by=None
    )


def close(name: str) -> FiscalPeriod:
    period = FiscalPeriod.objects.get(name=name)
    return close_period(period.pk, version=period.version, by=user_in("Finance"), at=make.NOW)


def test_numbers_run_without_gaps_within_the_year_of_the_date():
    make.firm()
    create_fiscal_year(2027, by=None)
    days = [make.TODAY, date(2027, 1, 1), date(2026, 1, 1)]
    assert [post(day).number for day in days] == ["V-2026-000001", "V-2027-000001", "V-2026-000002"]


def test_many_vouchers_take_one_block_of_numbers_in_order_of_their_dates():
    firm = make.firm()
    days = [date(2026, 5, 1), date(2026, 2, 1), date(2026, 3, 1)]
    drafts = [
        VoucherDraft(on=day, text="t", source="s", currency=firm.currency, lines=lines()) for day in days
    ]
    made = post_vouchers(drafts, by=None)
    assert [voucher.number[-1] for voucher in made] == ["3", "1", "2"]
    assert Entry.objects.count() == 6


def test_lines_of_nothing_are_left_out():
    firm = make.firm()
    nothing = VoucherLine("ROUNDING", Decimal(0), Decimal(0))
    made = post_voucher(
        on=make.TODAY, text="t", source="s", currency=firm.currency, lines=[*lines(), nothing], by=None
    )
    assert made.entries.count() == 2


def test_a_voucher_that_does_not_balance_is_a_bug():
    firm = make.firm()
    with pytest.raises(ValueError, match="does not balance: 10 / 10"):
        post_voucher(on=make.TODAY, text="t", source="s", currency=firm.currency, lines=lines()[:1], by=None)


def test_a_closed_period_is_refused_naming_the_first_open_date():
    make.firm()
    close("2026-03"), close("2026-04")
    with pytest.raises(
        Refused, match="16 Mar 2026 lies in no open fiscal period. The first open date is 1 May 2026."
    ):
        post()


def move_by_setting() -> None:
    LedgerParameters.objects.create(closed_periods=ClosedPeriodRule.MOVE)


def test_billing_51_a_closed_period_moves_to_the_first_open_date_and_is_marked_where_the_company_says_so():
    make.firm()
    move_by_setting()
    close("2026-03"), close("2026-04")
    moved, kept = post(), post(date(2026, 5, 7))
    assert (moved.posted_on, moved.moved_from) == (date(2026, 5, 1), make.TODAY)
    assert (kept.posted_on, kept.moved_from) == (date(2026, 5, 7), None)


def test_a_moved_voucher_is_numbered_in_the_year_it_moved_to():
    make.firm()
    move_by_setting()
    create_fiscal_year(2027, by=None)
    close("2026-12")
    assert [post(date(2026, 11, 3)).number, post(date(2026, 12, 31)).number] == [
        "V-2026-000001",
        "V-2027-000001",
    ]


def test_where_no_later_period_is_open_the_move_is_refused_too():
    make.firm()
    move_by_setting()
    close("2026-12")
    with pytest.raises(Refused, match="none after it is open"):
        post(date(2026, 12, 31))


def test_a_poster_may_move_whatever_the_setting():
    firm = make.firm()
    close("2026-03")
    draft = VoucherDraft(
        on=make.TODAY, text="t", source="s", currency=firm.currency, lines=lines(), moves=True
    )
    (made,) = post_vouchers([draft], by=None)
    assert (made.posted_on, made.moved_from) == (date(2026, 4, 1), make.TODAY)


@pytest.mark.parametrize("name", ["ledgerparameters_is_one", "ledgerparameters_rule_known"])
def test_the_database_keeps_the_parameters_one_and_known(name):
    wrong = {"only": False} if name.endswith("one") else {"closed_periods": "GUESS"}
    with pytest.raises(IntegrityError, match=name):
        LedgerParameters.objects.create(**wrong)


def test_a_date_after_every_period_is_refused_saying_so():
    make.firm()
    with pytest.raises(Refused, match="none after it is open"):
        post(date(2030, 1, 1))


def test_first_open_day():
    make.firm()
    close("2026-03")
    assert first_open_day(date(2026, 3, 31)) == date(2026, 4, 1)
    assert first_open_day(date(2026, 4, 7)) == date(2026, 4, 7)
    assert first_open_day(date(2025, 4, 7)) == date(2026, 1, 1)
    assert first_open_day(date(2028, 1, 1)) is None


def test_closing_and_opening_leave_events_and_ask_for_the_version():
    make.firm()
    period = close("2026-03")
    cleo = user_in("Finance")
    assert (period.closed_by, period.version) == (cleo, 2)
    with pytest.raises(Refused, match="is closed already"):
        close_period(period.pk, version=2, by=cleo, at=make.NOW)
    with pytest.raises(Stale):
        open_period(period.pk, version=1, by=cleo, at=make.NOW)
    open_period(period.pk, version=2, by=cleo, at=make.NOW)
    with pytest.raises(Refused, match="is open already"):
        open_period(period.pk, version=3, by=cleo, at=make.NOW)
    subject = f"fiscalperiod:{period.pk}"
    actions = Event.objects.filter(subject=subject).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["period_closed", "period_opened"]
    assert post().number


def test_a_fiscal_year_has_twelve_months_and_is_made_once():
    made = create_fiscal_year(2028, by=None)
    assert [p.name for p in made] == [f"2028-{month:02}" for month in range(1, 13)]
    assert made[1].during.upper == date(2028, 3, 1)
    with pytest.raises(Refused, match="exist already"):
        create_fiscal_year(2028, by=None)


def test_a_fiscal_year_is_filled_up_around_the_months_it_has():
    create_fiscal_year(2028, by=None)
    FiscalPeriod.objects.exclude(name="2028-05").delete()
    assert len(create_fiscal_year(2028, by=None)) == 11


def test_a_fiscal_year_far_away_is_invalid():
    with pytest.raises(Invalid):
        create_fiscal_year(26, by=None)


def test_the_posting_profile_of_the_category_goes_before_the_general_one():
    make.firm()
    special = Account.objects.create(code="9999", description="Special", kind="EXPENSE")
    PostingProfile.objects.create(purpose="HOUR_COST", category_code="TRAVEL", account=special)
    assert account_for("HOUR_COST", "TRAVEL") == special
    assert account_for("HOUR_COST", "LABOUR") == account_for("HOUR_COST")


def test_a_missing_account_is_refused_naming_the_purpose():
    with pytest.raises(Refused, match="names no account for “Cost of hours”"):
        account_for("HOUR_COST")


def groups() -> tuple[CustomerTaxGroup, ItemTaxGroup]:
    make.firm()
    return CustomerTaxGroup.objects.get(code="DOMESTIC"), ItemTaxGroup.objects.get(code="FULL")


def test_the_tax_is_the_matrix_cell_and_rate_of_that_day_with_its_reason():
    customers, items = groups()
    code = TaxCode.objects.get(code="V19")
    TaxRate.objects.create(code=code, valid_from=date(2026, 7, 1), percent=Decimal(16))
    before, after = tax_for(customers, items, date(2026, 6, 30)), tax_for(customers, items, date(2026, 7, 1))
    assert (before.percent, after.percent) == (19, 16)
    assert before.reason == "Domestic × Full: VAT 19 %, 19 % on 30 Jun 2026"


def test_a_later_rule_of_the_cell_changes_the_code_from_its_day_on():
    customers, items = groups()
    exempt = TaxCode.objects.create(code="EX", description="Exempt", treatment="E")
    TaxRule.objects.create(
        customer_group=customers, item_group=items, valid_from=date(2026, 7, 1), code=exempt
    )
    assert tax_for(customers, items, date(2026, 7, 1)).percent == 0
    assert tax_for(customers, items, date(2026, 6, 30)).percent == 19


def test_BR_AE_05_only_what_is_taxed_charges_whatever_rate_stands_beside_it():
    customers, items = groups()
    code = TaxCode.objects.get(code="V19")
    for treatment in ("AE", "E", "G", "Z"):
        TaxCode.objects.filter(pk=code.pk).update(treatment=treatment)
        assert tax_for(customers, items, make.TODAY).percent == 0
    TaxCode.objects.filter(pk=code.pk).update(treatment="S")
    assert tax_for(customers, items, make.TODAY).percent == 19


def test_a_missing_cell_or_rate_is_refused_by_name():
    customers, items = groups()
    with pytest.raises(Refused, match="no cell for customers “Domestic” and items “Full”"):
        tax_for(customers, items, date(2019, 12, 31))
    TaxRate.objects.filter(code__code="V19").delete()
    with pytest.raises(Refused, match="V19 has no rate"):
        tax_for(customers, items, make.TODAY)


def test_the_trial_balance_opens_turns_and_closes():
    post(date(2026, 1, 10), "100"), post(date(2026, 3, 1), "30"), post(date(2026, 4, 1), "7")
    bank, receivable = trial_balance(date(2026, 2, 1), date(2026, 3, 31))
    if bank.account.description != "Bank":
        bank, receivable = receivable, bank
    assert (bank.opening, bank.debit, bank.credit, bank.closing) == (100, 30, 0, 130)
    assert (receivable.opening, receivable.debit, receivable.credit, receivable.closing) == (
        -100,
        0,
        30,
        -130,
    )
    assert balance_of(bank.account) == 137
    assert balance_of(bank.account, until=date(2026, 1, 31)) == 100
