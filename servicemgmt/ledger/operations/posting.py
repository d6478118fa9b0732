"""Posting vouchers: the only way into the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection, transaction

from servicemgmt.core.bulk import insert_values, inserted, take_keys
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.core.numbers import take_numbers
from servicemgmt.masterdata.models import Currency

from ..days import LedgerDays
from ..models import Account, Entry, Voucher
from ..queries import Profile, account_in, posting_profile

#: The number sequence of vouchers: gapless per year of the voucher's date.
SEQUENCE = "voucher"


class VoucherLine(NamedTuple):
    """One line to post: debit positive, credit negative.

    `purpose_or_account` is a PostingPurpose (the posting profile finds the account, by category) or an Account.
    `amount` is in the voucher's currency, `company_amount` in the company's; both already rounded.
    """

    purpose_or_account: str | Account
    amount: Decimal
    company_amount: Decimal
    text: str = ""
    customer_id: int | None = None
    tax_code_id: int | None = None
    subject: str = ""
    category_code: str = ""

    @property
    def is_nothing(self) -> bool:
        return not self.amount and not self.company_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherDraft:
    """A voucher to post. `key` is the primary key it gets where other rows already name it (see `take_keys`).

    `on` is the date it is meant for. `moves` lets it go to the first open day whatever the company's setting: for what
    must be posted though its month is closed (accruals, billing-rules 51).
    """

    on: date
    text: str
    source: str
    currency: Currency
    lines: Sequence[VoucherLine]
    subject: str = ""
    label: str = ""
    key: int | None = None
    reverses: Voucher | None = None
    moves: bool = False


@transaction.atomic
def post_voucher(
    *,
    on: date,
    text: str,
    source: str,
    currency: Currency,
    lines: Sequence[VoucherLine],
    by: User | None,
    subject: str = "",
    label: str = "",
    reverses: Voucher | None = None,
) -> Voucher:
    """Post one voucher dated `on` (a company-zone ledger date) and return it, with its number and entries.

    `subject` (`order:7`) and `label` name the document behind it. Lines of nothing are left out; a voucher without
    lines is a memo. Call it last in the transaction: the counter of gapless numbers stays locked until commit.
    A date in a closed period is refused, or moved to the first open day with the date asked for kept in `moved_from`,
    by the company's setting (LedgerParameters). Raises Refused then, where no later period is open, and where the
    posting profile misses an account; ValueError where the lines do not balance in both currencies.
    """
    draft = VoucherDraft(
        on=on,
        text=text,
        source=source,
        currency=currency,
        lines=lines,
        subject=subject,
        label=label,
        reverses=reverses,
    )
    return post_vouchers([draft], by=by)[0]


@transaction.atomic
def post_vouchers(drafts: Sequence[VoucherDraft], *, by: User | None) -> list[Voucher]:
    """Post many vouchers in a number of statements that does not grow with them; see `post_voucher`.

    Numbers are taken in rising order of date, one block per year, so that concurrent postings never lock in a circle.
    """
    made = [inserted(Voucher, row) for row in write_vouchers([ready_vouchers(drafts, by=by)])]
    for draft, voucher in zip(drafts, made, strict=True):
        voucher.currency, voucher.reverses = draft.currency, draft.reverses
    return made


class Row(NamedTuple):
    """The columns of a voucher as they are inserted: a run makes hundreds of thousands."""

    id: int
    number: str
    posted_on: date
    moved_from: date | None
    text: str
    source: str
    subject: str
    subject_label: str
    currency_id: int
    reverses_id: int | None
    posted_by_id: int | None


class Ready(NamedTuple):
    """Vouchers that only want their numbers, and the rows of their entries."""

    vouchers: list[Row]
    entries: list[tuple[Any, ...]]


def ready_vouchers(drafts: Sequence[VoucherDraft], *, by: User | None) -> Ready:
    """Everything about vouchers that can be refused; `write_vouchers` then makes them, last in the same transaction."""
    if not drafts:
        return Ready([], [])
    profile = posting_profile()
    for draft in drafts:
        require_balance(draft)
    days = _ledger_days(drafts)
    vouchers = _vouchers(drafts, days, by)
    entries = [
        _entry(line, voucher.id, profile)
        for draft, voucher in zip(drafts, vouchers, strict=True)
        for line in draft.lines
        if not line.is_nothing
    ]
    return Ready(vouchers, entries)


def write_vouchers(ready: Iterable[Ready]) -> list[Row]:
    """Number and insert vouchers. The counter of their numbers stays locked until the transaction ends."""
    parts = list(ready)
    vouchers = [voucher for part in parts for voucher in part.vouchers]
    if vouchers:
        vouchers = _numbered(vouchers)
        insert_values(Voucher, Row._fields, vouchers)
        insert_values(Entry, ENTRY, (entry for part in parts for entry in part.entries))
    return vouchers


def _ledger_days(drafts: Sequence[VoucherDraft]) -> list[date]:
    """The ledger date of each draft. Whoever closes a period waits from here on until this transaction has ended."""
    calendar = held_days()
    return [calendar.of(draft.on, moves=draft.moves) for draft in drafts]


def require_balance(draft: VoucherDraft) -> None:
    """A voucher that does not balance is a bug of its maker, not a user's mistake; the database refuses it too."""
    amount = sum((line.amount for line in draft.lines), ZERO)
    company_amount = sum((line.company_amount for line in draft.lines), ZERO)
    if amount or company_amount:
        raise ValueError(f"voucher “{draft.text}” does not balance: {amount} / {company_amount}")


