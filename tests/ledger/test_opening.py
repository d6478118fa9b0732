"""Opening balances: entered or uploaded, checked, posted as one voucher a year, reversed (issue 3, part 6)."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError
from django.urls import reverse
from openpyxl import Workbook

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER
from servicemgmt.ledger.balances import balance_of
from servicemgmt.ledger.models import Account, OpeningBalance, PostingProfile, Voucher
from servicemgmt.ledger.operations import OpeningLine, post_opening, reverse_opening
from servicemgmt.ledger.operations.opening import KEPT
from tests import make_money as make
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 1)


@pytest.fixture
def cleo(client):
    make.firm()
    client.force_login(user_in(FINANCE))
    return client


def account(name: str) -> Account:
    return Account.objects.get(description=name)


def balanced(amount: str = "100") -> list[OpeningLine]:
    value = Decimal(amount)
    return [OpeningLine(account("Bank"), debit=value), OpeningLine(account("Rounding"), credit=value)]


def opened(amount: str = "100") -> OpeningBalance:
    make.firm()
    return post_opening(balanced(amount), on=FIRST, text="", by=user_in(FINANCE))


def typed(*rows: tuple[str, str, str]) -> dict[str, str]:
    data = {"on": "2026-01-01", "text": "", "line-TOTAL_FORMS": str(len(rows)), "line-INITIAL_FORMS": "0"}
    for number, (code, debit, credit) in enumerate(rows):
        data |= {
            f"line-{number}-{name}": value
            for name, value in zip(("account", "debit", "credit"), (code, debit, credit), strict=True)
        }
    return data


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_one_balanced_voucher_opens_the_year():
    made = opened("250.50")
    assert (made.year, made.voucher.posted_on, made.voucher.source) == (2026, FIRST, "opening")
    assert balance_of(account("Bank")) == Decimal("250.50") == -balance_of(account("Rounding"))
    event = Event.objects.get(action="opening_posted")
    assert event.subject == f"openingbalance:{made.pk}"


@pytest.mark.parametrize(
    ("lines", "error", "sentence"),
    [
        (
            [("Bank", 100, 0), ("Rounding", 0, 99)],
            Refused,
            "does not balance: 1.00 EUR more debit than credit",
        ),
        ([("Bank", 100, 0), ("Rounding", 0, 101)], Refused, "1.00 EUR more credit than debit"),
        ([], Refused, "Enter what at least two accounts open with"),
        ([("Bank", "1.001", 0), ("Rounding", 0, "1.001")], Invalid, "is no amount in EUR"),
        ([("Bank", -1, 0), ("Rounding", 0, -1)], Invalid, "a debit or a credit, above zero"),
        ([("Bank", 1, 1)], Refused, "at least two accounts"),
    ],
)
def test_what_is_out_of_balance_or_no_amount_is_refused(lines, error, sentence):
    make.firm()
    rows = [OpeningLine(account(name), Decimal(debit), Decimal(credit)) for name, debit, credit in lines]
    with pytest.raises(error, match=sentence.replace(" ", ".")):
        post_opening(rows, on=FIRST, text="", by=None)
    assert not Voucher.objects.exists()


def test_accounts_that_sub_ledgers_keep_have_no_opening():
    make.firm()
    for purpose, why in KEPT.items():
        kept = PostingProfile.objects.get(purpose=purpose).account
        lines = [OpeningLine(kept, debit=Decimal(1)), OpeningLine(account("Rounding"), credit=Decimal(1))]
        with pytest.raises(Refused, match=f"{kept}: {why[0]}"):
            post_opening(lines, on=FIRST, text="", by=None)


def test_a_year_is_opened_once_unless_reversed():
    opened()
    with pytest.raises(Refused, match="2026 has opening balances already"):
        opened("7")


def test_after_the_reversal_another_can_be_posted():
    first = opened()
    reverse_opening(first.pk, by=user_in(FINANCE))
    first.refresh_from_db()
    assert first.reversal.reverses == first.voucher and balance_of(account("Bank")) == 0
    opened("7")
    assert balance_of(account("Bank")) == 7
    with pytest.raises(Refused, match="reversed already"):
        reverse_opening(first.pk, by=user_in(FINANCE))


def test_the_database_keeps_it_frozen():
    made = opened()
    with pytest.raises(DatabaseError, match="ledger_openingbalance is frozen"):
        OpeningBalance.objects.filter(pk=made.pk).update(year=2027)


def test_the_database_keeps_it_once():
    opened()
    later = Voucher.objects.create(number="x", posted_on=FIRST, currency=make.money("EUR"))
    with pytest.raises(IntegrityError, match="openingbalance_once_per_year"):
        OpeningBalance.objects.create(year=2026, voucher=later)


def test_what_was_typed_is_posted(cleo):
    bank, other = account("Bank").code, account("Rounding").code
    answer = cleo.post(
        reverse("ledger:opening_new"), typed((bank, "1000", ""), (other, "", "1000.00"), ("", "", ""))
    )
    made = OpeningBalance.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/{made.voucher.number}/")
    text = text_of(cleo.get(reverse("ledger:openings")))
    assert made.voucher.number in text
    assert text_of(cleo.get(reverse("ledger:voucher", args=[made.voucher.number]))).count("1,000.00") >= 2
    again = cleo.post(reverse("ledger:opening_new"), typed((bank, "1", ""), (other, "", "1")))
    assert again.status_code == 409 and "has opening balances already" in text_of(again)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("9999999", "1", ""), "Line 1: There is no account 9999999."),
        (("", "1", ""), "Line 1: Say which account this is for."),
        (("BANK", "1", "1"), "Enter a debit or a credit, not both."),
        (("BANK", "-1", ""), "Enter an amount above zero."),
        (("BANK", "much", ""), "Enter a number."),
    ],
)
def test_what_was_typed_wrong_is_said_line_by_line(cleo, row, sentence):
    code = account("Bank").code if row[0] == "BANK" else row[0]
    answer = cleo.post(reverse("ledger:opening_new"), typed((code, *row[1:])))
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert not OpeningBalance.objects.exists()


def upload(cleo, content: bytes, name: str = "opening.csv"):
    data = typed() | {"file": SimpleUploadedFile(name, content)}
    return cleo.post(reverse("ledger:opening_check"), data)


def test_a_file_is_checked_shown_and_not_posted(cleo):
    bank, other = account("Bank").code, account("Rounding").code
    content = f"Account;Debit;Credit;Text\n{bank};1200.50;;Bank\n{other};;1200.50;\n".encode()
    answer = upload(cleo, content)
    text = text_of(answer)
    assert answer.status_code == 200 and "In order. Nothing is posted yet." in text and "1,200.50" in text
    assert f'value="{bank}"' in text and not Voucher.objects.exists()


def test_the_errors_of_a_file_are_listed_with_their_lines(cleo):
    bank = account("Bank").code
    content = f"account,debit,credit\n{bank},x,\n4711,1,\n".encode()
    text = text_of(upload(cleo, content))
    assert "Line 1: Enter a number." in text and "Line 2: There is no account 4711." in text
    off = upload(cleo, f"account,debit,credit\n{bank},5,\n".encode())
    assert "does not balance: 5.00 EUR more debit than credit" in text_of(off)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty"),
        (b"account,debit\n1,2\n", "credit is missing"),
        (b"account,debit,credit\n", "no lines below its head"),
        (b"account,debit,credit\n" + b"1,1,\n" * 501, "more than 500 lines"),
        (b"\xff\xfe", "not UTF-8"),
        (b"PK no book", "not a readable Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(cleo, content, sentence):
    answer = upload(cleo, content)
    assert answer.status_code == 422 and sentence in text_of(answer)


def test_a_workbook_is_read_too(cleo):
    book = Workbook()
    for row in (
        ("Account", "Debit", "Credit"),
        (account("Bank").code, 3.5, None),
        (account("Rounding").code, None, 3.5),
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert "In order" in text_of(upload(cleo, file.getvalue(), "opening.xlsx"))


def test_the_opening_is_reversed_on_its_page(cleo):
    made = opened()
    url = reverse("ledger:opening_reverse", args=[made.pk])
    assert cleo.get(url).status_code == 405
    assert cleo.post(url).status_code == 302
    assert Event.objects.filter(action="opening_reversed").exists()
    assert "reversed already" in text_of(cleo.post(url, follow=True))
    assert cleo.post(reverse("ledger:opening_reverse", args=[0])).status_code == 404


def test_no_year_opened_yet_says_so(cleo):
    assert "No year was opened here" in text_of(cleo.get(reverse("ledger:openings")))
    assert cleo.get(reverse("ledger:opening_new"), {"rows": "60"}).content.count(b"-debit") >= 60


def test_C_12_finance_opens_managers_look_others_neither(client):
    make.firm()
    for user, reads, writes in (
        (user_in(MANAGER), 200, 403),
        (user_in(DISPATCHER), 403, 403),
        (stranger(), 403, 403),
    ):
        client.force_login(user)
        assert client.get(reverse("ledger:openings")).status_code == reads
        assert client.get(reverse("ledger:opening_new")).status_code == writes
        assert client.post(reverse("ledger:opening_check")).status_code == writes
        assert client.post(reverse("ledger:opening_reverse", args=[1])).status_code == writes
