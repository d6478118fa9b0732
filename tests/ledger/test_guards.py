"""The ledger's rules are kept by the database: each is tried with raw SQL and refused by its name."""

from datetime import date
from decimal import Decimal
from itertools import cycle

import pytest
from django.db import DatabaseError, connection, transaction

from servicemgmt.core.errors import Refused, constraint_of
from servicemgmt.core.operations.masters import save_master
from servicemgmt.core.setup import SETUPS
from servicemgmt.ledger.models import Account, Entry, FiscalPeriod, Voucher
from servicemgmt.ledger.operations import VoucherLine, close_period, post_voucher
from tests import make_money as make
from tests.cast import user_in

pytestmark = pytest.mark.django_db(transaction=True)


def voucher(on: date = make.TODAY) -> Voucher:
    firm = make.firm()
    lines = [
        VoucherLine("BANK", Decimal(10), Decimal(10)),
        VoucherLine("RECEIVABLE", Decimal(-10), Decimal(-10)),
    ]
    return post_voucher(on=on, text="Payment", source="test", currency=firm.currency, lines=lines, by=None)


def run(*statements: str) -> str:
    """The name of the constraint that refuses these statements in one transaction; '' where none does."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        return constraint_of(error)
    return ""


def insert_voucher(on: date = make.TODAY, number: str = "X-1") -> str:
    currency = make.firm().currency_id
    return (
        "INSERT INTO ledger_voucher (id, number, posted_on, text, source, subject, subject_label, currency_id)"
        f" VALUES (900, '{number}', '{on}', 't', 's', '', '', {currency})"
    )


def insert_entries(*amounts: tuple[str, str], vouchers: tuple[int, ...] = (900,)) -> str:
    """One statement for entries of these amounts, in the currencies of voucher and company; the vouchers take turns."""
    account = Account.objects.values_list("pk", flat=True).first()
    rows = [
        f"({voucher_id}, {account}, {amount}, {company}, '', '')"
        for (amount, company), voucher_id in zip(amounts, cycle(vouchers), strict=False)
    ]
    return (
        "INSERT INTO ledger_entry (voucher_id, account_id, amount, company_amount, text, subject)"
        f" VALUES {', '.join(rows)}"
    )


#: A pair of entries that balances.
PAIR = [("5", "5"), ("-5", "-5")]


def test_a_balanced_voucher_is_accepted():
    assert run(insert_voucher(), insert_entries(*PAIR)) == ""


@pytest.mark.parametrize("second", [("-4", "-5"), ("-5", "-4"), ("-4.9999", "-4.9999")])
def test_voucher_balances(second):
    assert run(insert_voucher(), insert_entries(PAIR[0], second)) == "voucher_balances"
    assert not Voucher.objects.exists()


@pytest.mark.parametrize("checked", ["SET CONSTRAINTS ALL IMMEDIATE", "SELECT 1"])
@pytest.mark.parametrize("first", [[], PAIR])
def test_a_voucher_takes_nothing_unbalanced_however_it_was_checked_before(checked, first):
    begun = [insert_voucher(), *([insert_entries(*first)] if first else []), checked]
    late = insert_entries(("100", "100"))
    assert run(*begun, "SET CONSTRAINTS ALL DEFERRED", late) == "voucher_balances"
    assert not Voucher.objects.exists()


def test_two_vouchers_in_one_statement_do_not_balance_each_other():
    other = insert_voucher(number="X-2").replace("900", "901")
    assert run(insert_voucher(), other, insert_entries(*PAIR, vouchers=(900, 901))) == "voucher_balances"


def test_voucher_is_complete_when_it_was_committed():
    made = voucher()
    assert run(insert_entries(*PAIR, vouchers=(made.pk,))) == "voucher_is_complete"


def test_an_entry_cannot_wait_for_a_voucher_to_come():
    make.firm()
    assert run(insert_entries(*PAIR)) == "voucher_is_complete"


@pytest.mark.parametrize("table", ["voucher", "entry"])
@pytest.mark.parametrize("statement", ["UPDATE ledger_{} SET text = 'x'", "DELETE FROM ledger_{}"])
def test_vouchers_and_entries_are_frozen(table, statement):
    voucher()
    assert run(statement.format(table)) == f"{table}_frozen"


def test_voucher_needs_open_period_a_closed_one_will_not_do():
    make.firm()
    FiscalPeriod.objects.filter(name="2026-03").update(closed_at=make.NOW, closed_by=user_in("Finance"))
    assert run(insert_voucher(), insert_entries(*PAIR)) == "voucher_needs_open_period"


def test_voucher_needs_open_period_a_missing_one_will_not_do():
    make.firm()
    assert run(insert_voucher(on=date(2031, 1, 1))) == "voucher_needs_open_period"


def test_the_company_keeps_its_currency_once_something_is_posted():
    firm, other = make.firm(), make.money("USD")
    change = f"UPDATE masterdata_company SET currency_id = {other.pk}"
    assert run(change, "SELECT 1 / 0") == ""
    voucher()
    assert run(change) == "company_currency_stays_once_posted"
    with pytest.raises(Refused, match="keeps its currency"):
        save_master(SETUPS["company"], firm.pk, values={"currency": other}, by=None, version=None)


def test_voucher_numbers_are_unique():
    made = voucher()
    assert run(insert_voucher(number=made.number)) == "ledger_voucher_number_key"


def test_fiscalperiod_does_not_overlap():
    make.firm()
    assert run(
        "INSERT INTO ledger_fiscalperiod (name, during, version) VALUES ('x', '[2026-03-10,2026-03-12)', 1)"
    ) == ("fiscalperiod_does_not_overlap")


@pytest.mark.parametrize("during", ["[2031-01-01,)", "(,1901-01-01)", "empty"])
def test_fiscalperiod_has_both_ends(during):
    make.firm()
    assert run(f"INSERT INTO ledger_fiscalperiod (name, during, version) VALUES ('x', '{during}', 1)") == (
        "fiscalperiod_has_both_ends"
    )


def test_fiscalperiod_closed_by_someone():
    make.firm()
    assert run("UPDATE ledger_fiscalperiod SET closed_at = now()") == "fiscalperiod_closed_by_someone"


def test_a_period_cannot_be_shrunk_under_a_voucher_unseen_by_later_ones():
    voucher()
    period = FiscalPeriod.objects.get(name="2026-03")
    close_period(period.pk, version=period.version, by=user_in("Finance"), at=make.NOW)
    assert Entry.objects.count() == 2


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE ledger_account SET kind = 'WHAT'", "account_kind_known"),
        ("UPDATE ledger_postingprofile SET purpose = 'WHAT'", "postingprofile_purpose_known"),
        ("UPDATE ledger_postingprofile SET purpose = 'TAX'", "postingprofile_once"),
        ("UPDATE ledger_taxcode SET treatment = 'X'", "taxcode_treatment_known"),
        ("UPDATE ledger_taxrate SET percent = 101", "taxrate_between_nothing_and_all"),
        ("UPDATE ledger_taxcode SET treatment = 'AE' WHERE code = 'V19'", "taxrate_only_where_taxed"),
        (
            "INSERT INTO ledger_taxrate (code_id, valid_from, percent, version)"
            " SELECT id, '2026-01-01', 19, 1 FROM ledger_taxcode WHERE code = 'RC'",
            "taxrate_only_where_taxed",
        ),
        (
            "INSERT INTO ledger_taxrate (code_id, valid_from, percent, version)"
            " SELECT code_id, valid_from, 1, 1 FROM ledger_taxrate",
            "taxrate_once_per_day",
        ),
        (
            "INSERT INTO ledger_taxrule (customer_group_id, item_group_id, valid_from, code_id, version)"
            " SELECT customer_group_id, item_group_id, valid_from, code_id, 1 FROM ledger_taxrule",
            "taxrule_once_per_cell_and_day",
        ),
    ],
)
def test_constraints_of_the_masters(statement, constraint):
    make.firm()
    assert run(statement) == constraint
