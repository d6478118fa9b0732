"""The masters of stock."""

from django.utils.translation import gettext_lazy as _

from servicemgmt.core import search
from servicemgmt.core.audit import register_subject
from servicemgmt.core.setup import Setup, register
from servicemgmt.core.trail import name_actions

from .models import Warehouse

register(
    Setup(
        Warehouse,
        section=_("Stock"),
        fields=["code", "description", "worker", "allows_negative", "keeps_reserved"],
        help=_("Where parts lie. A van is the warehouse of its worker."),
    )
)
search.register(
    Warehouse,
    label=_("Warehouses"),
    permission=("inventory.view_onhand", "orders.view_serviceorder"),
    text=lambda row: f"{row.code} {row.description}",
    search=["code", "description"],
)
register_subject(
    "stockcount", permission="inventory.view_stockcount", view="inventory:count", label=_("Stock count")
)
name_actions(
    {
        "stock_received": _("Goods received"),
        "stock_transferred": _("Goods transferred"),
        "stock_returned": _("Unused goods returned"),
        "stock_counted": _("Differences posted"),
        "counts_entered": _("Quantities entered"),
        "item_added": _("Item added"),
        "read_again": _("Read again"),
        "dropped": _("Dropped"),
    }
)
