"""Which pages are offered to whom: the one place that knows the menu."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Sentence
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Company


@dataclass(frozen=True)
class Item:
    label: Sentence
    view: str
    icon: str
    permissions: tuple[str, ...] = ()
    args: tuple[str, ...] = ()

    def is_for(self, user: User) -> bool:
        return not self.permissions or any(user.has_perm(name) for name in self.permissions)


MENU: list[tuple[Sentence, list[Item]]] = [
    (
        _("Work"),
        [
            Item(_("Home"), "reporting:home", "home"),
            Item(_("My day"), "dispatch:day", "sun", ("dispatch.work_own_day",)),
            Item(_("Requests"), "orders:requests", "phone", ("orders.view_servicerequest",)),
            Item(_("Service orders"), "orders:orders", "clipboard-list", ("orders.view_serviceorder",)),
            Item(_("Dispatch board"), "dispatch:board", "calendar-range", ("dispatch.view_board",)),
        ],
    ),
    (
        _("Contracts"),
        [
            Item(
                _("Agreements"), "agreements:agreements", "file-text", ("agreements.view_serviceagreement",)
            ),
            Item(
                _("Agreements that end"),
                "agreements:expiring",
                "calendar-x",
                ("agreements.change_serviceagreement",),
            ),
            Item(
                _("Price adjustments"),
                "agreements:adjustments",
                "tags",
                ("agreements.view_priceadjustment",),
            ),
            Item(_("Service objects"), "agreements:objects", "boxes", ("agreements.view_serviceobject",)),
            Item(_("Loans"), "orders:loans", "handshake", ("orders.view_loan",)),
            Item(_("Template BOMs"), "agreements:template_boms", "package", ("agreements.view_templatebom",)),
            Item(
                _("Subscriptions"),
                "subscriptions:subscriptions",
                "repeat",
                ("subscriptions.view_subscription",),
            ),
        ],
    ),
    (
        _("Finance"),
        [
            Item(_("Projects"), "projects:projects", "folder", ("projects.view_project",)),
            Item(
                _("Invoice proposals"), "projects:proposals", "file-pen", ("projects.view_invoiceproposal",)
            ),
            Item(_("Invoices"), "projects:invoices", "receipt", ("projects.view_invoice",)),
            Item(_("Milestones"), "projects:milestones", "target", ("projects.view_milestone",)),
            Item(_("On account"), "projects:on_account", "receipt", ("projects.view_transaction",)),
            Item(_("Open items"), "projects:open_items", "clock", ("projects.view_customeritem",)),
            Item(_("Payments"), "projects:payments", "banknote", ("projects.view_payment",)),
            Item(_("Reminders"), "projects:reminders", "mail", ("projects.view_reminder",)),
            Item(_("Transactions"), "projects:transactions", "list", ("projects.view_transaction",)),
            Item(_("Accruals"), "projects:accruals", "calendar-range", ("projects.view_accrualslice",)),
            Item(_("Prices"), "projects:prices", "tags", ("projects.view_salesprice",)),
            Item(_("Vouchers"), "ledger:vouchers", "book-open", ("ledger.view_voucher",)),
            Item(_("Stock"), "inventory:on_hand", "package", ("inventory.view_onhand",)),
            Item(
                _("Item requirements"),
                "projects:requirements",
                "boxes",
                ("projects.view_itemrequirement",),
            ),
        ],
    ),
    (
        _("Reports"),
        [
            Item(
                _("Forecast of agreements"),
                "reporting:agreement_forecast",
                "calendar-range",
                ("projects.view_salesprice",),
            ),
            Item(
                _("Value of agreements"),
                "reporting:agreement_value",
                "chart-column",
                ("projects.view_salesprice",),
            ),
            Item(
                _("Utilisation of agreements"),
                "reporting:utilisation",
                "chart-column",
                ("agreements.view_serviceagreement",),
            ),
            Item(_("Order margin"), "reporting:margin", "chart-column", ("projects.view_transaction",)),
            Item(
                _("Project statement"),
                "reporting:project_statement",
                "folder",
                ("projects.view_transaction",),
            ),
            Item(
                _("Work in progress"), "reporting:work_in_progress", "clock", ("projects.view_transaction",)
            ),
            Item(_("Parts in objects"), "agreements:bom_parts", "package", ("agreements.view_servicebom",)),
            Item(
                _("Service BOM history"), "agreements:bom_changes", "history", ("agreements.view_bomchange",)
            ),
            Item(
                _("Transaction – subscription"),
                "reporting:subscription_transactions",
                "table",
                ("subscriptions.view_fee",),
            ),
            Item(_("Subscription fees"), "reporting:fee_transactions", "table", ("subscriptions.view_fee",)),
        ],
    ),
    (
        _("Company"),
        [
            Item(_("Customers"), "masterdata:customers", "building", ("masterdata.view_customer",)),
            Item(_("Sites"), "masterdata:sites", "map-pin", ("masterdata.view_site",)),
            Item(_("Employees"), "masterdata:employees", "users", ("masterdata.view_employee",)),
            Item(_("Items"), "core:setup_list", "wrench", ("masterdata.view_item",), args=("item",)),
            Item(_("Setup"), "core:setup", "settings", ()),
            Item(_("Imported history"), "orders:imports", "upload", ("orders.import_history",)),
            Item(_("Runs"), "core:runs", "activity", ("core.view_run",)),
            Item(_("Mailbox"), "core:mails", "mail", ("core.view_outbox",)),
            Item(_("Audit trail"), "core:events", "history", ("core.view_event",)),
            Item(_("Users"), "core:users", "user-cog", ("core.view_user",)),
        ],
    ),
]


def link(item: Item, request: HttpRequest) -> dict[str, Any] | None:
    try:
        url = reverse(item.view, args=item.args)
    except NoReverseMatch:
        return None
    current = request.path == url or (url != "/" and request.path.startswith(url))
    return {"label": item.label, "url": url, "icon": item.icon, "current": current, "count": None}


def keep_nearest(links: list[dict[str, Any]]) -> None:
    """Of the links that lead towards this page only the longest is the current one."""
    current = sorted((found for found in links if found["current"]), key=lambda found: len(found["url"]))
    for found in current[:-1]:
        found["current"] = False


def context(request: HttpRequest) -> dict[str, Any]:
    """`navigation` and `company_name` for every page."""
    user = getattr(request, "user", None)
    if user is None:
        return {"navigation": [], "company_name": ""}
    name = Company.objects.values_list("name", flat=True).first() or ""
    if not user.is_authenticated or getattr(request, "second_factor_missing", False):
        return {"navigation": [], "company_name": name}
    sections: list[dict[str, Any]] = []
    for label, items in MENU:
        links = [found for item in items if item.is_for(user) and (found := link(item, request))]
        if links:
            sections.append({"label": label, "items": links})
    keep_nearest([found for section in sections for found in section["items"]])
    return {"navigation": sections, "company_name": name}
