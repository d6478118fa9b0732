"""The masters of stock."""

from django.utils.translation import gettext_lazy as _

from servicemgmt.core import search
from servicemgmt.core.setup import Setup, register

from .models import Warehouse

register(
    Setup(
        Warehouse,
        section=_("Stock"),
        fields=["code", "description", "worker", "allows_negative"],
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