def ledger_day(on: date) -> date:
    """The ledger date that anything gets which this transaction posts for `on`. Raises Refused, naming the first open
    date, where that can be none (see `days.LedgerDays`). Whoever closes a period waits until the transaction ended."""
    return held_days().of(on)


def held_days() -> LedgerDays:
    """The ledger's days as they stay until the transaction ends: whoever closes a period waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ledger_voucher IN ROW EXCLUSIVE MODE")
    return LedgerDays.read()


def reversed_lines(voucher: Voucher) -> list[VoucherLine]:
    """The voucher's lines with opposite signs, on the very accounts that were posted to."""
    return [
        VoucherLine(
            entry.account,
            -entry.amount,
            -entry.company_amount,
            text=entry.text,
            customer_id=entry.customer_id,
            tax_code_id=entry.tax_code_id,
            subject=entry.subject,
        )
        for entry in voucher.entries.select_related("account")
    ]


def _vouchers(drafts: Sequence[VoucherDraft], days: Sequence[date], by: User | None) -> list[Row]:
    keys = iter(take_keys(Voucher, sum(draft.key is None for draft in drafts)))
    return [
        Row(
            id=next(keys) if draft.key is None else draft.key,
            number="",
            posted_on=day,
            moved_from=draft.on if draft.on != day else None,
            text=draft.text[:160],
            source=draft.source,
            subject=draft.subject,
            subject_label=draft.label[:60],
            currency_id=draft.currency.pk,
            reverses_id=draft.reverses.pk if draft.reverses else None,
            posted_by_id=by.pk if by else None,
        )
        for draft, day in zip(drafts, days, strict=True)
    ]


#: The columns of what `_entry` gives.
ENTRY = [
    "voucher_id", "account_id", "amount", "company_amount", "text", "customer_id", "tax_code_id", "subject"
]  # fmt: skip


def _entry(line: VoucherLine, voucher: int, profile: Profile) -> tuple[Any, ...]:
    """An entry as a row of values: a run writes hundreds of thousands."""
    target, amount, company_amount, text, customer, tax_code, subject, category_code = line
    account = target if isinstance(target, Account) else account_in(profile, target, category_code)
    return voucher, account.pk, amount, company_amount, text[:160], customer, tax_code, subject


def _numbered(vouchers: Sequence[Row]) -> list[Row]:
    """The vouchers in their order with their numbers, which rise with the date."""
    numbers: dict[int, str] = {}
    ordered = sorted(vouchers, key=lambda voucher: voucher.posted_on)
    for _year, group in groupby(ordered, key=lambda voucher: voucher.posted_on.year):
        of_year = list(group)
        taken = take_numbers(SEQUENCE, len(of_year), on=of_year[0].posted_on)
        numbers |= {voucher.id: number for voucher, number in zip(of_year, taken, strict=True)}
    return [voucher._replace(number=numbers[voucher.id]) for voucher in vouchers]
