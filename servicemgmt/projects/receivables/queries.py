"""Reading what customers owe: open items as of a day, their age, an account's statement."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.errors import Sentence
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.queries import MONEY, home_currency
from servicemgmt.masterdata.models import Currency, Customer

from ..models import CustomerItem, CustomerItemQuerySet, ItemKind, Payment, PaymentQuerySet, Settlement

#: The ages of open items: name, label, from and to how many days after the due date (both included).
BUCKETS: list[tuple[str, Sentence, int | None, int | None]] = [
    ("not_due", gettext_lazy("Not due"), None, 0),
    ("to_30", gettext_lazy("1–30 days"), 1, 30),
    ("to_60", gettext_lazy("31–60 days"), 31, 60),
    ("to_90", gettext_lazy("61–90 days"), 61, 90),
    ("over_90", gettext_lazy("Over 90 days"), 91, None),
]


def items_as_of(on: date | None = None) -> CustomerItemQuerySet:
    """Items with `open_then` and `company_open_then`: what was open of them at the end of the day, which is not
    nothing; at present where no day is given."""
    rows: CustomerItemQuerySet
    if on is None:
        rows = CustomerItem.objects.still_open().annotate(
            open_then=F("open"), company_open_then=F("company_open")
        )
    else:
        rows = (
            CustomerItem.objects.filter(on__lte=on)
            .annotate(
                open_then=F("amount") - _taken("debit", "amount", on) + _taken("credit", "amount", on),
                company_open_then=F("company_amount")
                - _taken("debit", "debit_company", on)
                + _taken("credit", "credit_company", on),
            )
            .exclude(open_then=0)
        )
    return rows.annotate(home=Value(home_currency()))


def _taken(side: str, name: str, on: date) -> Coalesce:
    rows = Settlement.objects.filter(**{side: OuterRef("pk"), "on__lte": on}).order_by().values(side)
    return Coalesce(Subquery(rows.annotate(total=Sum(name)).values("total")), ZERO, output_field=MONEY)


def open_with(item: CustomerItem) -> list[CustomerItem]:
    """The open items that this one can be settled with: the same customer and currency, the other side."""
    rows = CustomerItem.objects.filter(customer=item.customer_id, currency=item.currency_id)
    rows = rows.filter(open__lt=0) if item.open > 0 else rows.filter(open__gt=0)
    return list(rows.select_related("currency").order_by("due_on", "pk"))


def open_of(customer: Customer, currency: Currency, *, owed: bool) -> list[CustomerItem]:
    """A customer's open items in a currency by due date: what he owes, or what is owed to him."""
    rows = CustomerItem.objects.filter(customer=customer, currency=currency)
    rows = rows.filter(open__gt=0) if owed else rows.filter(open__lt=0)
    return list(rows.select_related("currency").order_by("due_on", "pk"))


def settlements_of(item: CustomerItem) -> QuerySet[Settlement]:
    """What an item was settled with, the undone and the undoing too, latest first."""
    return (
        Settlement.objects.filter(Q(debit=item) | Q(credit=item))
        .select_related("debit__invoice", "debit__payment", "credit__invoice", "credit__payment", "voucher")
        .select_related("undone_by", "debit__currency")
        .order_by("-pk")
    )


def opening_items_listed() -> CustomerItemQuerySet:
    """All items that were brought forward."""
    rows: CustomerItemQuerySet = CustomerItem.objects.filter(kind=ItemKind.OPENING).annotate(
        home=Value(home_currency())
    )
    return rows


def payments_listed() -> PaymentQuerySet:
    """All payments with what is still on account of them."""
    rows: PaymentQuerySet = Payment.objects.annotate(on_account=-F("item__open"), home=Value(home_currency()))
    return rows


def state_of(item: CustomerItem | None, today: date) -> tuple[str, str]:
    """(label, tone) of an invoice's item: paid, overdue, paid in part or open; ('', '') for none."""
    if item is None or not item.amount:
        return "", ""
    if not item.open:
        return _("Settled"), "green"
    if item.open > 0 and item.due_on < today:
        return _("Overdue"), "red"
    if item.open != item.amount:
        return _("Settled in part"), "orange"
    return _("Open"), "blue"


