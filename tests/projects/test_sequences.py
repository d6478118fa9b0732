"""Whatever is posted, undone, proposed, invoiced and credited, in whatever order: the ledger equals its documents."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.inventory.models import OnHand
from servicemgmt.inventory.operations import receive
from servicemgmt.ledger.models import Entry, PostingProfile, Voucher
from servicemgmt.projects.billing.on_account import on_account_listed, open_on_account
from servicemgmt.projects.models import (
    Coverage,
    CustomerItem,
    Invoice,
    InvoiceLine,
    InvoiceProposal,
    LineKind,
    Payment,
    PaymentMethod,
    ProposalStatus,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.operations import (
    add_fee,
    change_line,
    credit_invoice,
    deduct_on_account,
    delete_proposal,
    drop_line,
    enter_payment,
    invoice_on_account,
    left_of,
    make_proposals,
    post_proposal,
    reverse_transactions,
)
from tests import make_money as make

pytestmark = pytest.mark.django_db

CURRENCIES = ["EUR", "JPY", "KWD"]
PRICE = st.decimals("0.001", "5000", places=3)
POST = st.tuples(
    st.just("post"),
    st.sampled_from(CURRENCIES),
    st.lists(
        st.tuples(
            st.sampled_from(LineKind.values),
            st.decimals("0.01", "40", places=2),
            PRICE,
            st.sampled_from([Coverage.CHARGED, Coverage.CHARGED, Coverage.WARRANTY]),
            st.sampled_from(["FULL", "REDUCED"]),
        ),
        min_size=1,
        max_size=4,
    ),
)
PICK = st.integers(0, 6)
STEPS = st.lists(
    st.one_of(
        POST,
        POST,
        st.tuples(
            st.sampled_from(["undo", "propose", "propose", "invoice", "invoice", "credit", "drop", "delete"]),
            PICK,
        ),
        st.tuples(st.sampled_from(["fee", "on_account", "deduct", "pay"]), PICK, st.integers(1, 2000)),
        st.tuples(st.sampled_from(["fee", "on_account", "deduct", "pay"]), PICK, st.integers(1, 2000)),
        st.tuples(st.just("reprice"), PICK, PRICE),
        st.tuples(st.just("credit_part"), PICK, st.integers(1, 100)),
        st.tuples(st.just("credit_part"), PICK, st.integers(1, 100)),
        st.tuples(st.just("rebill"), PICK),
    ),
    min_size=3,
    max_size=14,
)


def pick(rows, n: int):
    rows = list(rows.order_by("pk"))
    return rows[n % len(rows)] if rows else None


class Company:
    """Does the steps; what cannot be is refused and changes nothing. All of it on the day `on`."""

    def __init__(self) -> None:
        self.on, self.at = make.TODAY, make.NOW
        self.refused: list[str] = []
        self.projects = {
            code: make.project(code, customer=make.customer(f"Customer {code}", currency=code))
            for code in CURRENCIES
        }
        self.method = PaymentMethod.objects.create(
            code="T", description="Transfer", account=PostingProfile.objects.get(purpose="BANK").account
        )
        self.van = make.warehouse("VAN", allows_negative=True)
        self.part = make.item()
        receive(self.part, self.van, Decimal(7), value=Decimal("33.31"), on=make.TODAY, by=None)

    def do(self, action: str, *arguments) -> None:
        try:
            with transaction.atomic():
                getattr(self, action)(*arguments)
        except Refused:
            self.refused.append(action)

    def post(self, code: str, lines) -> None:
        drafts = []
        for kind, quantity, price, coverage, tax in lines:
            more = {"item": self.part, "warehouse": self.van} if kind == LineKind.ITEM else {}
            category = make.category(kind, f"{kind}-{tax}", tax_group=make.item_tax_group(tax))
            drafts.append(
                make.draft(
                    self.projects[code],
                    kind,
                    category=category,
                    tax_group=category.tax_group,
                    quantity=quantity,
                    sales_price=price,
                    cost_price=None if kind == LineKind.FEE else price / 2,
                    line_property=make.line_property(coverage),
                    **more,
                )
            )
        make.post(*drafts)

    def undo(self, n: int) -> None:
        if row := pick(Transaction.objects.exclude(status=TransactionStatus.REVERSED), n):
            reverse_transactions([row], on=self.on, by=None, at=self.at)

    def propose(self, n: int) -> None:
        make_proposals(
            Transaction.objects.filter(currency__code=CURRENCIES[n % 3]),
            invoice_date=self.on,
            by=None,
            at=self.at,
        )

    def draft(self, n: int) -> InvoiceProposal | None:
        return pick(InvoiceProposal.objects.filter(status=ProposalStatus.DRAFT), n)

    def reprice(self, n: int, price: Decimal) -> None:
        if found := self.draft(n):
            change_line(pick(found.lines, n).pk, version=found.version, price=price, by=None)

    def drop(self, n: int) -> None:
        if found := self.draft(n):
            drop_line(pick(found.lines, n).pk, version=found.version, by=None, at=self.at)

    def delete(self, n: int) -> None:
        if found := self.draft(n):
            delete_proposal(found.pk, version=found.version, by=None, at=self.at)

    def invoice(self, n: int) -> None:
        if found := self.draft(n):
            post_proposal(found.pk, version=found.version, by=None, at=self.at)

    def fee(self, n: int, price: int) -> None:
        if (found := self.draft(n)) and found.project:
            add_fee(
                found.pk,
                version=found.version,
                category=make.category(LineKind.FEE, "FEE-FULL"),
                text="Added",
                quantity=Decimal(1),
                price=Decimal(price),
                by=None,
                at=self.at,
            )

    def on_account(self, n: int, amount: int) -> None:
        """Ask for an amount ahead and invoice it at once."""
        asked = invoice_on_account(
            self.projects[CURRENCIES[n % 3]].pk,
            amount=Decimal(amount),
            category=make.category(LineKind.FEE, "FEE-FULL"),
            text="Advance",
            on=self.on,
            by=None,
            at=self.at,
        )
        post_proposal(asked.pk, version=asked.version, by=None, at=self.at)

    def deduct(self, n: int, amount: int) -> None:
        if (found := self.draft(n)) and found.project and (row := open_on_account([found.project]).first()):
            amounts = {row.pk: min(Decimal(amount), row.open)}
            deduct_on_account(found.pk, version=found.version, amounts=amounts, by=None, at=self.at)

    def pay(self, n: int, amount: int) -> None:
        """Pay an item in part or whole, and what is over on account of the customer."""
        if item := pick(CustomerItem.objects.filter(open__gt=0), n):
            settle = {item.pk: min(item.open, Decimal(amount))}
            enter_payment(
                customer=item.customer,
                method=self.method,
                paid_on=self.on,
                currency=item.currency,
                amount=Decimal(amount) + (n % 2) * item.open,
                settle=settle,
                by=None,
                at=self.at,
            )

    def credit(self, n: int) -> None:
        if found := pick(Invoice.objects, n):
            credit_invoice(found.pk, on=self.on, by=None, at=self.at)

    def credit_part(self, n: int, percent: int) -> None:
        if found := pick(Invoice.objects.filter(kind="INVOICE"), n):
            left = left_of(found)
            if key := next((key for key in sorted(left)[n % max(len(left), 1) :] if left[key]), None):
                part = round_money(left[key] * percent / 100, found.currency.digits)
                credit_invoice(found.pk, on=self.on, by=None, at=self.at, amounts={key: part})

    def rebill(self, n: int) -> None:
        if found := pick(Invoice.objects.filter(kind="INVOICE"), n):
            credit_invoice(found.pk, on=self.on, by=None, at=self.at, rebill=True)


#: The account that takes exchange differences.
EXCHANGE = PostingProfile.objects.filter(purpose="EXCHANGE").values("account")


def held(*purposes: str, of: str = "company_amount") -> Decimal:
    accounts = PostingProfile.objects.filter(purpose__in=purposes).values("account")
    return Entry.objects.filter(account__in=accounts).aggregate(total=Sum(of, default=ZERO))["total"]


def total(rows, name: str) -> Decimal:
    return rows.aggregate(total=Sum(name, default=ZERO))["total"]


def check_ledger_equals_documents() -> None:
    invoices, lines, work = Invoice.objects, InvoiceLine.objects, Transaction.objects
    revenue = [
        purpose
        for purpose in PostingProfile.objects.values_list("purpose", flat=True)
        if "_REVENUE" in purpose
    ]
    items, payments = CustomerItem.objects, Payment.objects
    assert held("RECEIVABLE") == total(items, "company_open")
    assert held("BANK") == total(payments, "company_amount")
    assert held("TAX") == -total(invoices, "company_tax")
    assert held(*revenue) == -total(lines.filter(on_account=None), "company_net")
    on_account = lines.filter(on_account__isnull=False)
    settled = Entry.objects.filter(subject__startswith="transaction:", account__in=EXCHANGE)
    assert held("ON_ACCOUNT") == -total(on_account, "company_net") - total(settled, "company_amount")
    for row in on_account_listed():
        assert row.open >= 0
    if not total(on_account, "net"):
        assert held("ON_ACCOUNT") == 0
    assert held("ROUNDING") == -(total(invoices, "company_net") - total(lines, "company_net"))
    for kind in (LineKind.HOUR, LineKind.EXPENSE, LineKind.ITEM):
        assert held(f"{kind}_COST") == total(work.filter(kind=kind), "cost_amount"), kind
    assert held("STOCK") == total(OnHand.objects, "value")
    for code in CURRENCIES:
        account = PostingProfile.objects.get(purpose="RECEIVABLE").account
        entries = Entry.objects.filter(account=account, voucher__currency__code=code)
        assert total(entries, "amount") == total(items.filter(currency__code=code), "open")


def check_documents() -> None:
    for invoice in Invoice.objects.select_related("currency"):
        digits = invoice.currency.digits
        for name in ("net", "tax", "gross"):
            amount = getattr(invoice, name)
            assert amount == round_money(amount, digits)
        assert invoice.net == total(invoice.lines, "net")
        assert invoice.tax == total(invoice.taxes, "tax")


def check_reversals() -> None:
    """What was taken back and what took it back are nothing together."""
    assert all(
        a + b == 0
        for a, b in Transaction.objects.filter(adjusts__isnull=False).values_list(
            "cost_amount", "adjusts__cost_amount"
        )
    )


def check_credits() -> None:
    """41, 62: what is credited whole, in however many parts, is the invoice to the cent in both currencies."""
    for invoice in Invoice.objects.filter(kind="INVOICE", credit_notes__isnull=False).distinct():
        if not left_of(invoice):
            for name in ("net", "tax", "gross", "company_net", "company_tax", "company_gross"):
                assert total(invoice.credit_notes, name) == -getattr(invoice, name), name
            assert total(Entry.objects.filter(voucher__invoice__credits=invoice), "company_amount") == 0


def check_gapless() -> None:
    for queryset in (
        Voucher.objects,
        Invoice.objects.filter(kind="INVOICE"),
        Invoice.objects.filter(kind="CREDIT"),
    ):
        found = sorted(int(number[-6:]) for number in queryset.values_list("number", flat=True))
        assert found == list(range(1, len(found) + 1))


@settings(max_examples=20, deadline=None)
@given(STEPS)
def test_any_sequence_keeps_every_voucher_balanced_and_the_ledger_equal_to_its_documents(steps):
    make.firm()
    with transaction.atomic():
        company = Company()
        for action, *arguments in steps:
            company.do(action, *arguments)
        connection.check_constraints()
        check_ledger_equals_documents()
        check_documents()
        check_reversals()
        check_credits()
        check_gapless()
        transaction.set_rollback(True)
