"""Roles are code: which permissions each role's group holds (specification C.12). Synced after every migrate."""

from fnmatch import fnmatchcase

from django.apps import apps as django_apps
from django.utils.translation import gettext_lazy as _

DISPATCHER, TECHNICIAN, PLANNER = "Dispatcher", "Technician", "Planner"
FINANCE, MANAGER, ADMINISTRATOR = "Finance", "Manager", "Administrator"

LABELS = {
    DISPATCHER: _("Dispatcher"),
    TECHNICIAN: _("Technician"),
    PLANNER: _("Planner"),
    FINANCE: _("Finance"),
    MANAGER: _("Manager"),
    ADMINISTRATOR: _("Administrator"),
}

DESCRIPTIONS = {
    DISPATCHER: _("takes requests, keeps orders and plans the board"),
    TECHNICIAN: _("sees his own visits and writes down what was done"),
    PLANNER: _("keeps agreements, subscriptions and orders, and posts orders"),
    FINANCE: _("posts, invoices and keeps the ledger"),
    MANAGER: _("everything about service, prices included, and posts orders"),
    ADMINISTRATOR: _("setup, users and their rights, without posting"),
}

SERVICE = ["agreements.*", "orders.*", "dispatch.*", "subscriptions.*"]
NO_FIELD_WORK = ["!dispatch.work_own_day"]

#: Patterns over app.codename; a leading ! takes away what an earlier pattern gave.
GRANTS: dict[str, list[str]] = {
    DISPATCHER: [
        "orders.*",
        "!orders.post_*",
        "!orders.*parameters",
        "!orders.*stage",
        "!orders.import_history",
        "!orders.*historymapping",
        "dispatch.*",
        "agreements.view_*",
        "!agreements.*priceadjustment",
        "agreements.*serviceobject",
        "agreements.change_servicebom",
        "masterdata.view_*",
        "masterdata.*customer",
        "masterdata.*contact",
        "masterdata.*site",
        "projects.view_project",
        "projects.*itemrequirement",
        "!projects.consume_itemrequirement",
        "reporting.view_schedule",
        "core.view_run",
        *NO_FIELD_WORK,
    ],
    TECHNICIAN: ["dispatch.work_own_day"],
    PLANNER: [
        *SERVICE,
        *NO_FIELD_WORK,
        "masterdata.*",
        "!masterdata.*company",
        "projects.*project",
        "projects.*projectvalidation",
        "projects.*itemrequirement",
        "projects.view_*",
        "projects.*price",
        "projects.*salesdiscount",
        "projects.*milestone",
        "projects.*budgetline",
        "inventory.view_*",
        "core.view_run",
        "core.view_event",
    ],
    FINANCE: [
        "subscriptions.*",
        "projects.*",
        "ledger.*",
        "inventory.*",
        "masterdata.*",
        "agreements.view_*",
        "orders.view_*",
        "orders.post_serviceorder",
        "core.view_run",
        "core.view_outbox",
        "core.change_outbox",
        "core.view_event",
    ],
    MANAGER: [
        *SERVICE,
        *NO_FIELD_WORK,
        "masterdata.*",
        "projects.*project",
        "projects.*projectvalidation",
        "projects.*itemrequirement",
        "projects.view_*",
        "projects.*price",
        "projects.*salesdiscount",
        "projects.*milestone",
        "projects.*budgetline",
        "ledger.view_*",
        "inventory.*",
        "core.view_run",
        "core.view_outbox",
        "core.view_event",
    ],
    ADMINISTRATOR: [
        "core.*",
        "masterdata.*",
        "agreements.*",
        "!agreements.*serviceagreement*",
        "!agreements.*priceadjustment",
        "orders.*",
        "!orders.post_*",
        "!orders.*serviceorder*",
        "!orders.*servicerequest",
        "!orders.*loan",
        "dispatch.*setup",
        "ledger.*account",
        "ledger.*postingprofile",
        "ledger.*tax*",
        "projects.view_project",
        "projects.*projectgroup",
        "projects.*category",
        "projects.*lineproperty*",
        "projects.*periodtype",
        "projects.*accrualrule",
        "projects.*paymentmethod",
        "projects.*reminderlevel",
        "projects.*projectparameters",
        "subscriptions.view_*",
        "subscriptions.*subscriptiongroup",
        "inventory.*warehouse",
    ],
}


def granted(role: str, names: list[str]) -> set[str]:
    """Which of the permission names (app.codename) the role holds."""
    held: set[str] = set()
    for pattern in GRANTS[role]:
        taken = pattern.startswith("!")
        matches = {name for name in names if fnmatchcase(name, pattern.lstrip("!"))}
        held = held - matches if taken else held | matches
    return held


def sync_roles(**kwargs: object) -> None:
    """Make the groups hold exactly what GRANTS says. Connected to post_migrate of the last app."""
    group_model = django_apps.get_model("auth", "Group")
    permission_model = django_apps.get_model("auth", "Permission")
    permissions = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in permission_model.objects.select_related("content_type")
    }
    for role in GRANTS:
        group, _created = group_model.objects.get_or_create(name=role)
        group.permissions.set([permissions[name] for name in granted(role, list(permissions))])
