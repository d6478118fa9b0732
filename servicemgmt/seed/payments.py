"""What customers paid: most invoices in whole, some in part, some not at all, and one too much."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from servicemgmt.core.money import round_money
from servicemgmt.core.runs import execute_to_end, start_run
from servicemgmt.projects.models import CustomerItem, ItemKind, PaymentMethod, Reminder
from servicemgmt.projects.operations import enter_payment, waive_fee

from .crew import Crew
from .tables import COMPANY

#: What part of an invoice is paid, in turn.
PAID = [Decimal(0), Decimal(1), Decimal("0.5"), Decimal(1), Decimal(1)]
DAYS_AFTER = 6
#: How many days ago customers were reminded first.
REMINDED_BEFORE = 12


def seed_payments(crew: Crew) -> None:
    """Pay the invoices that are some days old, by bank transfer and through the operation."""
    method = PaymentMethod.objects.get(code="TRANSFER")
    until = crew.today - timedelta(days=DAYS_AFTER)
    rows = CustomerItem.objects.filter(kind="INVOICE", open__gt=0, on__lte=until).select_related(
        "customer", "currency"
    )
    for n, item in enumerate(rows.order_by("on", "pk")):
        part = round_money(item.open * PAID[n % len(PAID)], item.currency.digits)
        if not part:
            continue
        paid_on = item.on + timedelta(days=DAYS_AFTER)
        enter_payment(
            customer=item.customer,
            method=method,
            paid_on=paid_on,
            currency=item.currency,
            amount=part + 25 if n == 1 else part,
            settle={item.pk: part},
            reference=item.label,
            by=crew.user("Finance"),
            at=datetime.combine(paid_on, time(9), tzinfo=ZoneInfo(COMPANY["time_zone"])),
        )


def seed_reminders(crew: Crew) -> None:
    """Remind whoever is overdue, as runs: who was reminded in the first is asked for a fee in the second, and one of
    them is let off."""
    for days in (REMINDED_BEFORE, 0):
        run = start_run(
            "make_reminders",
            by=crew.user("Finance"),
            parameters={"on": (crew.today - timedelta(days=days)).isoformat(), "customer": None},
            enqueue=False,
        )
        execute_to_end(run)
    fee = CustomerItem.objects.filter(kind=ItemKind.REMINDER_FEE).order_by("pk").first()
    if fee:
        letter = Reminder.objects.get(number=fee.label)
        waive_fee(
            letter.pk,
            on=crew.today,
            reason="Their payment crossed with our letter.",
            by=crew.user("Finance"),
            at=crew.now,
        )
