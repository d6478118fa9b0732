"""The statement of an account: opening, every posting with the balance after it, closing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.display import money
from servicemgmt.core.export import WRITERS
from servicemgmt.core.web import Request, allow, page
from servicemgmt.masterdata.queries import company

from ..balances import Mark, balance_of, statement, whole_statement
from ..forms import RangeForm
from ..lists import subject_text, subject_url
from ..models import Account, Entry
from .ranges import address, range_asked
from .vouchers import positive

PAGE = 100


@require_GET
@allow("ledger.view_voucher")
def account(request: Request, code: str) -> HttpResponseBase:
    """The postings of an account between two dates, oldest first, page by page; also as a file with all of them."""
    found = get_object_or_404(Account, code=code)
    form = RangeForm(range_asked(request))
    home = company().currency
    context: dict[str, Any] = {
        "account": found,
        "title": found,
        "crumbs": [{"label": _("Trial balance"), "url": reverse("ledger:trial_balance")}],
        "balance": money(balance_of(found), home),
        "home": home,
        "form": form,
    }
    if not form.is_valid():
        return page(request, "ledger/account.html", context, status=422)
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    writer = WRITERS.get(request.GET.get("format", ""))
    if writer:
        answer: HttpResponseBase = writer(f"account-{found.code}", headers(), exported(found, form))
        return answer
    after = Mark.parse(request.GET.get("after", ""))
    shown = statement(found, start, end, after=after, size=PAGE)
    context |= {
        "statement": shown,
        "rows": [row_of(entry) for entry in shown.rows],
        "is_first": after is None,
        "first_url": address(form) if after else "",
        "next_url": address(form, after=str(shown.following)) if shown.following else "",
        "csv_url": address(form, format="csv"),
        "xlsx_url": address(form, format="xlsx"),
    }
    return page(request, "ledger/account.html", context)


def row_of(entry: Entry) -> dict[str, Any]:
    """A posting as its row shows it, with the ways to its voucher and to the document behind it."""
    voucher = entry.voucher
    subject = entry.subject or voucher.subject
    return {
        "entry": entry,
        "voucher_url": reverse("ledger:voucher", args=[voucher.number]),
        "text": entry.text or voucher.text,
        "document": subject_text(voucher.subject, voucher.subject_label) or _("Open"),
        "document_url": subject_url({"subject": subject}),
        "debit": positive(entry.company_amount),
        "credit": positive(-entry.company_amount),
    }


def headers() -> list[str]:
    return [
        _("Date"),
        _("Voucher"),
        _("Text"),
        _("Document"),
        _("Customer"),
        _("Debit"),
        _("Credit"),
        _("Balance"),
        _("In document currency"),
        _("Currency"),
    ]


def exported(found: Account, form: RangeForm) -> Iterator[list[Any]]:
    """The whole statement, the opening and the closing balance as rows of their own."""
    start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    sums = statement(found, start, end, after=None, size=1)
    yield balance_row(start, _("Opening balance"), sums.opening)
    for entry in whole_statement(found, start, end):
        voucher = entry.voucher
        yield [
            voucher.posted_on,
            voucher.number,
            entry.text or voucher.text,
            subject_text(voucher.subject, voucher.subject_label),
            str(entry.customer or ""),
            positive(entry.company_amount),
            positive(-entry.company_amount),
            entry.balance,  # type: ignore[attr-defined]
            entry.amount,
            voucher.currency.code,
        ]
    yield balance_row(end, _("Closing balance"), sums.closing)


def balance_row(day: Any, text: str, balance: Decimal) -> list[Any]:
    return [day, "", text, "", "", None, None, balance, None, ""]
