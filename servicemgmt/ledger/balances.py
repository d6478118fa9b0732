"""What the accounts hold: the trial balance and the statement of one account, in company currency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, F, Q, QuerySet, RowRange, Sum, Window
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThanOrEqual
from django.db.models.functions import Coalesce

from servicemgmt.core.money import ZERO

from .models import Account, Entry

MONEY = DecimalField(max_digits=24, decimal_places=4)
#: The order of a statement: by date, then as posted.
IN_ORDER = ("voucher__posted_on", "pk")


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's line in the trial balance: debit and credit are the turnover of the range."""

    account: Account
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


def trial_balance(start: date, end: date) -> list[Balance]:
    """Every account with a posting up to `end` (inclusive), with its turnover from `start` on, by account number."""
    within = Q(entries__voucher__posted_on__gte=start)
    rows = (
        Account.objects.filter(entries__voucher__posted_on__lte=end)
        .annotate(
            opening=_sum(~within),
            debit=_sum(within & Q(entries__company_amount__gt=0)),
            credit=_sum(within & Q(entries__company_amount__lt=0)),
        )
        .order_by("code")
    )
    return [Balance(row, row.opening, row.debit, -row.credit) for row in rows]


def totals_of(rows: Sequence[Balance]) -> dict[str, Decimal]:
    """The sums of a trial balance. Opening and closing are nothing, and debit is credit, as vouchers balance."""
    names = ("opening", "debit", "credit", "closing")
    return {name: sum((getattr(row, name) for row in rows), ZERO) for name in names}


def _sum(condition: Q) -> Coalesce:
    return Coalesce(Sum("entries__company_amount", filter=condition), ZERO, output_field=MONEY)


def balance_of(account: Account, *, until: date | None = None) -> Decimal:
    """What the account holds at the end of the day, debit positive."""
    entries = account.entries.all()
    if until is not None:
        entries = entries.filter(voucher__posted_on__lte=until)
    return _total(entries)


def _total(entries: QuerySet[Entry], condition: Q | None = None) -> Decimal:
    total: Decimal | None = entries.aggregate(total=Sum("company_amount", filter=condition))["total"]
    return total or ZERO


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page of a statement ends: after this posting."""

    on: date
    pk: int

    @classmethod
    def parse(cls, text: str) -> "Mark | None":
        """The mark as it stands in an address (`2026-03-16.87`); None for anything else."""
        day, _dot, key = text.partition(".")
        try:
            return cls(date.fromisoformat(day), int(key)) if key.isdecimal() and len(key) < 19 else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.on.isoformat()}.{self.pk}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of an account's statement: opening, what is carried forward, the postings, and the closing balance.

    Each posting has its `balance`. `debit` and `credit` are the turnover of the whole range; `following` begins the
    next page.
    """

    opening: Decimal
    carried: Decimal
    rows: list[Entry]
    debit: Decimal
    credit: Decimal
    following: Mark | None

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


def statement(account: Account, start: date, end: date, *, after: Mark | None, size: int) -> Statement:
    """The postings of the account from `start` to `end` (both inclusive), `size` of them from the mark on.

    The page is found by its keys; the running balance is one window over its rows alone, on top of what was before.
    """
    within = _within(account, start, end)
    later = within if after is None else within.filter(_beyond(TupleGreaterThan, after))
    keys = list(later.order_by(*IN_ORDER).values_list("pk", flat=True)[: size + 1])
    sums = within.aggregate(
        debit=Sum("company_amount", filter=Q(company_amount__gt=0)),
        credit=Sum("company_amount", filter=Q(company_amount__lt=0)),
    )
    opening = _total(account.entries.filter(voucher__posted_on__lt=start))
    carried = (
        opening if after is None else opening + _total(within.filter(_beyond(TupleLessThanOrEqual, after)))
    )
    rows = list(with_balance(Entry.objects.filter(pk__in=keys[:size]), carried))
    last = rows[-1] if len(keys) > size else None
    return Statement(
        opening=opening,
        carried=carried,
        rows=rows,
        debit=sums["debit"] or ZERO,
        credit=-(sums["credit"] or ZERO),
        following=Mark(last.voucher.posted_on, last.pk) if last else None,
    )


def whole_statement(account: Account, start: date, end: date) -> Iterator[Entry]:
    """Every posting of the range with its balance, read from the database in pieces."""
    opening = _total(account.entries.filter(voucher__posted_on__lt=start))
    return with_balance(_within(account, start, end), opening).iterator(chunk_size=2000)


def with_balance(rows: QuerySet[Entry], carried: Decimal) -> QuerySet[Entry]:
    """The postings in a statement's order, each with the `balance` after it."""
    running = Window(
        Sum("company_amount"),
        order_by=[F(name).asc() for name in IN_ORDER],
        frame=RowRange(None, 0),
        output_field=MONEY,
    )
    found: QuerySet[Entry] = (
        rows.select_related("voucher__currency", "customer")
        .annotate(balance=running + carried)
        .order_by(*IN_ORDER)
    )
    return found


def _within(account: Account, start: date, end: date) -> QuerySet[Entry]:
    return Entry.objects.filter(account=account, voucher__posted_on__gte=start, voucher__posted_on__lte=end)


def _beyond(comparison: type, mark: Mark) -> object:
    return comparison((F("voucher__posted_on"), F("pk")), (mark.on, mark.pk))