def bucket_of(due_on: date, on: date) -> str:
    """The name of the bucket that an item due on a day falls into on another."""
    days = (on - due_on).days
    return next(name for name, _label, _first, last in BUCKETS if last is None or days <= last)


def _in_bucket(first: int | None, last: int | None, on: date) -> Q:
    condition = Q()
    if first is not None:
        condition &= Q(due_on__lte=on - timedelta(days=first))
    if last is not None:
        condition &= Q(due_on__gte=on - timedelta(days=last))
    return condition


def aged(on: date, customer: int | None = None) -> QuerySet[CustomerItem, Any]:
    """A row per customer and currency: what is open at the end of the day by its age, in the currency and, under
    `company_…`, in the company's; `total` and `company_total` are the sums of the buckets."""
    return (
        _then(on, customer)
        .order_by("customer__name", "customer__number", "currency__code")
        .values("customer", "customer__number", "customer__name", "currency__code", "currency__digits")
        .annotate(**_sums("", on), **_sums("company_", on))
    )


def aged_totals(on: date, customer: int | None = None) -> dict[str, Decimal]:
    """The sums of the whole report in company currency, by bucket and in `total`."""
    found: dict[str, Decimal | None] = _then(on, customer).aggregate(**_sums("company_", on))
    return {name.removeprefix("company_"): value or ZERO for name, value in found.items()}


def _then(on: date, customer: int | None) -> CustomerItemQuerySet:
    rows = items_as_of(on)
    return rows.filter(customer=customer) if customer else rows


def _sums(prefix: str, on: date) -> dict[str, Sum]:
    amount = F(f"{prefix}open_then")
    sums = {f"{prefix}total": Sum(amount, output_field=MONEY)}
    for name, _label, first, last in BUCKETS:
        part = Case(When(_in_bucket(first, last, on), then=amount), default=ZERO, output_field=MONEY)
        sums[f"{prefix}{name}"] = Sum(part, output_field=MONEY)
    return sums


@dataclass(slots=True)
class Account:
    """A customer's account in one currency over some days: what was open before, what came, what is open after."""

    currency: Currency
    opening: Decimal = ZERO
    lines: list[tuple[CustomerItem, Decimal]] = field(default_factory=list)
    open_items: list[CustomerItem] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        return self.lines[-1][1] if self.lines else self.opening

    @property
    def overdue(self) -> Decimal:
        return sum((item.open_then for item in self.open_items if item.is_overdue), ZERO)  # type: ignore[attr-defined]


def usual_days(today: date) -> dict[str, date]:
    """What a statement covers where nothing else is asked for: some three months up to today."""
    return {"first": (today - timedelta(days=90)).replace(day=1), "last": today}


def statement(customer: Customer, first: date, last: date) -> list[Account]:
    """The customer's account from `first` to `last` (inclusive), one per currency: documents with the balance after
    each, and what is open at the end."""
    accounts: dict[int, Account] = {}

    def account(item: CustomerItem) -> Account:
        return accounts.setdefault(item.currency_id, Account(item.currency))

    rows = CustomerItem.objects.filter(customer=customer, on__lte=last).select_related("currency")
    before = rows.filter(on__lt=first).order_by("currency").values("currency").annotate(sum=Sum("amount"))
    opening = {row["currency"]: row["sum"] for row in before}
    for currency in Currency.objects.filter(pk__in=opening):
        accounts[currency.pk] = Account(currency, opening[currency.pk])
    for item in rows.filter(on__gte=first).order_by("on", "pk"):
        found = account(item)
        found.lines.append((item, found.closing + item.amount))
    for item in _with_age(
        items_as_of(last).filter(customer=customer).select_related("currency").order_by("due_on", "pk"), last
    ):
        account(item).open_items.append(item)
    used = [found for found in accounts.values() if found.opening or found.lines]
    return sorted(used, key=lambda found: found.currency.code)


def _with_age(rows: Iterable[CustomerItem], on: date) -> Iterable[CustomerItem]:
    for row in rows:
        row.is_overdue = row.amount > 0 and row.due_on < on  # type: ignore[attr-defined]
        yield row
