"""Whatever becomes of orders and their invoices, on whatever day and rate: margin report, sub-ledgers and ledger agree.

A few sequences here; `SOAK_EXAMPLES=200 pytest tests/orders/test_sequences.py -n0` is the campaign.
"""

import os
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import ServiceOrder, ServiceOrderLine
from orders.operations import require_on_order
from orders.posting import post_order_lines, return_part, undo_posting
from reporting.margin.facts import Firm, Source, facts
from reporting.margin.reconcile import reconcile
from servicemgmt.masterdata.models import ExchangeRate
from servicemgmt.projects.models import (
    Coverage,
    Invoice,
    ItemRequirement,
    LineKind,
    Payment,
    RequirementStep,
    Transaction,
)
from servicemgmt.projects.operations import consume_requirement, pick_requirement, undo_consumption
from tests import make_money as make
from tests.make_agreements import make_site
from tests.make_orders import make_line, make_order, move, sign
from tests.projects.test_sequences import (
    CURRENCIES,
    PICK,
    PRICE,
    Company,
    check_credits,
    check_documents,
    check_gapless,
    check_ledger_equals_documents,
    held,
    pick,
)

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "4"))
LINE = st.tuples(
    st.sampled_from(LineKind.values),
    st.integers(1, 4),
    PRICE,
    st.sampled_from([Coverage.CHARGED, Coverage.CHARGED, Coverage.WARRANTY]),
)
ORDER = st.tuples(st.just("order"), st.sampled_from(CURRENCIES), st.lists(LINE, min_size=1, max_size=3))
MONEY = ["propose", "propose", "invoice", "invoice", "credit", "rebill", "delete", "drop"]
SUMS = ["pay", "pay", "credit_part", "fee", "on_account", "deduct"]
STEPS = st.lists(
    st.one_of(
        ORDER,
        st.tuples(st.just("later"), st.integers(1, 6)),
        st.tuples(st.sampled_from(MONEY), PICK),
        st.tuples(st.sampled_from(["undo", "post_again", "back", "need", "unused"]), PICK),
        st.tuples(st.sampled_from(SUMS), PICK, st.integers(1, 99)),
        st.tuples(st.just("reprice"), PICK, PRICE),
    ),
    min_size=3,
    max_size=12,
)
#: Other rates from these days after the first on.
RATES = {2: ("0.006900", "2.870000"), 6: ("0.005800", "3.120000"), 15: ("0.006250", "2.955555")}


class Orders(Company):
    """The same steps over orders, and what is done with those; days pass, and the rates change with them."""

    def __init__(self) -> None:
        super().__init__()
        for days, rates in RATES.items():
            for code, rate in zip(["JPY", "KWD"], rates, strict=True):
                day = make.TODAY + timedelta(days)
                ExchangeRate.objects.create(currency=make.money(code), valid_from=day, rate=Decimal(rate))

    def later(self, days: int) -> None:
        self.on += timedelta(days)
        self.at += timedelta(days)

    def order(self, code: str, lines: list[tuple]) -> None:
        project = self.projects[code]
        order = make_order(project=project, site=make_site(project.customer), service_on=self.on, at=self.at)
        for kind, quantity, price, coverage in lines:
            more = {"item": self.part, "warehouse": self.van} if kind == LineKind.ITEM else {}
            make_line(
                order,
                kind,
                at=self.at,
                quantity=Decimal(quantity),
                sales_price=price,
                line_property=make.line_property(coverage),
                **more,
            )
        move(order, "INPROCESS", at=self.at)
        self.signed(order)

    def signed(self, order: ServiceOrder) -> None:
        sign(order, at=self.at)
        if order.stage.code != "COMPLETED":
            move(order, "COMPLETED", at=self.at)
        post_order_lines(order.pk, by=None, at=self.at)

    def undo(self, n: int) -> None:
        if found := pick(ServiceOrder.objects.filter(lines__transaction__isnull=False).distinct(), n):
            undo_posting(found.pk, version=None, by=None, at=self.at)

    def post_again(self, n: int) -> None:
        if found := pick(ServiceOrder.objects.filter(progress="IN_PROCESS").select_related("stage"), n):
            self.signed(found)

    def back(self, n: int) -> None:
        """One of the goods of a posted line comes back."""
        lines = ServiceOrderLine.objects.filter(kind=LineKind.ITEM, transaction__isnull=False)
        if line := pick(lines, n):
            return_part(line.order_id, line.pk, Decimal(1), version=None, by=None, at=self.at)

    def need(self, n: int) -> None:
        """An order of one line that is an item requirement, all of it used at once."""
        project = self.projects[CURRENCIES[n % 3]]
        order = make_order(project=project, site=make_site(project.customer), service_on=self.on, at=self.at)
        line = make_line(
            order, LineKind.ITEM, at=self.at, item_setup="REQUIREMENT", item=self.part, sales_price=Decimal(7)
        )
        row: ItemRequirement = require_on_order(
            order.pk, self.part, line.quantity, category=line.category, warehouse=self.van, needed_on=self.on,
            sales_price=Decimal(7), line=line.pk, by=None,
        )  # fmt: skip
        row = pick_requirement(row.pk, line.quantity, on=self.on, version=row.version, by=None)
        consume_requirement(row.pk, line.quantity, on=self.on, version=row.version, by=None, at=self.at)

    def unused(self, n: int) -> None:
        """A consumption is taken back."""
        steps = RequirementStep.objects.filter(kind="CONSUME", undone_by=None).select_related("requirement")
        if step := pick(steps, n):
            undo_consumption(
                step.requirement_id,
                step.pk,
                on=self.on,
                version=step.requirement.version,
                by=None,
                at=self.at,
            )


def check_margin() -> None:
    """The margin report says what the ledger says, to the cent."""
    compared = reconcile(facts(ServiceOrder.objects.all(), Source.POSTED, Firm.of_company()))
    assert compared.agrees, compared


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_RE_01_any_sequence_over_orders_days_and_rates_keeps_margin_report_and_ledger_equal(steps):
    make.firm()
    with transaction.atomic():
        lived(steps)
        transaction.set_rollback(True)


def lived(steps: list[tuple]) -> Orders:
    """The company after these steps, the books asked on the way and at the end."""
    company = Orders()
    for action, *arguments in steps:
        company.do(action, *arguments)
        check_margin()
    connection.check_constraints()
    check_ledger_equals_documents()
    check_documents()
    check_credits()
    check_gapless()
    return company


def test_RE_01_the_sequences_reach_exchange_differences_returns_and_credit_notes():
    make.firm()
    goods = [
        ("ITEM", 2, Decimal("71.125"), Coverage.CHARGED),
        ("HOUR", 3, Decimal("9.995"), Coverage.CHARGED),
    ]
    company = lived([
        ("order", "KWD", goods), ("need", 2), ("propose", 2), ("invoice", 0), ("later", 3), ("pay", 0, 50),
        ("back", 0), ("credit_part", 0, 40), ("later", 4), ("pay", 0, 9), ("order", "JPY", goods), ("undo", 1),
        ("post_again", 0), ("need", 0), ("unused", 1), ("propose", 1), ("invoice", 0), ("rebill", 1), ("credit", 0),
    ])  # fmt: skip
    kinds = Invoice.objects.values_list("kind", flat=True)
    assert set(kinds) == {"INVOICE", "CREDIT"} and Payment.objects.count() == 2
    assert held("EXCHANGE") != 0 and Transaction.objects.filter(adjusts__isnull=False).exists()
    assert company.refused == []
