"""Waiving the fee of a reminder that was posted."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, record, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.ledger.models import Voucher
from servicemgmt.ledger.operations import VoucherDraft
from servicemgmt.ledger.operations.posting import reversed_lines

from ..models import CustomerItem, ItemKind, Reminder
from ..receivables.settling import Settling
from .settlements import begin, live_settlements, locked, write


@transaction.atomic
def waive_fee(reminder_id: int, *, on: date, reason: str, by: User | None, at: datetime) -> CustomerItem:
    """Waive the posted fee of a reminder: reverse its voucher on `on` and settle it with that.

    The fee's item stays, with nothing open; what waives it is an item of its own, so that statements tell both.
    Raises Refused where no fee was posted, it is waived already, anything was paid of it, or the period is closed;
    Invalid (field `on`) for a day before the fee's.
    """
    reminder = Reminder.objects.get(pk=reminder_id)
    key = CustomerItem.objects.filter(**_fee_of(reminder)).values_list("pk", flat=True).first()
    fee = locked([key])[key] if key else None
    why_not = _why_not(reminder, fee)
    if fee is None or why_not:
        raise Refused(why_not)
    settling = begin(on, by, 0)
    if settling.on < fee.on:
        raise Invalid(_("That is before the fee was posted."), field="on")
    (voucher_key,) = take_keys(Voucher, 1)
    posted = Voucher.objects.select_related("currency").get(customer_items=fee)
    waived = _item(fee, settling, voucher_key)
    with refusing(customeritem_one_waiver_per_fee=_("This fee is waived already.")):
        waived.save(force_insert=True)
    settling.settle(fee, waived, fee.open)
    reversal = VoucherDraft(
        on=on,
        text=_("Waived: %(text)s") % {"text": posted.text},
        source=posted.source,
        currency=posted.currency,
        lines=reversed_lines(posted),
        subject=subject_of(reminder),
        label=reminder.number,
        key=voucher_key,
        reverses=posted,
    )
    write(settling, reversal)
    changes = {"fee": [plain(fee.amount), None], "reason": ["", reason]}
    record("fee_waived", reminder, by=by, changes=changes)
    return waived


def why_not_waive(reminder: Reminder) -> str:
    """Why the fee of the reminder cannot be waived as it stands, '' where it can; locks nothing."""
    return _why_not(reminder, CustomerItem.objects.filter(**_fee_of(reminder)).first())


def _fee_of(reminder: Reminder) -> dict[str, str]:
    return {"kind": ItemKind.REMINDER_FEE, "label": reminder.number}


def _why_not(reminder: Reminder, fee: CustomerItem | None) -> str:
    """That there is no posted fee, or it is waived or paid, in whole or in part; then with what it was paid."""
    names = {"number": reminder.number}
    if fee is None:
        return _("The fee of %(number)s was never posted; there is nothing to waive.") % names
    if CustomerItem.objects.filter(kind=ItemKind.WAIVED_FEE, label=fee.label).exists():
        return _("The fee of %(number)s is waived already.") % names
    paid = live_settlements([fee.pk]).select_related("credit").first()
    if paid is None:
        return ""
    return _("The fee of %(number)s is paid with %(other)s. Undo that settlement first, then waive it.") % (
        names | {"other": paid.credit.label}
    )


def _item(fee: CustomerItem, settling: Settling, voucher: int) -> CustomerItem:
    dated = settling.meant_on
    return CustomerItem(
        customer=fee.customer,
        currency=fee.currency,
        kind=ItemKind.WAIVED_FEE,
        label=fee.label,
        voucher_id=voucher,
        on=settling.on,
        dated=dated if dated != settling.on else None,
        due_on=dated,
        exchange_rate=fee.exchange_rate,
        amount=-fee.amount,
        company_amount=-fee.company_amount,
        open=-fee.amount,
        company_open=-fee.company_amount,
    )
