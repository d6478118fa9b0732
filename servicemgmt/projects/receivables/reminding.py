"""Whom to remind of what, and how. Nothing here writes: the preview and the run ask the same function."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.ledger.models import PostingPurpose
from servicemgmt.ledger.queries import account_for
from servicemgmt.masterdata.models import Currency, Customer
from servicemgmt.masterdata.queries import Rates, company

from ..models import CustomerItem, ItemKind, ReminderLevel


@dataclass(frozen=True, slots=True)
class DueLine:
    """An overdue item with the level that it is reminded at."""

    item: CustomerItem
    level: ReminderLevel
    days: int


@dataclass(slots=True)
class DueReminder:
    """A letter to be: the overdue items of one customer in one currency."""

    customer: Customer
    currency: Currency
    lines: list[DueLine] = field(default_factory=list)
    fee: Decimal = ZERO
    #: The fee in company currency, and the day it is posted on; None where it is only printed.
    company_fee: Decimal = ZERO
    posted_on: date | None = None
    exchange_rate: Decimal = Decimal(1)

    @property
    def level(self) -> ReminderLevel:
        """The highest level of its items gives the letter its text and fee."""
        return max((line.level for line in self.lines), key=lambda level: level.level)

    @property
    def open(self) -> Decimal:
        return sum((line.item.open for line in self.lines), ZERO)


def levels() -> list[ReminderLevel]:
    """The levels in use, lowest first. Raises Refused where there is none."""
    found = list(ReminderLevel.objects.filter(ended_on__isnull=True).order_by("level"))
    if not found:
        raise Refused(_("There is no reminder level yet: Setup, Reminder levels."))
    return found


def due_reminders(on: date, customers: Collection[int] | None = None) -> list[DueReminder]:
    """The reminders to make on a day, by customer and currency.

    An item moves up one level at a time: to the one after its last, once it is that level's days overdue and as many
    days have passed since the last reminder as lie between the two levels. Who owes nothing in all, because as much is
    owed to him in that currency, is left alone. A posted fee is no cause for a reminder.
    Raises Refused as `levels` does, and where a fee cannot be reckoned or posted.
    """
    steps = levels()
    rows = CustomerItem.objects.filter(open__gt=0, due_on__lte=on - timedelta(days=steps[0].days), on__lte=on)
    rows = rows.exclude(kind=ItemKind.REMINDER_FEE)
    if customers is not None:
        rows = rows.filter(customer__in=customers)
    items = rows.select_related("customer", "currency").annotate(
        reached=Max("reminder_lines__level"), reminded_on=Max("reminder_lines__reminder__on")
    )
    owing = _who_owes({item.customer_id for item in items})
    found = []
    ordered = sorted(
        items, key=lambda row: (row.customer.name, row.customer_id, row.currency_id, row.due_on, row.pk)
    )
    for key, group in groupby(ordered, key=lambda row: (row.customer_id, row.currency_id)):
        lines = [line for item in group if (line := _line(item, steps, on))]
        if lines and key in owing:
            first = lines[0].item
            found.append(DueReminder(first.customer, first.currency, lines))
    _with_fees([letter for letter in found if letter.level.fee], on)
    return found


def _with_fees(letters: Collection[DueReminder], on: date) -> None:
    """Reckon the levels' fees in the currency of each letter at the day's rate. Raises Refused where there is no rate,
    and where a fee is posted, no account for it or no open day."""
    rates, digits = Rates(), company().currency.digits
    if any(letter.level.posts_fee for letter in letters):
        account_for(PostingPurpose.REMINDER_FEE)
        account_for(PostingPurpose.RECEIVABLE)
        day = LedgerDays.read().of(on)
    for letter in letters:
        letter.exchange_rate = rates.on(letter.currency, on)
        letter.fee = round_money(letter.level.fee / letter.exchange_rate, letter.currency.digits)
        if letter.fee and letter.level.posts_fee:
            letter.company_fee = round_money(letter.fee * letter.exchange_rate, digits)
            letter.posted_on = day


def _who_owes(customers: Collection[int]) -> set[tuple[int, int]]:
    sums = CustomerItem.objects.still_open().filter(customer__in=customers).order_by()
    rows = sums.values("customer", "currency").annotate(sum=Sum("open"))
    return {(row["customer"], row["currency"]) for row in rows if row["sum"] > 0}


def _line(item: CustomerItem, steps: list[ReminderLevel], on: date) -> DueLine | None:
    reached: int = item.reached or 0  # type: ignore[attr-defined]
    step = next((level for level in steps if level.level > reached), None)
    days = (on - item.due_on).days
    if step is None or days < step.days:
        return None
    reminded_on: date | None = item.reminded_on  # type: ignore[attr-defined]
    if reminded_on:
        before = next((level.days for level in steps if level.level == reached), 0)
        if (on - reminded_on).days < step.days - before:
            return None
    return DueLine(item, step, days)
