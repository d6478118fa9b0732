"""Whatever is done one after the other, the accounts of accruals hold what the slices say."""

from datetime import date

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.projects.accruals.operations import reverse_accruals
from servicemgmt.projects.accruals.rolling import held
from servicemgmt.projects.models import (
    AccrualReversal,
    AccrualSlice,
    Invoice,
    InvoiceLine,
    SliceStatus,
)
from servicemgmt.projects.operations import credit_invoice
from tests import make_money as make
from tests.make_accruals import accrue_until, balances, deferred_balance, fee, rule

JAN = date(2026, 1, 1)
DONE = {"by": None, "at": make.NOW}

STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("invoice"),
            st.sampled_from(["EUR", "JPY", "KWD"]),
            st.decimals("0.001", "5000", places=3),
            st.integers(0, 300),
            st.integers(1, 400),
            st.sampled_from(["DAYS", "EQUAL"]),
            st.sampled_from(AccrualReversal.values),
        ),
        st.tuples(st.just("accrue"), st.integers(0, 500)),
        st.tuples(st.just("reverse"), st.integers(0, 20)),
        st.tuples(st.just("credit"), st.integers(0, 5), st.decimals("0.1", "1", places=1)),
        st.tuples(st.just("credit_all"), st.integers(0, 5)),
    ),
    min_size=3,
    max_size=9,
)


@pytest.mark.django_db
@given(steps=STEPS)
@settings(max_examples=15)
def test_whatever_happens_the_accounts_hold_what_the_slices_say(steps):
    make.firm()
    with transaction.atomic():
        for step in steps:
            try:
                with transaction.atomic():
                    DO[step[0]](*step[1:])
            except (Refused, Invoice.DoesNotExist, InvoiceLine.DoesNotExist):
                continue
        waiting = AccrualSlice.objects.exclude(status=SliceStatus.POSTED)
        left = waiting.aggregate(sum=Sum("company_amount", default=ZERO))["sum"]
        assert held(date(2030, 1, 1)) == left == deferred_balance()
        assert sum(balances()) == 0
        for line in InvoiceLine.objects.filter(slices__isnull=False).distinct():
            sums = line.slices.aggregate(amount=Sum("amount"), company=Sum("company_amount"))
            assert (sums["amount"], sums["company"]) == (line.net, line.company_net)
        assert not AccrualSlice.objects.filter(status=SliceStatus.CANCELLED, voucher__isnull=False).exists()
        transaction.set_rollback(True)


def do_invoice(code, price, start, days, method, reversal):
    first = date.fromordinal(JAN.toordinal() + start)
    last = date.fromordinal(first.toordinal() + days)
    of_rule = rule(f"{method}-{reversal}", method=method, reversal=reversal)
    on_project = make.project(code, currency=make.money(code))
    make.invoiced(fee(str(price), first, last, on_project=on_project, of_rule=of_rule))


def do_credit(number, share):
    line = InvoiceLine.objects.filter(invoice__kind="INVOICE").order_by("pk")[number : number + 1].get()
    amount = round_money(line.net * share, line.invoice.currency.digits)
    credit_invoice(line.invoice_id, on=make.TODAY, amounts={line.pk: amount}, **DONE)


def do_credit_all(number):
    invoice = Invoice.objects.filter(kind="INVOICE").order_by("pk")[number : number + 1].get()
    credit_invoice(invoice.pk, on=make.TODAY, **DONE)


def do_reverse(number):
    rows = AccrualSlice.objects.filter(status=SliceStatus.POSTED).order_by("pk").select_related("voucher")
    some = list(rows[number : number + 2])
    last = max((row.voucher.posted_on for row in some), default=make.TODAY)
    reverse_accruals([row.pk for row in some], on=last, **DONE)


DO = {
    "invoice": do_invoice,
    "accrue": lambda days: accrue_until(date.fromordinal(JAN.toordinal() + days)),
    "reverse": do_reverse,
    "credit": do_credit,
    "credit_all": do_credit_all,
}
