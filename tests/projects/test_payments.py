"""Payments, settlements and what stays open."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.db.utils import DatabaseError
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Event
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.balances import balance_of
from servicemgmt.ledger.models import (
    Account,
    ClosedPeriodRule,
    Entry,
    FiscalPeriod,
    LedgerParameters,
    PostingProfile,
)
from servicemgmt.ledger.operations import close_period
from servicemgmt.ledger.queries import account_for
from servicemgmt.masterdata.models import Customer, ExchangeRate
from servicemgmt.projects.models import CustomerItem, Invoice, Payment, PaymentMethod, Settlement
from servicemgmt.projects.operations import (
    OpeningItem,
    credit_invoice,
    enter_payment,
    post_opening_items,
    reverse_payment,
    settle,
    undo_settlement,
)
from servicemgmt.projects.receivables.queries import aged_totals
from servicemgmt.projects.receivables.settling import oldest_first
from tests import make_money as make
from tests.cast import user_in
from tests.make_money import invoiced

pytestmark = pytest.mark.django_db

LATER = date(2026, 3, 30)


def method() -> PaymentMethod:
    account = PostingProfile.objects.get(purpose="BANK").account
    found, _created = PaymentMethod.objects.get_or_create(
        code="TRANSFER", defaults={"description": "Transfer", "account": account}
    )
    return found


def pay(amount: str, *, customer=None, currency="EUR", on=LATER, settle=None, **more) -> Payment:
    return enter_payment(
        customer=customer or make.customer(),
        method=method(),
        paid_on=on,
        currency=make.money(currency),
        amount=Decimal(amount),
        settle=settle,
        by=None,
        at=make.NOW,
        **more,
    )


def held(purpose: str, customer: Customer | None = None) -> Decimal:
    accounts = PostingProfile.objects.filter(purpose=purpose).values("account")
    rows = Entry.objects.filter(account__in=accounts)
    if customer:
        rows = rows.filter(customer=customer)
    return rows.aggregate(total=Sum("company_amount", default=ZERO))["total"]


def check_open_is_the_receivable() -> None:
    for customer in Customer.objects.all():
        rows = CustomerItem.objects.filter(customer=customer)
        open_amount = rows.aggregate(total=Sum("company_open", default=ZERO))["total"]
        assert open_amount == held("RECEIVABLE", customer), customer


def usd_invoice(rate_later: str) -> Invoice:
    smith = make.customer("Smith", currency="USD", tax_group="ABROAD")
    found = invoiced(make.draft(make.project(customer=smith)))
    ExchangeRate.objects.create(
        currency=make.money("USD"), valid_from=date(2026, 3, 20), rate=Decimal(rate_later)
    )
    return found


def test_an_invoice_is_open_until_it_is_paid():
    invoice = invoiced(make.draft(make.project()))
    item = invoice.item
    assert (item.open, item.company_open, item.due_on) == (Decimal("107.10"),) * 2 + (invoice.due_date,)
    payment = pay("107.10", settle={item.pk: Decimal("107.10")}, reference="INV")
    item.refresh_from_db()
    assert (item.open, payment.item.open, held("RECEIVABLE")) == (0, 0, 0)
    assert held("BANK") == Decimal("107.10")
    assert payment.number == "PAY-2026-000001" and payment.voucher.posted_on == LATER
    assert Event.objects.filter(action="settled", subject=f"invoice:{invoice.pk}").exists()
    assert Event.objects.filter(action="payment_posted", subject=f"payment:{payment.pk}").exists()


def test_a_payment_in_part_leaves_the_rest_of_both_open():
    item = invoiced(make.draft(make.project())).item
    payment = pay("200", settle={item.pk: Decimal("50")})
    item.refresh_from_db()
    assert (item.open, payment.item.open) == (Decimal("57.10"), Decimal(-150))
    check_open_is_the_receivable()
    settle(item.pk, payment.item.pk, amount=Decimal("57.10"), on=LATER, by=None)
    item.refresh_from_db()
    assert item.open == 0
    check_open_is_the_receivable()


def test_settlement_at_another_rate_posts_the_exchange_difference():
    invoice = usd_invoice("0.9")
    pay("90", customer=invoice.customer, currency="USD", settle={invoice.item.pk: Decimal(90)})
    settled = Settlement.objects.get()
    assert (settled.debit_company, settled.credit_company) == (Decimal(72), Decimal(81))
    assert settled.difference == Decimal(-9) and settled.voucher.posted_on == LATER
    assert held("EXCHANGE") == Decimal(-9) and held("RECEIVABLE") == 0
    check_open_is_the_receivable()


def test_undoing_a_settlement_reverses_its_exchange_difference():
    invoice = usd_invoice("0.7")
    pay("90", customer=invoice.customer, currency="USD", settle={invoice.item.pk: Decimal(90)})
    settled = Settlement.objects.get()
    assert held("EXCHANGE") == Decimal(9)
    with pytest.raises(Invalid, match="before the settlement"):
        undo_settlement(settled.pk, on=make.TODAY, by=None)
    undo_settlement(settled.pk, on=LATER, by=None)
    assert held("EXCHANGE") == 0
    assert CustomerItem.objects.get(invoice=invoice).open == 90
    check_open_is_the_receivable()
    with pytest.raises(Refused, match="undone already"):
        undo_settlement(settled.pk, on=LATER, by=None)


def test_a_reversed_payment_opens_what_it_settled():
    invoice = usd_invoice("0.7")
    payment = pay("90", customer=invoice.customer, currency="USD", settle={invoice.item.pk: Decimal(90)})
    back = reverse_payment(payment.pk, on=LATER, by=None, at=make.NOW, reason="Returned")
    assert back.amount == -90 and back.voucher.reverses == payment.voucher
    assert held("BANK") == held("EXCHANGE") == 0
    assert list(CustomerItem.objects.order_by("pk").values_list("open", flat=True)) == [90, 0, 0]
    check_open_is_the_receivable()
    for key in (payment.pk, back.pk):
        with pytest.raises(Refused, match="reversed already"):
            reverse_payment(key, on=LATER, by=None, at=make.NOW)
    with pytest.raises(Refused, match="stays settled"):
        undo_settlement(Settlement.objects.order_by("pk").last().pk, on=LATER, by=None)


def test_a_credit_note_settles_its_invoice_as_far_as_that_is_open():
    invoice = invoiced(make.draft(make.project()))
    pay("100", settle={invoice.item.pk: Decimal(100)})
    note = credit_invoice(invoice.pk, on=LATER, by=None, at=make.NOW)
    assert CustomerItem.objects.get(invoice=invoice).open == 0
    assert CustomerItem.objects.get(invoice=note).open == -100
    check_open_is_the_receivable()


def test_a_payment_is_proposed_oldest_first_and_the_rest_stays_on_account():
    project = make.project()
    late = invoiced(make.draft(project), invoice_date=date(2026, 3, 18)).item
    early = invoiced(make.draft(project), invoice_date=date(2026, 3, 16)).item
    assert oldest_first([late, early], Decimal("150")) == {
        early.pk: Decimal("107.10"),
        late.pk: Decimal("42.90"),
    }


def test_what_cannot_be_settled_is_refused_with_a_sentence():
    item = invoiced(make.draft(make.project())).item
    other = make.customer("Smith", currency="USD")
    with pytest.raises(Invalid, match="Only 107.10 is open"):
        pay("200", settle={item.pk: Decimal("107.11")})
    with pytest.raises(Invalid, match="More is to be settled"):
        pay("50", settle={item.pk: Decimal("50.01")})
    with pytest.raises(Refused, match="not of one customer"):
        pay("50", customer=other, settle={item.pk: Decimal("50")})
    with pytest.raises(Invalid, match="decimals"):
        pay("50.001")
    with pytest.raises(Refused, match="same side"):
        settle(item.pk, invoiced(make.draft(make.project())).item.pk, amount=Decimal(1), on=LATER, by=None)
    with pytest.raises(Refused, match="no open fiscal period"):
        pay("50", on=date(2025, 12, 31))
    payment = pay("50")
    with pytest.raises(Invalid, match="before one of the documents"):
        settle(item.pk, payment.item.pk, amount=Decimal(1), on=make.TODAY, by=None)
    assert Settlement.objects.count() == 0


def test_money_can_be_paid_back():
    paid = pay("50")
    back = pay("-50", settle={paid.item.pk: Decimal(50)})
    assert back.item.open == 0 and held("BANK") == held("RECEIVABLE") == 0


def in_sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE projects_payment SET reference = 'x'", "payment_frozen"),
        ("DELETE FROM projects_payment", "payment_frozen"),
        ("UPDATE projects_settlement SET amount = 1", "settlement_frozen"),
        ("DELETE FROM projects_settlement", "settlement_frozen"),
        ("UPDATE projects_customeritem SET amount = 1", "customeritem_frozen"),
        ("DELETE FROM projects_customeritem", "customeritem_frozen"),
        ("UPDATE projects_customeritem SET open = amount * 2", "customeritem_open_within_amount"),
        ("UPDATE projects_customeritem SET company_open = -company_amount", "company_open_within_amount"),
        ("UPDATE projects_customeritem SET open = 0", "customeritem_settled_in_both_currencies"),
        (
            "UPDATE projects_customeritem SET open = amount; SET CONSTRAINTS ALL IMMEDIATE",
            "customeritem_open_is_what_is_left",
        ),
    ],
)
def test_the_database_keeps_payments_settlements_and_items(statement, constraint):
    item = invoiced(make.draft(make.project())).item
    pay("50", settle={item.pk: Decimal("20")})
    connection.check_constraints()
    with pytest.raises((DatabaseError, IntegrityError)) as caught:
        in_sql(statement)
    assert constraint in str(getattr(caught.value.__cause__, "diag", None).constraint_name)


CURRENCIES = ["EUR", "JPY", "KWD"]
PICK = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("invoice"), st.sampled_from(CURRENCIES), st.decimals("0.01", "5000", places=2)),
        st.tuples(st.just("pay"), st.sampled_from(CURRENCIES), st.integers(1, 900000), st.booleans()),
        st.tuples(st.just("opening"), st.sampled_from(CURRENCIES), st.integers(-900000, 900000)),
        st.tuples(st.just("settle"), PICK, PICK, st.integers(1, 100)),
        st.tuples(st.sampled_from(["undo", "reverse", "credit"]), PICK),
    ),
    min_size=3,
    max_size=16,
)


def pick(rows, n: int):
    rows = list(rows.order_by("pk"))
    return rows[n % len(rows)] if rows else None


class Books:
    """Does the steps; what cannot be is refused and changes nothing."""

    def __init__(self) -> None:
        self.customers = {code: make.customer(f"Customer {code}", currency=code) for code in CURRENCIES}
        self.projects = {code: make.project(code, customer=self.customers[code]) for code in CURRENCIES}
        for code, rate in (("JPY", "0.0058"), ("KWD", "3.1")):
            ExchangeRate.objects.create(
                currency=make.money(code), valid_from=date(2026, 3, 20), rate=Decimal(rate)
            )

    def do(self, action: str, *arguments) -> None:
        try:
            with transaction.atomic():
                getattr(self, action)(*arguments)
        except Refused:
            return

    def invoice(self, code: str, price: Decimal) -> None:
        invoiced(make.draft(self.projects[code], sales_price=price))

    def pay(self, code: str, cents: int, propose: bool) -> None:
        amount = Decimal(cents).scaleb(-make.money(code).digits)
        owed = CustomerItem.objects.filter(customer=self.customers[code], open__gt=0)
        parts = oldest_first(list(owed), amount) if propose else None
        pay(str(amount), customer=self.customers[code], currency=code, settle=parts)

    def opening(self, code: str, coins: int) -> None:
        """Brought forward at another rate than the invoices have."""
        old = date(2025, 12, 1)
        item = OpeningItem(
            customer=self.customers[code],
            label=f"R-{coins}",
            dated=old,
            due_on=old,
            currency=make.money(code),
            amount=Decimal(coins).scaleb(-make.money(code).digits),
        )
        post_opening_items([item], on=date(2026, 1, 1), by=None)

    def settle(self, first: int, second: int, percent: int) -> None:
        one = pick(CustomerItem.objects.filter(open__gt=0), first)
        if one is None:
            return
        rows = CustomerItem.objects.filter(customer=one.customer, currency=one.currency, open__lt=0)
        if other := pick(rows, second):
            digits = Decimal(1).scaleb(-one.currency.digits)
            part = (min(one.open, -other.open) * percent / 100).quantize(digits)
            settle(one.pk, other.pk, amount=part, on=LATER, by=None)

    def undo(self, n: int) -> None:
        if row := pick(Settlement.objects, n):
            undo_settlement(row.pk, on=LATER, by=None)

    def reverse(self, n: int) -> None:
        if row := pick(Payment.objects, n):
            reverse_payment(row.pk, on=LATER, by=None, at=make.NOW)

    def credit(self, n: int) -> None:
        if row := pick(Invoice.objects, n):
            credit_invoice(row.pk, on=LATER, by=None, at=make.NOW)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_what_is_open_is_the_receivable_of_each_customer_whatever_happens(steps):
    make.firm()
    with transaction.atomic():
        books = Books()
        for action, *arguments in steps:
            books.do(action, *arguments)
        connection.check_constraints()
        check_open_is_the_receivable()
        assert Account.objects.exists()
        numbers = sorted(int(number[-6:]) for number in Payment.objects.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        transaction.set_rollback(True)


def test_billing_51_items_stand_in_the_ledger_from_the_day_their_vouchers_moved_to():
    """March is closed and postings move: items, settlements and statements follow, the documents keep their dates."""
    old = usd_invoice("0.9")
    LedgerParameters.objects.update_or_create(defaults={"closed_periods": ClosedPeriodRule.MOVE})
    march, opens = FiscalPeriod.objects.get(name="2026-03"), date(2026, 4, 1)
    close_period(march.pk, version=march.version, by=user_in("Finance"), at=make.NOW)
    invoice = invoiced(make.draft(make.project()))
    note = credit_invoice(invoice.pk, on=make.TODAY, by=None, at=make.NOW)
    paid = pay(str(old.gross), customer=old.customer, currency="USD", settle={old.item.pk: old.gross})
    for document, day in ((invoice, make.TODAY), (note, make.TODAY), (paid, LATER)):
        assert (document.item.on, document.item.dated, document.voucher.moved_from) == (opens, day, day)
        assert document.item.document_on == day
    settled = Settlement.objects.exclude(voucher=None).get()
    assert (settled.voucher.posted_on, settled.voucher.moved_from) == (opens, LATER)
    assert {row.on for row in Settlement.objects.all()} == {opens}
    for day in (date(2026, 3, 31), opens):
        assert aged_totals(day)["total"] == balance_of(account_for("RECEIVABLE"), until=day)
    with pytest.raises(Invalid, match="before the payment was made"):
        reverse_payment(paid.pk, on=make.TODAY, by=None, at=make.NOW)
    assert reverse_payment(paid.pk, on=LATER, by=None, at=make.NOW).item.on == opens
