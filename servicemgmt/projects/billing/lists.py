"""The list of what was invoiced on account."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.lists import Column, ListSpec, Tab

from ..filters import TransactionFilter
from ..lists import of_project

ON_ACCOUNT = ListSpec(
    name="on_account",
    title=_("On account"),
    help=_("Amounts that were invoiced ahead, and what of them later invoices deducted."),
    columns=[
        Column(
            "invoice__number",
            _("Invoice"),
            kind="link",
            href=lambda row: reverse("projects:invoice", args=[row["invoice__number"]]),
        ),
        Column("executed_on", _("Date"), sort="executed_on"),
        Column("text", _("Text"), href=lambda row: reverse("projects:transaction", args=[row["pk"]])),
        Column("project__number", _("Project"), sort="project__number", kind="link", href=of_project),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("invoiced", _("Invoiced"), kind="money", currency="currency__code"),
        Column("deducted", _("Deducted"), kind="money", currency="currency__code"),
        Column("held", _("In drafts"), kind="money", currency="currency__code", only_export=True),
        Column("open", _("Open"), kind="money", currency="currency__code"),
    ],
    default_sort="-executed_on",
    filterset=TransactionFilter,
    tabs=[Tab("open", _("Open"), Q(open__gt=0)), Tab("all", _("All"))],
    empty_title=_("Nothing is open on account"),
    empty_text=_("Invoice an amount ahead from the page of its project."),
    empty_icon="receipt",
)
