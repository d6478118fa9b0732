"""Opening items: what customers owed before the ledger began here, posted document by document."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import event_of, plain, record_all, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.display import money
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.core.money import MOST_AMOUNT, round_money
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, post_vouchers
from servicemgmt.masterdata.models import Currency, Customer
from servicemgmt.masterdata.queries import Rates, company

from ..models import CustomerItem, ItemKind

#: An exchange rate has nine decimals and as many digits before them.
RATE, MOST_RATE = Decimal("0.000000001"), Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class OpeningItem:
    """A document that is still open: positive the customer owes, negative is owed to him. In the document's currency;
    `company_amount` is what the books say it is worth, by the day's rate where it is not given."""

    customer: Customer
    label: str
    dated: date
    due_on: date
    currency: Currency
    amount: Decimal
    company_amount: Decimal | None = None


def check_opening_items(items: Sequence[OpeningItem], *, on: date) -> None:
    """Raises Refused or Invalid where the items cannot be posted on that ledger date: none, named twice, dated later,
    no amount of their currency, without a rate, or open already. Writes nothing."""
    if not items:
        raise Refused(_("Enter a document that is still open."))
    home = company().currency
    seen: set[tuple[int, str, bool]] = set()
    rates = Rates()
    for item in items:
        _check(item, on, home)
        if item.company_amount is None:
            rates.on(item.currency, on)
        key = (item.customer.pk, item.label, item.amount > 0)
        if key in seen:
            raise Invalid(_("%(document)s of %(customer)s is named twice.") % _names(item))
        seen.add(key)
    rows = CustomerItem.objects.filter(
        kind=ItemKind.OPENING, customer__in={item.customer.pk for item in items}
    )
    opened = {(row.customer_id, row.label, row.open > 0) for row in rows.exclude(open=0)}
    for item in items:
        if (item.customer.pk, item.label, item.amount > 0) in opened:
            raise Refused(_("%(document)s of %(customer)s is an opening item already.") % _names(item))


def _check(item: OpeningItem, on: date, home: Currency) -> None:
    if not item.label or len(item.label) > 24:
        raise Invalid(_("%(customer)s: a document has a number of up to 24 characters.") % _names(item))
    if item.dated > on:
        raise Invalid(_("%(document)s of %(customer)s is dated after the opening.") % _names(item))
    if item.due_on < item.dated:
        raise Invalid(_("%(document)s of %(customer)s is due before its date.") % _names(item))
    of_company = item.amount if item.company_amount is None else item.company_amount
    for amount, currency in ((item.amount, item.currency), (item.company_amount, home)):
        if amount is not None and (
            not amount or round_money(amount, currency.digits) != amount or abs(amount) > MOST_AMOUNT
        ):
            raise Invalid(
                _("%(document)s of %(customer)s: %(amount)s is no amount in %(currency)s.")
                % {**_names(item), "amount": amount, "currency": currency.code}
            )
    is_odd = (of_company > 0) != (item.amount > 0) or (item.currency == home and of_company != item.amount)
    if is_odd or not RATE <= of_company / item.amount < MOST_RATE:
        raise Invalid(_("%(document)s of %(customer)s: the two amounts do not fit together.") % _names(item))


def _names(item: OpeningItem) -> dict[str, str]:
    return {"document": item.label, "customer": str(item.customer)}


@transaction.atomic
def post_opening_items(items: Sequence[OpeningItem], *, on: date, by: User | None) -> list[CustomerItem]:
    """Open these items with a voucher per currency, dated `on` (a company-zone ledger date): Dr customer / Cr opening
    items (clearing), where the opening balances have their total.

    Raises Refused where the date lies in a closed period (or moves it, by setting), a rate or the account is missing,
    or an item is open already; Invalid for a line that is no amount or dated after the opening.
    """
    customers = {item.customer.pk for item in items}
    list(
        Customer.objects.select_for_update(no_key=True)
        .filter(pk__in=customers)
        .order_by("pk")
        .values_list("pk")
    )
    day = LedgerDays.read().of(on)
    check_opening_items(items, on=day)
    currencies = {
        item.currency.pk: item.currency for item in sorted(items, key=lambda row: row.currency.code)
    }
    vouchers = dict(zip(currencies, take_keys(Voucher, len(currencies)), strict=True))
    keys = take_keys(CustomerItem, len(items))
    rates = Rates()
    digits = company().currency.digits
    rows = [
        _row(item, rates, digits, pk=key, on=day, voucher=vouchers[item.currency.pk])
        for item, key in zip(items, keys, strict=True)
    ]
    CustomerItem.objects.bulk_create(rows, batch_size=500)
    drafts = [
        _draft(currency, [row for row in rows if row.currency_id == pk], on=day, key=vouchers[pk])
        for pk, currency in currencies.items()
    ]
    record_all(
        event_of(
            "opened",
            subject_of(row),
            by=by,
            label=row.label,
            changes={"amount": [None, plain(row.amount)], "customer": [None, row.customer.name]},
        )
        for row in rows
    )
    post_vouchers(drafts, by=by)
    return rows


def _row(item: OpeningItem, rates: Rates, digits: int, *, pk: int, on: date, voucher: int) -> CustomerItem:
    if item.company_amount is None:
        rate = rates.on(item.currency, on)
        company_amount = round_money(item.amount * rate, digits)
    else:
        company_amount = item.company_amount
        rate = (company_amount / item.amount).quantize(RATE)
    return CustomerItem(
        pk=pk,
        customer=item.customer,
        currency=item.currency,
        kind=ItemKind.OPENING,
        label=item.label,
        voucher_id=voucher,
        on=on,
        dated=item.dated if item.dated != on else None,
        due_on=item.due_on,
        exchange_rate=rate,
        amount=item.amount,
        company_amount=company_amount,
        open=item.amount,
        company_open=company_amount,
    )


def _draft(currency: Currency, rows: Sequence[CustomerItem], *, on: date, key: int) -> VoucherDraft:
    """The voucher of a currency: a pair of lines per document, so that each line leads to it."""
    sides = ((PostingPurpose.RECEIVABLE, 1), (PostingPurpose.OPENING_ITEMS, -1))
    return VoucherDraft(
        on=on,
        text=_("Opening items of customers, %(currency)s") % {"currency": currency.code},
        source="opening",
        currency=currency,
        lines=[
            VoucherLine(
                purpose,
                sign * row.amount,
                sign * row.company_amount,
                text=row.label,
                customer_id=row.customer_id if purpose == PostingPurpose.RECEIVABLE else None,
                subject=subject_of(row),
            )
            for row in rows
            for purpose, sign in sides
        ],
        subject=subject_of(rows[0]) if len(rows) == 1 else "",
        label=rows[0].label if len(rows) == 1 else "",
        key=key,
    )


def total_of(items: Sequence[OpeningItem]) -> list[str]:
    """What the items come to in each currency, as people read it."""
    sums: dict[str, tuple[Currency, Decimal]] = {}
    for item in items:
        before = sums.get(item.currency.code, (item.currency, Decimal(0)))[1]
        sums[item.currency.code] = item.currency, before + item.amount
    return [money(amount, currency) for _code, (currency, amount) in sorted(sums.items())]
