"""Reminders made from what is overdue."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import event_of, plain, record_all, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.documents import keep_later
from servicemgmt.core.errors import refusing
from servicemgmt.core.models import Run, User
from servicemgmt.core.numbers import take_numbers
from servicemgmt.ledger.models import PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine, held_days, post_vouchers
from servicemgmt.masterdata.models import Company
from servicemgmt.masterdata.printed import addressee, letterhead, worded
from servicemgmt.masterdata.queries import company

from ..models import CustomerItem, ItemKind, Reminder, ReminderLine
from ..receivables.reminding import DueReminder, due_reminders
from ..receivables.settling import document_of
from .mailing import mail_reminders

#: Numbers of reminders; they may have gaps.
SEQUENCE = "reminder"


@transaction.atomic
def make_reminders(
    *, customers: Collection[int], on: date, by: User | None, at: datetime, run: Run | None = None
) -> list[Reminder]:
    """Make the reminders of these customers that are due `on` that day; each level once per item. A worker archives
    the letters and mails them to who has an address for invoices. A fee is posted where its level says so. Raises
    Refused where there is no level, no rate or account for a fee, its day is closed, or somebody reminds at the same
    moment.
    """
    rows = CustomerItem.objects.select_for_update(of=("self",), no_key=True).filter(
        customer__in=customers, open__gt=0
    )
    list(rows.order_by("pk").values_list("pk"))
    held_days()  # nobody closes the day between looking at it and posting the fees
    due = due_reminders(on, customers)
    if not due:
        return []
    firm = company()
    numbers = take_numbers(SEQUENCE, len(due))
    made = Reminder.objects.bulk_create(
        Reminder(
            number=number,
            customer=found.customer,
            currency=found.currency,
            level=found.level,
            on=on,
            open=found.open,
            fee=found.fee,
            language=found.customer.language,
            printed=_printed(found, firm),
            run=run,
            made_at=at,
            made_by=by,
        )
        for number, found in zip(numbers, due, strict=True)
    )
    with refusing(reminderline_once_per_item_and_level=_("Somebody else reminds these customers right now.")):
        ReminderLine.objects.bulk_create(
            ReminderLine(
                reminder=reminder, item=line.item, level=line.level.level, open=line.item.open, days=line.days
            )
            for reminder, found in zip(made, due, strict=True)
            for line in found.lines
        )
    record_all(
        event_of(
            "payment_reminded",
            document_of(line.item),
            by=by,
            label=line.item.label,
            changes={"reminder": [None, reminder.number], "level": [None, str(line.level)]},
            run=run,
        )
        for reminder, found in zip(made, due, strict=True)
        for line in found.lines
    )
    mail_reminders(made, by=by, at=at)
    keep_later("reminder", [reminder.pk for reminder in made])
    _post_fees([pair for pair in zip(made, due, strict=True) if pair[1].posted_on], by)
    return made


def _post_fees(letters: Sequence[tuple[Reminder, DueReminder]], by: User | None) -> None:
    """Open an item per fee that is posted, and post it: Dr customer / Cr reminder fees, without tax. Numbers last."""
    keys = take_keys(Voucher, len(letters))
    CustomerItem.objects.bulk_create(
        CustomerItem(
            customer=reminder.customer,
            currency=reminder.currency,
            kind=ItemKind.REMINDER_FEE,
            label=reminder.number,
            voucher_id=key,
            on=due.posted_on,
            dated=reminder.on if reminder.on != due.posted_on else None,
            due_on=reminder.on,
            exchange_rate=due.exchange_rate,
            amount=due.fee,
            company_amount=due.company_fee,
            open=due.fee,
            company_open=due.company_fee,
        )
        for (reminder, due), key in zip(letters, keys, strict=True)
        if due.posted_on
    )
    record_all(
        event_of(
            "fee_posted",
            subject_of(reminder),
            by=by,
            label=reminder.number,
            changes={"fee": [None, plain(due.fee)]},
        )
        for reminder, due in letters
    )
    post_vouchers(
        [_fee_voucher(reminder, due, key) for (reminder, due), key in zip(letters, keys, strict=True)], by=by
    )


def _fee_voucher(reminder: Reminder, due: DueReminder, key: int) -> VoucherDraft:
    sides = ((PostingPurpose.RECEIVABLE, 1), (PostingPurpose.REMINDER_FEE, -1))
    return VoucherDraft(
        on=reminder.on,
        text=_("Fee of reminder %(number)s, %(customer)s")
        % {"number": reminder.number, "customer": reminder.customer.name},
        source="reminders",
        currency=reminder.currency,
        lines=[
            VoucherLine(
                purpose,
                sign * due.fee,
                sign * due.company_fee,
                text=reminder.number,
                customer_id=reminder.customer_id if purpose == PostingPurpose.RECEIVABLE else None,
                subject=subject_of(reminder),
            )
            for purpose, sign in sides
        ],
        subject=subject_of(reminder),
        label=reminder.number,
        key=key,
    )


def _printed(found: DueReminder, firm: Company) -> dict[str, object]:
    level = found.level
    said = partial(worded, firm, language=found.customer.language)
    return {
        "company": letterhead(firm),
        "customer": addressee(found.customer),
        "currency": found.currency.code,
        "digits": found.currency.digits,
        "heading": said(level.description),
        "text": said(level.text),
        "fee_text": said(level.fee_text),
    }
