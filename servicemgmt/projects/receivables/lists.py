"""The lists of payments and open items."""

from typing import Any

from django.db.models import Model, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _s
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.lists import Action, Column, ListSpec, Tab
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.queries import home_currency

from ..filters import OpeningItemFilter, OpenItemFilter, PaymentFilter, ReminderFilter
from ..models import ItemKind
from ..models.receivable import item_url

ITEM_TONES: dict[str, str] = {
    ItemKind.INVOICE: "blue",
    ItemKind.CREDIT_NOTE: "purple",
    ItemKind.PAYMENT: "green",
    ItemKind.OPENING: "gray",
    ItemKind.REMINDER_FEE: "orange",
    ItemKind.WAIVED_FEE: "gray",
}


def document_url(row: dict[str, Any]) -> str:
    """Where the document of an item's row is shown."""
    return item_url(row["kind"], row["label"], row["pk"])


def dated(row: dict[str, Any]) -> str:
    """The date on the document, where that is another than the ledger's."""
    return (
        _s("dated %(day)s") % {"day": date_format(row["dated"], "SHORT_DATE_FORMAT")} if row["dated"] else ""
    )


def statement_url(row: dict[str, Any]) -> str:
    return reverse("projects:statement", args=[row["customer__number"]])


PAYMENTS = ListSpec(
    name="payments",
    title=_("Payments"),
    help=_("Money received from customers, and paid back. A payment never changes; it can be reversed."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("paid_on", _("Paid on"), sort="paid_on"),
        Column(
            "customer__name",
            _("Customer"),
            sort="customer__name",
            href=statement_url,
            needs=["customer__number"],
        ),
        Column("method__description", _("Payment method"), sort="method__description"),
        Column("reference", _("Reference")),
        Column("amount", _("Amount"), kind="money", currency="currency__code", sort="amount"),
        Column("on_account", _("On account"), kind="money", currency="currency__code"),
        Column(
            "company_amount", _("Amount in company currency"), kind="money", currency="home", only_export=True
        ),
        Column("voucher__number", _("Voucher"), only_export=True),
    ],
    default_sort="-paid_on",
    filterset=PaymentFilter,
    row_url=lambda row: reverse("projects:payment", args=[row["number"]]),
    create=("projects:payment_new", _("Enter a payment"), "projects.add_payment"),
    tabs=[Tab("all", _("All")), Tab("on-account", _("On account"), ~Q(item__open=0))],
    empty_title=_("No payments yet"),
    empty_text=_("Enter what a customer paid; it settles his open items, the oldest first."),
    empty_icon="banknote",
)


def total_open(rows: QuerySet[Model]) -> dict[str, Any]:
    """What is open in company currency."""
    total = rows.aggregate(sum=Sum("company_open_then", default=ZERO))["sum"]
    return {"company_open_then": total, "home": home_currency()}


OPEN_ITEMS = ListSpec(
    name="open-items",
    title=_("Open items"),
    help=_(
        "What customers owe, and what is owed to them: invoices, credit notes and payments not settled yet."
    ),
    columns=[
        Column("label", _("Document"), sort="label", kind="link", href=document_url),
        Column("kind", _("Kind"), kind="badge", tone=lambda row: ITEM_TONES[row["kind"]]),
        Column(
            "customer__name",
            _("Customer"),
            sort="customer__name",
            href=statement_url,
            needs=["customer__number"],
        ),
        Column("on", _("Date"), sort="on", needs=["dated"], sub=lambda row: dated(row)),
        Column("dated", _("Date of the document"), only_export=True),
        Column("due_on", _("Due"), sort="due_on"),
        Column("amount", _("Amount"), kind="money", currency="currency__code"),
        Column("open_then", _("Open"), kind="money", currency="currency__code"),
        Column("company_open_then", _("Open in company currency"), kind="money", currency="home"),
        Column("payment__reference", _("Reference"), only_export=True),
    ],
    default_sort="due_on",
    needs=["kind", "label", "home"],
    filterset=OpenItemFilter,
    row_url=document_url,
    tabs=[
        Tab("all", _("All")),
        Tab("owed", _("Owed to us"), Q(amount__gt=0)),
        Tab("credit", _("Owed by us"), Q(amount__lt=0)),
    ],
    totals=total_open,
    actions=[
        Action("projects:ageing", _("Ageing"), "chart-column", permission="projects.view_customeritem"),
        Action(
            "projects:opening_items", _("Opening items"), "book-open", permission="projects.view_customeritem"
        ),
        Action("projects:payment_new", _("Enter a payment"), "plus", permission="projects.add_payment"),
    ],
    empty_title=_("Nothing is open"),
    empty_text=_("Every invoice is settled. Posted invoices appear here until they are paid."),
    empty_icon="check",
)

OPENING_ITEMS = ListSpec(
    name="opening-items",
    title=_("Opening items"),
    help=_(
        "What customers owed before the ledger began here, document by document. To correct one, enter it again with "
        "the opposite sign and settle the two."
    ),
    columns=[
        Column("label", _("Document"), sort="label", kind="link"),
        Column(
            "customer__name",
            _("Customer"),
            sort="customer__name",
            href=statement_url,
            needs=["customer__number"],
        ),
        Column("customer__number", _("Customer number"), only_export=True),
        Column("dated", _("Date of the document")),
        Column("on", _("Posted on"), sort="on"),
        Column("due_on", _("Due"), sort="due_on"),
        Column("amount", _("Amount"), kind="money", currency="currency__code", sort="amount"),
        Column("open", _("Open"), kind="money", currency="currency__code"),
        Column("company_amount", _("Amount in company currency"), kind="money", currency="home"),
        Column("voucher__number", _("Voucher")),
    ],
    default_sort="-on",
    needs=["home"],
    filterset=OpeningItemFilter,
    row_url=lambda row: reverse("projects:open_item", args=[row["pk"]]),
    create=("projects:opening_items_new", _("Enter opening items"), "projects.add_customeritem"),
    totals=lambda rows: {
        "company_amount": rows.aggregate(sum=Sum("company_amount", default=ZERO))["sum"],
        "home": home_currency(),
    },
    empty_title=_("No opening items"),
    empty_text=_(
        "Where customers owed something before the ledger began here, enter it document by document."
    ),
    empty_icon="book-open",
)

REMINDERS = ListSpec(
    name="reminders",
    title=_("Reminders"),
    help=_("Letters about overdue items, as they were printed."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("on", _("Date"), sort="on"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("level__description", _("Level"), sort="level__level"),
        Column("open", _("Overdue"), kind="money", currency="currency__code", sort="open"),
        Column("fee", _("Fee"), kind="money", currency="currency__code"),
    ],
    default_sort="-on",
    filterset=ReminderFilter,
    row_url=lambda row: reverse("projects:reminder", args=[row["number"]]),
    create=("projects:remind", _("Make reminders"), "projects.add_reminder"),
    empty_title=_("Nobody was reminded yet"),
    empty_text=_("Make reminders for the customers whose invoices are overdue."),
    empty_icon="mail",
)
