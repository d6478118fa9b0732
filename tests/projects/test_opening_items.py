"""What customers owed before the ledger began: typed or uploaded, posted document by document (issue 3, part 6)."""

from copy import copy
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER
from servicemgmt.ledger.models import PostingProfile, Voucher
from servicemgmt.ledger.operations import OpeningLine, post_opening
from servicemgmt.masterdata.models import ExchangeRate
from servicemgmt.projects.models import CustomerItem, ReminderLevel
from servicemgmt.projects.operations import OpeningItem, post_opening_items, settle
from servicemgmt.projects.receivables.queries import aged_totals, statement
from servicemgmt.projects.receivables.reminding import due_reminders
from tests import make_money as make
from tests.cast import user_in
from tests.projects.test_payments import LATER, check_open_is_the_receivable, held, in_sql, pay

pytestmark = pytest.mark.django_db
FIRST = date(2026, 1, 1)


def old(
    label: str = "R-1", amount: str = "119.00", *, customer=None, code: str = "EUR", **more
) -> OpeningItem:
    values = {"dated": date(2025, 11, 20), "due_on": date(2025, 12, 4)} | more
    return OpeningItem(
        customer=customer or make.customer(),
        label=label,
        currency=make.money(code),
        amount=Decimal(amount),
        **values,
    )


def test_what_was_open_is_owed_aged_paid_and_stated():
    smith = make.customer("Smith", currency="USD")
    items = [old(), old("G-1", "-19"), old("R-2", "100", customer=smith, code="USD"),
             old("R-3", "100", customer=smith, code="USD", company_amount=Decimal("91.23"))]  # fmt: skip
    owed, credit, _at_rate, as_booked = post_opening_items(items, on=FIRST, by=None)
    assert as_booked.exchange_rate == Decimal("0.9123") and as_booked.company_open == Decimal("91.23")
    assert held("RECEIVABLE") == Decimal("271.23") == -held("OPENING_ITEMS") == aged_totals(FIRST)["total"]
    assert not aged_totals(date(2025, 12, 31))["total"]
    assert Voucher.objects.count() == 2 and Event.objects.filter(action="opened").count() == 4
    check_open_is_the_receivable()
    settle(owed.pk, credit.pk, amount=Decimal(19), on=FIRST, by=None)
    pay("60", settle={owed.pk: Decimal(60)})
    owed.refresh_from_db()
    assert owed.open == 40
    check_open_is_the_receivable()
    (account,) = statement(owed.customer, FIRST, LATER)
    assert (account.closing, account.overdue) == (40, 40)
    assert {item.document_on for item, _balance in account.lines} == {date(2025, 11, 20), LATER}


def test_an_opening_item_is_reminded(reminder_level):
    (item,) = post_opening_items([old()], on=FIRST, by=None)
    (letter,) = due_reminders(make.TODAY)
    assert [line.item for line in letter.lines] == [item]


@pytest.fixture
def reminder_level():
    make.firm()
    return ReminderLevel.objects.create(level=1, code="1", description="Reminder", days=3, text="Pay")


