"""What a statement of account and a reminder show."""

from datetime import date
from typing import Any

from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.printed import addressee, letterhead
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.models import Reminder
from servicemgmt.projects.receivables.queries import statement

from .currency import PrintedCurrency


def statement_context(customer: Customer, first: date, last: date) -> dict[str, Any]:
    """The account of a customer over some days (inclusive), as it stands now."""
    firm = letterhead(company())
    return {
        "company": firm,
        "customer": addressee(customer),
        "accounts": statement(customer, first, last),
        "first": first,
        "last": last,
        "language": customer.language,
        "page_size": firm["page_size"],
    }


def reminder_context(reminder: Reminder) -> dict[str, Any]:
    """A reminder from its frozen rows and what was printed on its day."""
    printed = reminder.printed
    return {
        "reminder": reminder,
        "company": printed["company"],
        "customer": printed["customer"],
        "heading": printed["heading"],
        "text": printed["text"],
        "fee_text": printed["fee_text"],
        "currency": PrintedCurrency(printed["currency"], printed["digits"]),
        "lines": list(reminder.lines.select_related("item")),
        "total": reminder.open + reminder.fee,
        "language": reminder.language,
        "page_size": printed["company"].get("page_size", ""),
    }
