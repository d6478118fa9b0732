"""Documents that never change: made once, after posting or signing, and read from the archive from then on."""

import logging

from django.utils import translation

from agreements.models import AgreementSignature
from orders.models import ServiceOrder, SignOff
from orders.queries.detail import order_with_all
from reporting.pdf import render_pdf
from servicemgmt.core.documents import keep_document, kept_document
from servicemgmt.core.errors import Refused
from servicemgmt.core.languages import spoken
from servicemgmt.core.models import Attachment
from servicemgmt.projects.billing.einvoice import cii_of
from servicemgmt.projects.billing.printed import title_of
from servicemgmt.projects.models import Invoice, Reminder

from .agreement import signed_context
from .answer import language_of
from .invoice import invoice_context
from .receivables import reminder_context
from .work import receipt_of

logger = logging.getLogger(__name__)


def keep_invoice(key: int) -> Attachment | None:
    """The archived PDF of an invoice or credit note, made now if there is none; None where there is no such invoice."""
    invoice = Invoice.objects.select_related("currency", "credits").filter(pk=key).first()
    return archived_invoice(invoice) if invoice else None


def keep_receipt(key: int) -> Attachment | None:
    """The same of a signed receipt; None where the signature is gone, or void before its receipt was made."""
    row = SignOff.objects.select_related("order").filter(pk=key).first()
    return archived_receipt(row) if row else None


def archived_invoice(invoice: Invoice) -> Attachment:
    """Raises PdfUnavailable where there is none yet and PDFs cannot be made here."""
    kept = kept_document(invoice, invoice.pdf_name)
    if kept:
        return kept
    context = invoice_context(invoice)
    with translation.override(language_of(context)):
        content = render_pdf("documents/invoice.html", context, variant="pdf/a-3b")
    return keep_document(invoice, name=invoice.pdf_name, content=with_einvoice(invoice, content))


def with_einvoice(invoice: Invoice, content: bytes) -> bytes:
    """The PDF/A-3 with the e-invoice in it (Factur-X, level EN 16931).

    A document that the norm does not take (the invoice's page says why) is kept without: it was posted and has to be
    had.
    """
    from facturx import generate_from_binary  # takes a moment to load

    try:
        made: bytes = generate_from_binary(
            content,
            cii_of(invoice),
            flavor="factur-x",
            level="en16931",
            check_xsd=False,
            afrelationship="alternative",
            lang=spoken(invoice.language),
            pdf_metadata=about(invoice),
        )
    except Refused as refusal:
        logger.warning("invoice=%s kept without its e-invoice: %s", invoice.number, refusal)
        return content
    except Exception:
        logger.exception("invoice=%s kept without its e-invoice", invoice.number)
        return content
    return made


def about(invoice: Invoice) -> dict[str, str]:
    """What readers of PDFs and searches show of the file, in its language."""
    with translation.override(spoken(invoice.language)):
        title = title_of(invoice)
    author = invoice.printed.get("company", {}).get("name", "")
    return {"author": author, "title": title, "subject": title, "keywords": "Factur-X"}


def archived_receipt(row: SignOff) -> Attachment | None:
    """The receipt as it was signed, with the prices the signer was shown. Raises PdfUnavailable as above."""
    kept = kept_document(row.order, row.pdf_name)
    if kept or row.voided_at:
        return kept
    order = order_with_all(ServiceOrder.objects.all()).get(pk=row.order_id)
    context = receipt_of(order, with_prices=row.with_prices)
    with translation.override(language_of(context)):
        content = render_pdf("documents/work_receipt.html", context)
    if not SignOff.objects.filter(pk=row.pk, voided_at__isnull=True).exists():
        return None  # changed while it was drawn
    return keep_document(order, name=row.pdf_name, content=content)


def keep_agreement(key: int) -> Attachment | None:
    """The document of a signed agreement, made now if there is none; None where there is no such signature."""
    row = AgreementSignature.objects.select_related("agreement").filter(pk=key).first()
    return archived_agreement(row) if row else None


def archived_agreement(row: AgreementSignature) -> Attachment:
    """As it was signed: from the frozen form, or what was signed on paper. Raises PdfUnavailable as above."""
    kept = kept_document(row.agreement, row.pdf_name)
    if kept:
        return kept
    context = signed_context(row)
    with translation.override(language_of(context)):
        content = render_pdf("documents/agreement.html", context)
    return keep_document(row.agreement, name=row.pdf_name, content=content)


def keep_reminder(key: int) -> Attachment | None:
    """The archived letter of a reminder, made now if there is none; None where there is no such reminder."""
    reminder = Reminder.objects.filter(pk=key).first()
    return archived_reminder(reminder) if reminder else None


def archived_reminder(reminder: Reminder) -> Attachment:
    """Raises PdfUnavailable where there is none yet and PDFs cannot be made here."""
    kept = kept_document(reminder, reminder.pdf_name)
    if kept:
        return kept
    context = reminder_context(reminder)
    with translation.override(language_of(context)):
        content = render_pdf("documents/reminder.html", context)
    return keep_document(reminder, name=reminder.pdf_name, content=content)