@pytest.mark.parametrize(
    ("items", "error", "sentence"),
    [
        ([], Refused, "Enter a document"),
        ([{}, {}], Invalid, "named twice"),
        ([{"label": "OLD"}], Refused, "an opening item already"),
        ([{"label": "x" * 25}], Invalid, "up to 24 characters"),
        ([{"amount": "1.001"}], Invalid, "no amount in EUR"),
        ([{"amount": "0"}], Invalid, "no amount in EUR"),
        ([{"dated": date(2026, 1, 2), "due_on": LATER}], Invalid, "dated after the opening"),
        ([{"due_on": date(2025, 11, 19)}], Invalid, "due before its date"),
        ([{"company_amount": Decimal(120)}], Invalid, "do not fit together"),
        ([{"code": "USD", "company_amount": Decimal(-1)}], Invalid, "do not fit together"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(items, error, sentence):
    post_opening_items([old("OLD")], on=FIRST, by=None)
    with pytest.raises(error, match=sentence):
        post_opening_items([old(**item) for item in items], on=FIRST, by=None)
    assert CustomerItem.objects.count() == 1


def test_a_closed_period_and_a_missing_account_are_refused():
    with pytest.raises(Refused, match="no open fiscal period"):
        post_opening_items([old()], on=date(2025, 12, 31), by=None)
    PostingProfile.objects.filter(purpose="OPENING_ITEMS").delete()
    with pytest.raises(Refused, match="Opening items of customers"):
        post_opening_items([old()], on=FIRST, by=None)


def test_opening_balances_refuse_the_account_of_customers():
    make.firm()
    accounts = {row.purpose: row.account for row in PostingProfile.objects.select_related("account")}
    lines = [
        OpeningLine(accounts["RECEIVABLE"], debit=Decimal(1)),
        OpeningLine(accounts["BANK"], credit=Decimal(1)),
    ]
    with pytest.raises(Refused, match="document by document, under Open items, Opening items"):
        post_opening(lines, on=FIRST, text="", by=None)


@pytest.mark.parametrize("column", ["voucher_id = NULL", "dated = NULL", "amount = 1"])
def test_the_database_keeps_it_frozen(column):
    post_opening_items([old()], on=FIRST, by=None)
    with pytest.raises(Exception, match="projects_customeritem is frozen"):
        in_sql(f"UPDATE projects_customeritem SET {column}")


@pytest.fixture
def cleo(client):
    make.firm()
    client.force_login(user_in(FINANCE))
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def typed(**line: str) -> dict[str, str]:
    data = {"on": "2026-01-01", "line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "0"}
    return data | {f"line-0-{name}": value for name, value in line.items()}


GOOD = {"document": "R-1", "date": "2025-11-20", "due": "2025-12-04", "amount": "119"}


def test_what_was_typed_is_posted_listed_and_shown(cleo):
    data = typed(customer=make.customer().number.lower(), **GOOD)
    assert "In order" in text_of(cleo.post(reverse("projects:opening_items_check"), data))
    assert not CustomerItem.objects.exists()
    answer = cleo.post(reverse("projects:opening_items_new"), data)
    assert answer["Location"] == reverse("projects:opening_items")
    item = CustomerItem.objects.get()
    for name in ("opening_items", "open_items"):
        assert reverse("projects:open_item", args=[item.pk]) in text_of(cleo.get(reverse(f"projects:{name}")))
    assert b"R-1" in b"".join(cleo.get(reverse("projects:opening_items"), {"format": "csv"}))
    assert "119.00 EUR" in text_of(cleo.get(reverse("projects:open_item", args=[item.pk])))
    again = cleo.post(reverse("projects:opening_items_new"), data)
    assert again.status_code == 409 and "is an opening item already" in text_of(again)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"customer": "4711"}, "Line 1: There is no customer 4711."),
        ({"customer": "47\x0011"}, "Line 1: Null characters are not allowed."),
        ({"currency": "XXX"}, "Line 1: There is no currency XXX."),
        ({"due": ""}, "Line 1: Due is missing."),
        ({"amount": "much"}, "Line 1: Enter a number."),
    ],
)
def test_what_was_typed_wrong_is_said_line_by_line(cleo, line, sentence):
    data = typed(**({"customer": make.customer().number} | GOOD | line))
    for name in ("new", "check"):
        answer = cleo.post(reverse(f"projects:opening_items_{name}"), data)
        assert answer.status_code == 422 and sentence in text_of(answer)


def test_a_file_is_checked_shown_and_not_posted(cleo):
    line = f"{make.customer().number};R-1;2025-11-20;2025-12-04;119.50"
    for head, status, sentence in (
        ("Customer;Document;Date;Due;Amount", 200, "119.50 EUR"),
        ("Customer;Document;Date;Due;Sum", 422, "amount is missing"),
    ):
        file = SimpleUploadedFile("items.csv", f"{head}\n{line}\n".encode())
        answer = cleo.post(reverse("projects:opening_items_check"), typed() | {"file": file})
        assert answer.status_code == status and sentence in text_of(answer)
    data = typed(**({"customer": make.customer().number} | GOOD | {"currency": make.money("JPY").code}))
    ExchangeRate.objects.all().delete()
    unknown = cleo.post(reverse("projects:opening_items_check"), data)
    assert "There is no exchange rate for JPY" in text_of(unknown)
    assert not CustomerItem.objects.exists()


def test_C_12_finance_enters_managers_look_others_neither(client):
    (item,) = post_opening_items([old()], on=FIRST, by=None)
    for role, reads, writes in ((MANAGER, 200, 403), (DISPATCHER, 403, 403)):
        client.force_login(user_in(role))
        assert client.get(reverse("projects:opening_items")).status_code == reads
        assert client.get(reverse("projects:open_item", args=[item.pk])).status_code == reads
        assert client.get(reverse("projects:opening_items_new")).status_code == writes
        assert client.post(reverse("projects:opening_items_check")).status_code == writes


@pytest.mark.parametrize(
    ("values", "times", "constraint"),
    [
        ({"voucher": None}, 1, "customeritem_of_one_document"),
        ({"kind": "FEE"}, 2, "customeritem_one_fee_per_reminder"),
    ],
)
def test_the_database_keeps_an_item_of_one_document(values, times, constraint):
    (item,) = post_opening_items([old()], on=FIRST, by=None)
    for name, value in values.items():
        setattr(item, name, value)
    rows = [copy(item) for _time in range(times)]
    for row in rows:
        row.pk = None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CustomerItem.objects.bulk_create(rows)
