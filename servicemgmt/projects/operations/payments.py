"""Payments of customers: entered, settled with what is open, and reversed."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, record, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.money import MOST_AMOUNT, ZERO, round_money
from servicemgmt.core.numbers import take_numbers
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine
from servicemgmt.ledger.operations.posting import ledger_day, reversed_lines
from servicemgmt.masterdata.models import Currency, Customer
from servicemgmt.masterdata.queries import company, rate_on

from ..models import CustomerItem, ItemKind, Payment, PaymentMethod
from .settlements import (
    begin,
    check_amount,
    check_pair,
    live_settlements,
    locked,
    record_settled,
    undo_in,
    write,
)

#: Numbers of payments: gapless per year of the day they were paid on.
SEQUENCE = "payment"


@transaction.atomic
def enter_payment(
    *,
    customer: Customer,
    method: PaymentMethod,
    paid_on: date,
    currency: Currency,
    amount: Decimal,
    by: User | None,
    at: datetime,
    reference: str = "",
    settle: Mapping[int, Decimal] | None = None,
) -> Payment:
    """Post money received (`amount` positive) or paid back (negative): Dr bank / Cr customer at the day's rate.

    `settle` is what it settles by the key of the customer item, positive amounts in the payment's currency; the rest
    stays open on the customer's account. Items at another rate post their exchange difference on `paid_on`, or on the
    day that the last of them stands in the ledger from; both days have to be open, or move by setting. Raises Invalid
    (fields `amount`, `settle`) and Refused: closed period, no rate, items of another customer or currency.
    """
    parts = {key: part for key, part in (settle or {}).items() if part}
    if not amount:
        raise Invalid(_("Enter what was paid, or with a minus what was paid back."), field="amount")
    if amount != round_money(amount, currency.digits) or abs(amount) > MOST_AMOUNT:
        raise Invalid(_("Enter an amount with the currency's decimals."), field="amount")
    if sum(parts.values(), ZERO) > abs(amount):
        raise Invalid(_("More is to be settled than was paid."), field="settle")
    items = locked(parts)
    posted_on = ledger_day(paid_on)
    settling = begin(max([paid_on, *(row.on for row in items.values())]), by, len(parts))
    rate = rate_on(currency, paid_on)
    (key,) = take_keys(Voucher, 1)
    payment = Payment(
        customer=customer,
        method=method,
        paid_on=paid_on,
        currency=currency,
        exchange_rate=rate,
        amount=amount,
        company_amount=round_money(amount * rate, company().currency.digits),
        reference=reference[:160],
        voucher_id=key,
        posted_by=by,
        posted_at=at,
    )
    item = _post(payment, posted_on)
    for row_key, part in parts.items():
        check_pair(items[row_key], item)
        check_amount(items[row_key], part, "settle")
        settling.settle(items[row_key], item, part)
    write(settling, _voucher(payment))
    record(
        "payment_posted",
        payment,
        by=by,
        changes={"amount": [None, plain(amount)], "customer": [None, customer.name]},
    )
    record_settled("settled", settling.rows, by)
    return payment


@transaction.atomic
def reverse_payment(payment_id: int, *, on: date, by: User | None, at: datetime, reason: str = "") -> Payment:
    """Take a payment back (returned, entered wrongly): what it settled is open again, and a payment of the opposite
    amount at the same rate reverses its voucher on `on`.

    Raises Refused where it is reversed already, is a reversal, or the period is closed; Invalid (field `on`) for a day
    before the payment's or one of its settlements'.
    """
    payment = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment_id)
    if payment.reverses_id or Payment.objects.filter(reverses=payment).exists():
        raise Refused(_("%(payment)s is reversed already.") % {"payment": payment.number})
    own: int = CustomerItem.objects.values_list("pk", flat=True).get(payment=payment)
    seen = {key for row in live_settlements([own]) for key in (row.debit_id, row.credit_id)}
    items = locked({own, *seen})
    settlements = list(live_settlements([own]))
    if any(row.debit_id not in items or row.credit_id not in items for row in settlements):
        raise Stale(_("The open items changed meanwhile. Look at them again."))
    settling = begin(on, by, 1)
    if on < payment.paid_on or settling.on < max([items[own].on, *(row.on for row in settlements)]):
        raise Invalid(_("That is before the payment was made or settled."), field="on")
    undone = [undo_in(settling, row, items) for row in settlements]
    (key,) = take_keys(Voucher, 1)
    back = Payment(
        customer=payment.customer,
        method=payment.method,
        paid_on=on,
        currency=payment.currency,
        exchange_rate=payment.exchange_rate,
        amount=-payment.amount,
        company_amount=-payment.company_amount,
        reference=reason[:160],
        reverses=payment,
        voucher_id=key,
        posted_by=by,
        posted_at=at,
    )
    settling.settle(items[own], _post(back, settling.on), abs(payment.amount))
    write(settling, _voucher(back))
    record_settled("settlement_undone", undone, by)
    record(
        "payment_reversed", payment, by=by, changes={"reversal": [None, back.number], "reason": ["", reason]}
    )
    record("payment_posted", back, by=by, changes={"reverses": [None, payment.number]})
    return back


def _post(payment: Payment, posted_on: date) -> CustomerItem:
    """Number and save a payment, and open its item on the ledger's day."""
    payment.number = take_numbers(SEQUENCE, 1, on=payment.paid_on)[0]
    payment.save(force_insert=True)
    item = CustomerItem(
        customer=payment.customer,
        currency=payment.currency,
        kind=ItemKind.PAYMENT,
        label=payment.number,
        payment=payment,
        on=posted_on,
        dated=payment.paid_on if payment.paid_on != posted_on else None,
        due_on=payment.paid_on,
        exchange_rate=payment.exchange_rate,
        amount=-payment.amount,
        company_amount=-payment.company_amount,
        open=-payment.amount,
        company_open=-payment.company_amount,
    )
    item.save(force_insert=True)
    return item


def _voucher(payment: Payment) -> VoucherDraft:
    names = {"number": payment.number, "customer": payment.customer.name}
    subject = subject_of(payment)
    lines = (
        reversed_lines(payment.reverses.voucher)
        if payment.reverses
        else [
            VoucherLine(
                payment.method.account,
                payment.amount,
                payment.company_amount,
                text=payment.reference or payment.number,
                subject=subject,
            ),
            VoucherLine(
                PostingPurpose.RECEIVABLE,
                -payment.amount,
                -payment.company_amount,
                text=payment.number,
                customer_id=payment.customer_id,
                subject=subject,
            ),
        ]
    )
    return VoucherDraft(
        on=payment.paid_on,
        text=_("Payment %(number)s, %(customer)s") % names,
        source="payments",
        currency=payment.currency,
        lines=lines,
        subject=subject,
        label=payment.number,
        key=payment.voucher_id,
        reverses=payment.reverses.voucher if payment.reverses else None,
    )
