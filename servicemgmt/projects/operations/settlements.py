"""Customer items: opened with every posted document, settled with each other, and opened again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from servicemgmt.core.audit import event_of, record_all
from servicemgmt.core.bulk import insert_values, inserted, take_keys
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.money import round_money
from servicemgmt.ledger.models import Voucher
from servicemgmt.ledger.operations import VoucherDraft, post_vouchers
from servicemgmt.ledger.operations.posting import ledger_day, reversed_lines
from servicemgmt.masterdata.queries import company

from ..models import CustomerItem, Invoice, ItemKind, Settlement
from ..receivables.settling import Settling, document_of


def lock_credited(invoices: Iterable[Invoice]) -> None:
    """Lock the items of the invoices that these credit notes credit; before any number is taken."""
    keys = {note.credits_id for note in invoices if note.credits_id}
    if keys:
        rows = CustomerItem.objects.select_for_update(of=("self",), no_key=True).filter(invoice__in=keys)
        list(rows.order_by("pk").values_list("pk"))


def open_items(invoices: Sequence[Invoice], posted_on: Mapping[int, date], *, by: User | None) -> None:
    """Open the customer items of invoices and credit notes just posted, on the dates of their vouchers (`posted_on`, by
    the voucher's key); a credit note settles its invoice at once, as far as that is open. Called in the posting
    transaction, after `lock_credited`."""
    keys = take_keys(CustomerItem, len(invoices))
    made = [item_of(invoice, key, posted_on) for invoice, key in zip(invoices, keys, strict=True)]
    insert_values(CustomerItem, Item._fields, made)
    notes: list[tuple[CustomerItem, int]] = []
    for invoice, row in zip(invoices, made, strict=True):
        if invoice.credits_id:
            item = inserted(CustomerItem, row)
            item.customer, item.currency, item.invoice = invoice.customer, invoice.currency, invoice
            notes.append((item, invoice.credits_id))
    if not notes:
        return
    credited = CustomerItem.objects.filter(invoice__in={key for _item, key in notes})
    by_invoice = {item.invoice_id: item for item in credited.select_related("customer", "currency")}

    def settled_on(note: tuple[CustomerItem, int]) -> date:
        return max(note[0].document_on, by_invoice[note[1]].on)

    for on, of_day in groupby(sorted(notes, key=settled_on), key=settled_on):
        today = list(of_day)
        settling = begin(on, by, len(today))
        for item, key in today:
            owed = by_invoice[key]
            if owed.open * item.open < 0:
                settling.settle(owed, item, min(abs(owed.open), abs(item.open)))
        write(settling)


class Item(NamedTuple):
    """The columns of a document's item as they are inserted: a run makes thousands."""

    id: int
    customer_id: int
    currency_id: int
    kind: str
    label: str
    invoice_id: int
    on: date
    dated: date | None
    due_on: date
    exchange_rate: Decimal
    amount: Decimal
    company_amount: Decimal
    open: Decimal
    company_open: Decimal


def item_of(invoice: Invoice, key: int, posted_on: Mapping[int, date]) -> Item:
    """The item of a posted invoice or credit note, from the date of its voucher on."""
    on = posted_on[invoice.voucher_id]
    return Item(
        id=key,
        customer_id=invoice.customer_id,
        currency_id=invoice.currency_id,
        kind=ItemKind(invoice.kind).value,
        label=invoice.number,
        invoice_id=invoice.pk,
        on=on,
        dated=invoice.invoice_date if invoice.invoice_date != on else None,
        due_on=invoice.due_date,
        exchange_rate=invoice.exchange_rate,
        amount=invoice.gross,
        company_amount=invoice.company_gross,
        open=invoice.gross,
        company_open=invoice.company_gross,
    )


@transaction.atomic
def settle(first: int, second: int, *, amount: Decimal, on: date, by: User | None) -> Settlement:
    """Settle so much of two items of one customer, one currency and opposite sign; `amount` is positive.

    Another rate gives an exchange difference, posted on `on`, which is not before either item; the settlement stands
    from the day that such a posting gets. Raises Refused where the items do not fit together or the period is closed;
    Invalid (fields `amount`, `on`) for more than is open of one.
    """
    items = locked([first, second])
    one, other = items[first], items[second]
    check_pair(one, other)
    settling = begin(on, by, 1)
    if settling.on < max(one.on, other.on):
        raise Invalid(_("That is before one of the documents."), field="on")
    check_amount(one, amount)
    check_amount(other, amount)
    row = settling.settle(one, other, amount)
    write(settling)
    record_settled("settled", [row], by)
    return row


@transaction.atomic
def undo_settlement(settlement_id: int, *, on: date, by: User | None) -> Settlement:
    """Take a settlement back by a row that mirrors it; both items are open again, its difference is reversed on `on`.

    Raises Refused where it is undone already, is itself an undoing, or belongs to the reversal of a payment or a waived
    fee; Invalid
    (field `on`) for a day before the settlement's.
    """
    found = Settlement.objects.select_related("debit__payment", "credit__payment").get(pk=settlement_id)
    items = locked([found.debit_id, found.credit_id])
    settled = live_settlements(items).filter(pk=settlement_id).first()
    if settled is None:
        raise Refused(_("This settlement was undone already."))
    if any(item.payment and item.payment.reverses_id for item in (found.debit, found.credit)):
        raise Refused(_("A reversed payment stays settled with its reversal."))
    if ItemKind.WAIVED_FEE in (found.debit.kind, found.credit.kind):
        raise Refused(_("A waived fee stays settled."))
    settling = begin(on, by, 0)
    if settling.on < settled.on:
        raise Invalid(_("That is before the settlement."), field="on")
    row = undo_in(settling, settled, items)
    write(settling)
    record_settled("settlement_undone", [row], by)
    return row


def undo_in(settling: Settling, settled: Settlement, items: dict[int, CustomerItem]) -> Settlement:
    """Undo one settlement of locked items, its difference too."""
    settled.debit, settled.credit = items[settled.debit_id], items[settled.credit_id]
    reversal = None
    if settled.voucher:
        reversal = VoucherDraft(
            on=settling.meant_on,
            text=_("Reversal of %(voucher)s") % {"voucher": settled.voucher.number},
            source="payments",
            currency=settled.voucher.currency,
            lines=reversed_lines(settled.voucher),
            subject=settled.voucher.subject,
            label=settled.voucher.subject_label,
            key=take_keys(Voucher, 1)[0],
            reverses=settled.voucher,
        )
    return settling.undo(settled, reversal)


def live_settlements(items: Collection[int]) -> QuerySet[Settlement]:
    """The settlements of these items that stand: neither undone nor an undoing."""
    rows = Settlement.objects.filter(undone_by__isnull=True, undoes__isnull=True)
    return rows.filter(Q(debit__in=items) | Q(credit__in=items)).select_related("voucher__currency")


def begin(on: date, by: User | None, most: int) -> Settling:
    """Settlements meant for a day, at most so many of which have a difference. Raises Refused where nothing can be
    posted for it."""
    keys = list(reversed(take_keys(Voucher, most)))
    return Settling(on=ledger_day(on), meant_on=on, by=by, home_digits=company().currency.digits, keys=keys)


def write(settling: Settling, *others: VoucherDraft) -> None:
    """Save what was settled; the vouchers, `others` first, are numbered last."""
    if settling.rows:
        CustomerItem.objects.bulk_update(settling.items.values(), ["open", "company_open"])
        Settlement.objects.bulk_create(settling.rows)
    post_vouchers([*others, *settling.vouchers], by=settling.by)


def locked(keys: Iterable[int]) -> dict[int, CustomerItem]:
    """The items under lock, by key; Stale where one is not there."""
    wanted = set(keys)
    rows = (
        CustomerItem.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk")
    )
    found = {row.pk: row for row in rows.select_related("customer", "currency")}
    if wanted - found.keys():
        raise Stale(_("The open items changed meanwhile. Look at them again."))
    return found


def check_pair(one: CustomerItem, other: CustomerItem) -> None:
    """Refused where two items cannot be settled with each other."""
    names = {"one": one.label, "other": other.label}
    if one.customer_id != other.customer_id or one.currency_id != other.currency_id:
        raise Refused(_("%(one)s and %(other)s are not of one customer and one currency.") % names)
    for item in (one, other):
        if not item.open:
            raise Refused(_("Nothing is open of %(item)s any more.") % {"item": item.label})
    if one.open * other.open > 0:
        raise Refused(_("%(one)s and %(other)s stand on the same side of the account.") % names)


def check_amount(item: CustomerItem, amount: Decimal, field: str = "amount") -> None:
    """Invalid for less than something, more than is open, or a fraction of the currency's smallest coin."""
    if amount <= 0 or amount != round_money(amount, item.currency.digits):
        raise Invalid(_("Enter a positive amount with the currency's decimals."), field=field)
    if amount > abs(item.open):
        raise Invalid(
            _("Only %(open)s is open of %(item)s.")
            % {"open": round_money(abs(item.open), item.currency.digits), "item": item.label},
            field=field,
        )


def record_settled(action: str, rows: Iterable[Settlement], by: User | None) -> None:
    """An Event on both documents of each settlement."""
    record_all(
        event_of(
            action,
            document_of(item),
            by=by,
            label=item.label,
            changes={"with": [None, other.label], "amount": [None, format(abs(row.amount).normalize(), "f")]},
        )
        for row in rows
        for item, other in ((row.debit, row.credit), (row.credit, row.debit))
    )
