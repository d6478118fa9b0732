"""Credit notes (PR-15): what was invoiced is given back by copying it with opposite signs, never by reckoning anew."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.documents import keep_later
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.ledger.keys import take_keys
from servicemgmt.ledger.models import Voucher
from servicemgmt.ledger.operations import VoucherDraft, post_vouchers, reversed_lines

from ..models import Invoice, InvoiceKind, InvoiceLine, InvoiceTax, TransactionStatus
from .invoices import give_numbers
from .status import move_transactions

NEGATED = ["net", "tax", "gross", "company_net", "company_tax", "company_gross"]
COPIED = ["customer_id", "project_id", "currency_id", "exchange_rate", "language", "printed"]
LINE_COPIED = [
    "position", "transaction_id", "text", "unit", "price", "tax_code_id", "tax_percent", "tax_reason",
    "service_period",
]  # fmt: skip
LINE_NEGATED = ["quantity", "net", "company_net"]


@transaction.atomic
def credit_invoice(invoice_id: int, *, on: date, by: User | None, at: datetime, text: str = "") -> Invoice:
    """Credit a posted invoice in whole with a credit note dated `on`; returns the credit note.

    Every amount, in both currencies and at the old exchange rate, is the posted one negated (billing-rules 41); the
    voucher reverses the invoice's. The work becomes CREDITED and is not invoiced again (billing-rules 9).
    Raises Refused where it is a credit note itself or credited already, or `on` lies in a closed period; Invalid
    (field `on`) for a date before the invoice's.
    """
    invoice = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("currency", "voucher")
        .get(pk=invoice_id)
    )
    _check(invoice, on)
    key, voucher_key = take_keys(Invoice, 1)[0], take_keys(Voucher, 1)[0]
    note = Invoice(
        pk=key,
        kind=InvoiceKind.CREDIT_NOTE,
        credits=invoice,
        text=text[:160],
        invoice_date=on,
        due_date=on,
        voucher_id=voucher_key,
        posted_at=at,
        posted_by=by,
        **{name: getattr(invoice, name) for name in COPIED},
        **{name: -getattr(invoice, name) for name in NEGATED},
    )
    _copy_parts(invoice, note)
    keys = [key for key in invoice.lines.values_list("transaction_id", flat=True) if key]
    move_transactions(keys, to=TransactionStatus.SELECTED_FOR_CREDIT)
    move_transactions(keys, to=TransactionStatus.CREDITED)
    give_numbers([note])
    note.save(force_insert=True)
    record(
        "invoice_credited", invoice, by=by, changes={"credit_note": [None, note.number], "text": ["", text]}
    )
    record("credit_note_posted", note, by=by, changes={"credits": [None, invoice.number]})
    post_vouchers([_voucher(note, invoice)], by=by)
    keep_later("invoice", [note.pk])
    return note


def _check(invoice: Invoice, on: date) -> None:
    if invoice.kind == InvoiceKind.CREDIT_NOTE:
        raise Refused(_("%(number)s is a credit note itself.") % {"number": invoice.number})
    earlier = invoice.credit_notes.first()
    if earlier:
        raise Refused(
            _("%(invoice)s is credited already by %(note)s.")
            % {"invoice": invoice.number, "note": earlier.number}
        )
    if on < invoice.invoice_date:
        raise Invalid(_("The credit note cannot be dated before its invoice."), field="on")


def _copy_parts(invoice: Invoice, note: Invoice) -> None:
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=note,
            **{name: getattr(line, name) for name in LINE_COPIED},
            **{name: -getattr(line, name) for name in LINE_NEGATED},
        )
        for line in invoice.lines.all()
    )
    InvoiceTax.objects.bulk_create(
        InvoiceTax(
            invoice=note,
            tax_code_id=tax.tax_code_id,
            percent=tax.percent,
            base=-tax.base,
            tax=-tax.tax,
            company_tax=-tax.company_tax,
        )
        for tax in invoice.taxes.order_by("pk")
    )


def _voucher(note: Invoice, invoice: Invoice) -> VoucherDraft:
    return VoucherDraft(
        on=note.invoice_date,
        text=_("Credit note %(note)s for %(invoice)s") % {"note": note.number, "invoice": invoice.number},
        source="invoices",
        currency=invoice.currency,
        lines=reversed_lines(invoice.voucher),
        subject=subject_of(note),
        label=note.number,
        key=note.voucher_id,
        reverses=invoice.voucher,
    )
