"""The lists of the ledger."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.lists import Action, Column, ListSpec
from servicemgmt.core.trail import subject_label

from .filters import VoucherFilter
from .queries import SOURCES


def subject_url(row: dict[str, Any]) -> str:
    """The document behind a row, wherever its app shows it."""
    return reverse("core:open_subject", args=[row["subject"]]) if row["subject"] else ""


def subject_text(subject: str, label: str) -> str:
    """What the document behind a posting is called; of a run, which has no label, its kind and number."""
    kind, _colon, key = subject.partition(":")
    return label or (f"{subject_label(kind)} {key}" if subject else "")


VOUCHERS = ListSpec(
    name="vouchers",
    title=_("Vouchers"),
    help=_("Every posting of the ledger, balanced and for good. Corrections are vouchers of their own."),
    columns=[
        Column("number", _("Voucher"), sort="number", kind="link"),
        Column("posted_on", _("Date"), sort="posted_on"),
        Column("moved_from", _("Meant for")),
        Column("text", _("Text")),
        Column(
            "source",
            _("Source"),
            value=lambda row: SOURCES.get(row["source"], row["source"]),
            needs=["source"],
        ),
        Column(
            "subject_label",
            _("Document"),
            value=lambda row: subject_text(row["subject"], row["subject_label"]),
            href=subject_url,
            needs=["subject", "subject_label"],
        ),
        Column("total", _("Amount"), kind="money", currency="home"),
        Column("posted_by__name", _("Posted by")),
    ],
    default_sort="-posted_on",
    filterset=VoucherFilter,
    row_url=lambda row: reverse("ledger:voucher", args=[row["number"]]),
    actions=[
        Action("ledger:trial_balance", _("Trial balance"), "scale", permission="ledger.view_voucher"),
        Action("ledger:journal", _("Journal"), "table", permission="ledger.view_voucher"),
        Action(
            "ledger:openings", _("Opening balances"), "book-open", permission="ledger.view_openingbalance"
        ),
        Action("ledger:periods", _("Fiscal periods"), "lock", permission="ledger.view_fiscalperiod"),
    ],
    empty_title=_("Nothing is posted yet"),
    empty_text=_("Vouchers come from posted orders, invoices and stock."),
    empty_icon="book-open",
)
