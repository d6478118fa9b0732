"""The trial balance and the statement of an account: every figure opens down to its vouchers (issue 3, part 6)."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from servicemgmt.core.roles import DISPATCHER, FINANCE
from servicemgmt.ledger.balances import Mark, statement, totals_of, trial_balance
from servicemgmt.ledger.models import Account, Voucher
from servicemgmt.ledger.operations import VoucherLine, post_voucher
from servicemgmt.ledger.views import statements
from tests import make_money as make
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db
YEAR = {"start": "2026-01-01", "end": "2026-12-31"}


@pytest.fixture
def cleo(client):
    make.firm()
    client.force_login(user_in(FINANCE))
    return client


def paid(on: date, amount: str, text: str = "Payment") -> Voucher:
    value = Decimal(amount)
    huber = make.customer()
    lines = [
        VoucherLine("BANK", value, value),
        VoucherLine("RECEIVABLE", -value, -value, customer_id=huber.pk),
    ]
    return post_voucher(on=on, text=text, source="test", currency=make.firm().currency, lines=lines, by=None)


@pytest.fixture
def bank(cleo) -> Account:
    for day, amount in ((10, "100"), (20, "30.50")):
        paid(date(2026, 1, day), amount)
    paid(date(2026, 3, 5), "-20")
    paid(date(2026, 3, 1), "7.25")
    paid(date(2026, 4, 1), "1")
    return Account.objects.get(description="Bank")


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_a_statement_opens_runs_and_closes(bank):
    shown = statement(bank, date(2026, 3, 1), date(2026, 3, 31), after=None, size=9)
    assert (shown.opening, shown.closing) == (Decimal("130.50"), Decimal("117.75"))
    assert [row.balance for row in shown.rows] == [Decimal("137.75"), Decimal("117.75")]
    assert (shown.debit, shown.credit, shown.following) == (Decimal("7.25"), 20, None)


def test_the_balance_runs_on_over_the_pages(bank):
    after, balances = None, []
    while True:
        shown = statement(bank, date(2026, 1, 11), date(2026, 12, 31), after=after, size=2)
        assert (shown.opening, shown.closing) == (100, Decimal("118.75"))
        assert shown.carried == (balances[-1] if balances else 100)
        balances += [row.balance for row in shown.rows]
        after = shown.following
        if after is None:
            break
    assert balances == [Decimal(text) for text in ("130.5", "137.75", "117.75", "118.75")]
    assert Mark.parse(str(Mark(date(2026, 3, 1), 7))) == Mark(date(2026, 3, 1), 7)


@pytest.mark.parametrize("text", ["", "x", "2026-03-01", "2026-02-30.7", "2026-03-01.-7", "2026-03-01.²"])
def test_a_mark_that_is_none_begins_at_the_first_page(bank, cleo, text):
    assert Mark.parse(text) is None
    answer = cleo.get(reverse("ledger:account", args=[bank.code]), YEAR | {"after": text})
    assert answer.context["is_first"]


def test_every_figure_of_the_trial_balance_opens_the_statement_of_its_range(bank, cleo):
    span = {"start": "2026-03-01", "end": "2026-03-31"}
    page = cleo.get(reverse("ledger:trial_balance"), span)
    assert page.context["is_balanced"] and "in balance" in text_of(page)
    row = next(row for row in page.context["rows"] if row.account == bank)
    url = f"{reverse('ledger:account', args=[bank.code])}?start=2026-03-01&end=2026-03-31"
    assert url.replace("&", "&amp;") in page.content.decode()
    shown = cleo.get(url).context["statement"]
    assert (row.opening, row.debit, row.credit, row.closing) == (
        shown.opening,
        shown.debit,
        shown.credit,
        shown.closing,
    )


def test_the_totals_of_the_trial_balance_are_nothing(bank):
    sums = totals_of(trial_balance(date(2026, 2, 1), date(2026, 3, 31)))
    assert (sums["opening"], sums["closing"]) == (0, 0) and sums["debit"] == sums["credit"] == Decimal(
        "27.25"
    )


def test_a_posting_shows_voucher_text_customer_and_document_and_both_are_opened(cleo):
    voucher = make.invoiced(make.draft(make.project())).voucher
    entry = voucher.entries.filter(customer__isnull=False).first()
    text = text_of(cleo.get(reverse("ledger:account", args=[entry.account.code]), YEAR))
    for expected in (f"/vouchers/{voucher.number}/", "/audit/open/invoice:", "Huber", "INV-2026-000001"):
        assert expected in text


def test_the_pages_of_a_statement_follow_each_other(bank, cleo, monkeypatch):
    monkeypatch.setattr(statements, "PAGE", 2)
    first = cleo.get(reverse("ledger:account", args=[bank.code]), YEAR)
    assert "Opening balance" in text_of(first) and first.context["first_url"] == ""
    second = cleo.get(reverse("ledger:account", args=[bank.code]) + first.context["next_url"])
    assert "Carried forward" in text_of(second)
    assert second.context["statement"].carried == Decimal("130.50")


def test_the_file_holds_opening_every_posting_and_closing(bank, cleo):
    url = reverse("ledger:account", args=[bank.code])
    answer = cleo.get(url, {"start": "2026-01-11", "end": "2026-12-31", "format": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 1 + 4 + 1
    assert "Opening balance" in lines[1] and "100" in lines[1]
    assert "Closing balance" in lines[-1] and "118.75" in lines[-1]
    workbook = cleo.get(url, YEAR | {"format": "xlsx"})
    assert workbook.status_code == 200 and b"".join(workbook)


def test_a_statement_of_nothing_says_so_and_a_wrong_range_is_422(cleo):
    code = Account.objects.get(description="Bank").code
    assert "Nothing is posted on this account" in text_of(
        cleo.get(reverse("ledger:account", args=[code]), YEAR)
    )
    wrong = cleo.get(reverse("ledger:account", args=[code]), {"start": "2026-02-01", "end": "2026-01-01"})
    assert wrong.status_code == 422
    assert cleo.get(reverse("ledger:account", args=["none"])).status_code == 404
    assert cleo.post(reverse("ledger:account", args=[code])).status_code == 405


def test_C_12_the_statement_is_for_finance(client):
    make.firm()
    code = Account.objects.get(description="Bank").code
    for user in (user_in(DISPATCHER), stranger()):
        client.force_login(user)
        assert client.get(reverse("ledger:account", args=[code])).status_code == 403


def test_a_statement_takes_few_queries_however_long(bank, django_assert_num_queries):
    with django_assert_num_queries(4):
        statement(bank, date(2026, 1, 1), date(2026, 12, 31), after=None, size=50)
