"""Mailing invoices, credit notes and reminders: the mail is written with the document, and never without it."""

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
from ..models import Invoice, InvoiceKind, Reminder


def mail_invoices(invoices: Sequence[Invoice], *, by: User | None, at: datetime) -> None:
    """Write a mail for each posted invoice or credit note whose customer has an address for them, in his language."""
    queue_mails([draft_of(row) for row in invoices if row.customer.invoice_email], by=by, at=at)


def mail_reminders(reminders: Sequence[Reminder], *, by: User | None, at: datetime) -> None:
    """Write a mail for each letter whose customer has an address for invoices, in his language."""
    queue_mails([reminder_draft(row) for row in reminders if row.customer.invoice_email], by=by, at=at)


def reminder_draft(reminder: Reminder) -> MailDraft:
    """The mail of a reminder, with its archived letter."""
    with translation.override(spoken(reminder.language)):
        text = _(
            "Dear customer,\n\nattached you find our letter %(number)s of %(day)s about %(total)s that are overdue. "
            "If you have paid meanwhile, please take it as settled.\n\nKind regards\n%(company)s"
        )
        names = {
            "number": reminder.number,
            "day": date_format(reminder.on),
            "total": money(reminder.open, reminder.currency),
            "company": reminder.printed["company"]["name"],
        }
        return MailDraft(
            recipient=reminder.customer.invoice_email,
            title=f"{reminder.printed['heading']} {reminder.number}",
            text=text % names,
            subject=subject_of(reminder),
            label=reminder.number,
            attachment=reminder.pdf_name,
        )


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
