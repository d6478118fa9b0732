"""The journal: every line of every voucher, with all that is known of it, for the accountant."""

from typing import Any

from django.db.models import Case, F, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet, ModelChoiceFilter

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec

from .lists import subject_text, subject_url
from .models import Account, Entry, EntryQuerySet
from .queries import MONEY, SOURCES, home_currency


class JournalFilter(FilterSet):
    """The period of the journal, and whose lines."""

    voucher__posted_on = DateFromToRangeFilter(label=_("Date"))
    account = ModelChoiceFilter(label=_("Account"), queryset=Account.objects.all())
    voucher__source = ChoiceFilter(label=_("Source"), choices=list(SOURCES.items()))

    class Meta:
        model = Entry
        fields: list[str] = []


def journal_listed() -> EntryQuerySet:
    """Every posting with its company amount as `debit` or `credit`, in the currency `home`."""
    rows: EntryQuerySet = Entry.objects.annotate(
        debit=Case(When(company_amount__gt=0, then=F("company_amount")), output_field=MONEY),
        credit=Case(When(company_amount__lt=0, then=-F("company_amount")), output_field=MONEY),
        home=Value(home_currency()),
    )
    return rows


def voucher_url(row: dict[str, Any]) -> str:
    return reverse("ledger:voucher", args=[row["voucher__number"]])


def document(row: dict[str, Any]) -> str:
    return subject_text(row["voucher__subject"], row["voucher__subject_label"]) or subject_text(
        row["subject"], ""
    )


JOURNAL = ListSpec(
    name="journal",
    title=_("Journal"),
    help=_(
        "Every line of every voucher, oldest first. The file has all columns; give it to your accountant."
    ),
    columns=[
        Column("voucher__posted_on", _("Date"), sort="voucher__posted_on"),
        Column("voucher__moved_from", _("Meant for"), only_export=True),
        Column("voucher__number", _("Voucher"), kind="link", href=voucher_url),
        Column("voucher__reverses__number", _("Reverses"), only_export=True),
        Column(
            "voucher__source",
            _("Source"),
            value=lambda row: SOURCES.get(row["voucher__source"], row["voucher__source"]),
            needs=["voucher__source"],
            only_export=True,
        ),
        Column(
            "document",
            _("Document"),
            value=document,
            href=lambda row: subject_url({"subject": row["subject"] or row["voucher__subject"]}),
            needs=["subject", "voucher__subject", "voucher__subject_label"],
        ),
        Column("account__code", _("Account")),
        Column("account__description", _("Account name")),
        Column(
            "text",
            _("Text"),
            value=lambda row: row["text"] or row["voucher__text"],
            needs=["text", "voucher__text"],
        ),
        Column("customer__number", _("Customer number"), only_export=True),
        Column("customer__name", _("Customer")),
        Column("tax_code__code", _("Tax code"), only_export=True),
        Column("debit", _("Debit"), kind="money", currency="home"),
        Column("credit", _("Credit"), kind="money", currency="home"),
        Column("amount", _("In document currency"), kind="money", currency="voucher__currency__code"),
        Column("voucher__posted_at", _("Posted"), only_export=True),
        Column("voucher__posted_by__name", _("Posted by"), only_export=True),
    ],
    default_sort="voucher__posted_on",
    filterset=JournalFilter,
    empty_title=_("Nothing is posted yet"),
    empty_text=_("Vouchers come from posted orders, invoices and stock."),
    empty_icon="book-open",
)
