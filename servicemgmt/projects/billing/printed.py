"""The words that were frozen with a document."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ..models import Invoice, InvoiceKind, InvoiceLine


def title_of(invoice: Invoice) -> str:
    """What the document is called where it does not stand by itself: as a mail, in a list of files."""
    names = {"number": invoice.number, "company": invoice.printed.get("company", {}).get("name", "")}
    if invoice.kind == InvoiceKind.CREDIT_NOTE:
        return _("Credit note %(number)s from %(company)s") % names
    return _("Invoice %(number)s from %(company)s") % names


def service_days(line: InvoiceLine) -> tuple[date | None, date | None]:
    """First and last day of what the line is for; both None where it names none, as what is invoiced ahead does."""
    if line.on_account_id:
        return None, None
    period = line.service_period
    if period and period.lower and period.upper:
        return period.lower, period.upper - timedelta(days=1)
    day = line.transaction.executed_on if line.transaction else None
    return day, day


def is_on_account(lines: Sequence[InvoiceLine]) -> bool:
    """Whether all that these lines of an invoice ask for is money ahead of the work."""
    return all(line.on_account_id and line.on_account_id == line.transaction_id for line in lines)


def printed_taxes(invoice: Invoice) -> dict[tuple[int, Decimal], dict[str, Any]]:
    """What a document says of each tax, by the tax code's key and the rate; a credit note says what its invoice does.

    Never by the code itself, which may be called otherwise by now.
    """
    source = invoice.credits or invoice
    rows = source.taxes.order_by("pk")
    pairs = zip(rows, invoice.printed["taxes"], strict=True)
    return {(row.tax_code_id, row.percent): words for row, words in pairs}


def purchase_order_of(invoice: Invoice) -> str:
    """The customer's order number, where all that is invoiced has the same (BT-13)."""
    printed = invoice.printed
    number: str = printed.get("origin", printed.get("project") or {}).get("purchase_order", "")
    return number


def origins_of(invoice: Invoice) -> list[tuple[str, str]]:
    """What the head says of where all lines come from, but for project and order number: (word, number or name)."""
    origin = invoice.printed.get("origin", {})
    return [
        (word, origin[name]) for name, word in words_of_origins().items() if name in HEAD and name in origin
    ]


def heading_of(invoice: Invoice, position: int) -> str:
    """What the group of the line at this position is called; '' where all lines are of one.

    A credit note's lines have the positions, and so the headings, of those that they credit.
    """
    groups = invoice.printed.get("groups", ())
    nth = bisect_right(groups, position, key=lambda group: int(group["position"]))
    if not nth:
        return ""
    origin = groups[nth - 1]["origin"]
    return " · ".join(f"{word} {origin[name]}" for name, word in words_of_origins().items() if name in origin)


#: What stands at the head as well.
HEAD = ("site", "order", "agreement")


def words_of_origins() -> dict[str, str]:
    return {
        "project": _("Project"),
        "purchase_order": _("Your order"),
        "site": _("Site"),
        "order": _("Service order"),
        "agreement": _("Service agreement"),
    }
