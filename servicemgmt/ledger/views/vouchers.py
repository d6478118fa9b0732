"""Vouchers: what was posted, down to the line."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.lists import list_page
from servicemgmt.core.money import ZERO
from servicemgmt.core.web import Request, allow, page
from servicemgmt.masterdata.queries import company

from ..journal import JOURNAL, journal_listed
from ..lists import VOUCHERS, subject_text
from ..models import Entry, Voucher
from ..queries import SOURCES, vouchers_listed


@require_GET
@allow("ledger.view_voucher")
def vouchers(request: Request) -> HttpResponseBase:
    return list_page(request, VOUCHERS, vouchers_listed())


@require_GET
@allow("ledger.view_voucher")
def journal(request: Request) -> HttpResponseBase:
    """Every line of every voucher, for the accountant."""
    return list_page(request, JOURNAL, journal_listed())


@require_GET
@allow("ledger.view_voucher")
def voucher(request: Request, number: str) -> HttpResponse:
    """One voucher with its lines in debit and credit, in its own and in the company's currency."""
    found = get_object_or_404(
        Voucher.objects.select_related("currency", "posted_by", "reverses", "reversed_by"), number=number
    )
    home = company().currency
    entries = list(found.entries.select_related("account", "customer", "tax_code"))
    context = {
        "title": found.number,
        "subtitle": found.text,
        "facts": facts_of(found),
        "voucher": found,
        "home": home,
        "is_foreign": found.currency_id != home.pk,
        "lines": [line_of(entry, found) for entry in entries],
        "totals": {
            "amount": sum((e.amount for e in entries if e.amount > 0), ZERO),
            "company": sum((e.company_amount for e in entries if e.company_amount > 0), ZERO),
        },
    }
    return page(request, "ledger/voucher.html", context)


def facts_of(row: Voucher) -> list[tuple[Any, ...]]:
    """What stands above the lines, with links to the document and to the voucher that reverses this one."""
    facts: list[tuple[Any, ...]] = [
        (_("Date"), row.posted_on),
        (_("Source"), SOURCES.get(row.source, row.source)),
        (_("Document"), subject_text(row.subject, row.subject_label), subject_url(row.subject)),
        (_("Currency"), row.currency.code),
        (_("Posted by"), row.posted_by or _("System")),
        (_("Posted"), row.posted_at),
    ]
    if row.moved_from:
        facts.insert(1, (_("Meant for"), moved_mark(row.moved_from)))
    if row.reverses:
        facts.append(
            (_("Reverses"), row.reverses.number, reverse("ledger:voucher", args=[row.reverses.number]))
        )
    reversal = getattr(row, "reversed_by", None)
    if reversal:
        facts.append((_("Reversed by"), reversal.number, reverse("ledger:voucher", args=[reversal.number])))
    return facts


def moved_mark(day: date) -> str:
    """The date a voucher was asked for, and why it stands on another."""
    return _("%(day)s, moved: its period was closed") % {"day": date_format(day)}


def subject_url(subject: str) -> str:
    return reverse("core:open_subject", args=[subject]) if subject else ""


def line_of(entry: Entry, voucher: Voucher) -> dict[str, Any]:
    year = voucher.posted_on.year
    return {
        "entry": entry,
        "account_url": reverse("ledger:account", args=[entry.account.code])
        + f"?start={year}-01-01&end={year}-12-31",
        "subject_url": subject_url(entry.subject),
        "debit": positive(entry.amount),
        "credit": positive(-entry.amount),
        "company_debit": positive(entry.company_amount),
        "company_credit": positive(-entry.company_amount),
    }


def positive(amount: Decimal) -> Decimal | None:
    return amount if amount > 0 else None
