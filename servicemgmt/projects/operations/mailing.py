"""Mailing invoices and credit notes: the mail is written with the posting, and never without it."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import money
from servicemgmt.core.languages import spoken
from servicemgmt.core.mail import MailDraft, queue_mails
from servicemgmt.core.models import User

from ..billing.printed import title_of
from ..models import Invoice, InvoiceKind


def mail_invoices(invoices: Sequence[Invoice], *, by: User | None, at: datetime) -> None:
    """Write a mail for each posted invoice or credit note whose customer has an address for them, in his language."""
    queue_mails([draft_of(row) for row in invoices if row.customer.invoice_email], by=by, at=at)


def draft_of(invoice: Invoice) -> MailDraft:
    """The mail of an invoice or credit note, with its archived PDF."""
    company = str(invoice.printed.get("company", {}).get("name", ""))
    with translation.override(spoken(invoice.language)):
        names = {
            "number": invoice.number,
            "company": company,
            "day": date_format(invoice.invoice_date),
            "due": date_format(invoice.due_date),
            "total": money(abs(invoice.gross), invoice.currency),
        }
        if invoice.kind == InvoiceKind.CREDIT_NOTE:
            text = _(
                "Dear customer,\n\nattached you find our credit note %(number)s of %(day)s over %(total)s.\n\n"
                "Kind regards\n%(company)s"
            )
        else:
            text = _(
                "Dear customer,\n\nattached you find our invoice %(number)s of %(day)s over %(total)s. "
                "Please pay it by %(due)s.\n\nKind regards\n%(company)s"
            )
        return MailDraft(
            recipient=invoice.customer.invoice_email,
            title=title_of(invoice),
            text=text % names,
            subject=subject_of(invoice),
            label=invoice.number,
            attachment=invoice.pdf_name,
        )
