"""Posting vouchers: the only way into the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db import DatabaseError, transaction

from servicemgmt.core.errors import Refused, constraint_of
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.core.numbers import take_numbers
from servicemgmt.masterdata.models import Currency, Customer

from ..keys import take_keys
from ..models import Account, Entry, TaxCode, Voucher
from ..queries import Profile, account_in, closed_sentence, open_periods, posting_profile

#: The number sequence of vouchers: gapless per year of the voucher's date.
SEQUENCE = "voucher"


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line to post: debit positive, credit negative.

    `purpose_or_account` is a PostingPurpose (the posting profile finds the account, by category) or an Account.
    `amount` is in the voucher's currency, `company_amount` in the company's; both already rounded.
    """

    purpose_or_account: str | Account
    amount: Decimal
    company_amount: Decimal
    text: str = ""
    customer: Customer | None = None
    tax_code: TaxCode | None = None
    subject: str = ""
    category_code: str = ""

    @property
    def is_nothing(self) -> bool:
        return not self.amount and not self.company_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherDraft:
    """A voucher to post. `key` is the primary key it gets where other rows already name it (see `take_keys`)."""

    on: date
    text: str
    source: str
    currency: Currency
    lines: Sequence[VoucherLine]
    subject: str = ""
    label: str = ""
    key: int | None = None
    reverses: Voucher | None = None


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
    Raises Refused where the date lies in no open period (naming the first open date) or the posting profile misses
    an account; ValueError where the lines do not balance in both currencies.
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
    if not drafts:
        return []
    profile = posting_profile()
    for draft in drafts:
        require_balance(draft)
    require_open_days(draft.on for draft in drafts)
    vouchers = _vouchers(drafts, by)
    entries = [
        _entry(line, voucher, profile)
        for draft, voucher in zip(drafts, vouchers, strict=True)
        for line in draft.lines
        if not line.is_nothing
    ]
    _give_numbers(vouchers)
    _insert(vouchers)
    Entry.objects.bulk_create(entries, batch_size=2000)
    return vouchers


def _insert(vouchers: list[Voucher]) -> None:
    """The database judges the periods again: one of them may have closed since they were looked at."""
    try:
        with transaction.atomic():
            Voucher.objects.bulk_create(vouchers)
    except DatabaseError as error:
        if constraint_of(error) == "voucher_needs_open_period":
            require_open_days(voucher.posted_on for voucher in vouchers)
        raise


def require_balance(draft: VoucherDraft) -> None:
    """A voucher that does not balance is a bug of its maker, not a user's mistake; the database refuses it too."""
    amount = sum((line.amount for line in draft.lines), ZERO)
    company_amount = sum((line.company_amount for line in draft.lines), ZERO)
    if amount or company_amount:
        raise ValueError(f"voucher “{draft.text}” does not balance: {amount} / {company_amount}")


def require_open_days(days: Iterable[date]) -> None:
    """Refused, naming the first open date, where one of the days lies in a closed or missing fiscal period."""
    periods = [period.during for period in open_periods()]
    for day in sorted(set(days)):
        if not any(day in period for period in periods):
            raise Refused(closed_sentence(day))


def reversed_lines(voucher: Voucher) -> list[VoucherLine]:
    """The voucher's lines with opposite signs, on the very accounts that were posted to."""
    return [
        VoucherLine(
            entry.account,
            -entry.amount,
            -entry.company_amount,
            text=entry.text,
            customer=entry.customer,
            tax_code=entry.tax_code,
            subject=entry.subject,
        )
        for entry in voucher.entries.select_related("account", "customer", "tax_code")
    ]


def _vouchers(drafts: Sequence[VoucherDraft], by: User | None) -> list[Voucher]:
    keys = iter(take_keys(Voucher, sum(draft.key is None for draft in drafts)))
    return [
        Voucher(
            pk=next(keys) if draft.key is None else draft.key,
            posted_on=draft.on,
            text=draft.text[:160],
            source=draft.source,
            subject=draft.subject,
            subject_label=draft.label[:60],
            currency=draft.currency,
            reverses=draft.reverses,
            posted_by=by,
        )
        for draft in drafts
    ]


def _entry(line: VoucherLine, voucher: Voucher, profile: Profile) -> Entry:
    target = line.purpose_or_account
    return Entry(
        voucher=voucher,
        account=target if isinstance(target, Account) else account_in(profile, target, line.category_code),
        amount=line.amount,
        company_amount=line.company_amount,
        text=line.text[:160],
        customer=line.customer,
        tax_code=line.tax_code,
        subject=line.subject,
    )


def _give_numbers(vouchers: Iterable[Voucher]) -> None:
    ordered = sorted(vouchers, key=lambda voucher: voucher.posted_on)
    for _year, group in groupby(ordered, key=lambda voucher: voucher.posted_on.year):
        of_year = list(group)
        numbers = take_numbers(SEQUENCE, len(of_year), on=of_year[0].posted_on)
        for voucher, number in zip(of_year, numbers, strict=True):
            voucher.number = number
