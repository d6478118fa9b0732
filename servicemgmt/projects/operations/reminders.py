"""Reminders made from what is overdue."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import event_of, record_all
from servicemgmt.core.documents import keep_later
from servicemgmt.core.errors import refusing
from servicemgmt.core.models import Run, User
from servicemgmt.core.numbers import take_numbers
from servicemgmt.masterdata.printed import addressee, letterhead
from servicemgmt.masterdata.queries import company

from ..models import CustomerItem, Reminder, ReminderLine
from ..receivables.reminding import DueReminder, due_reminders
from ..receivables.settling import document_of

#: Numbers of reminders; they may have gaps.
SEQUENCE = "reminder"


@transaction.atomic
def make_reminders(
    *, customers: Collection[int], on: date, by: User | None, at: datetime, run: Run | None = None
) -> list[Reminder]:
    """Make the reminders of these customers that are due `on` that day; each level once per item. A worker archives
    the letters. Raises Refused where there is no level, no rate for a fee, or somebody reminds at the same moment.
    """
    rows = CustomerItem.objects.select_for_update(of=("self",)).filter(customer__in=customers, open__gt=0)
    list(rows.order_by("pk").values_list("pk"))
    due = due_reminders(on, customers)
    if not due:
        return []
    firm = letterhead(company())
    numbers = take_numbers(SEQUENCE, len(due))
    made = Reminder.objects.bulk_create(
        Reminder(
            number=number,
            customer=found.customer,
            currency=found.currency,
            level=found.level,
            on=on,
            open=found.open,
            fee=found.fee(on),
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
            "reminded",
            document_of(line.item),
            by=by,
            label=line.item.label,
            changes={"reminder": [None, reminder.number], "level": [None, str(line.level)]},
            run=run,
        )
        for reminder, found in zip(made, due, strict=True)
        for line in found.lines
    )
    keep_later("reminder", [reminder.pk for reminder in made])
    return made


def _printed(found: DueReminder, firm: dict[str, str]) -> dict[str, object]:
    level = found.level
    return {
        "company": firm,
        "customer": addressee(found.customer),
        "currency": found.currency.code,
        "digits": found.currency.digits,
        "heading": level.description,
        "text": level.text,
        "fee_text": level.fee_text,
    }
