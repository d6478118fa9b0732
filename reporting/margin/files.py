"""The report as a file: its heads, and every row of it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import OrderProgress
from servicemgmt.projects.models import LineKind

from .facts import GROUPS, Firm, Level
from .nested import nested
from .rows import with_contract, with_margin

LABELS = {
    "order__customer__name": gettext_lazy("Customer"),
    "order__customer__number": gettext_lazy("Customer number"),
    "order__agreement__number": gettext_lazy("Agreement"),
    "order__agreement__description": gettext_lazy("Agreement description"),
    "order__service_on": gettext_lazy("Service date"),
    "order__number": gettext_lazy("Order"),
    "order__description": gettext_lazy("Description"),
    "order__stage__description": gettext_lazy("Stage"),
    "order__stage__phase": gettext_lazy("Phase"),
    "order__progress": gettext_lazy("Progress"),
    "kind": gettext_lazy("Type"),
    "description": gettext_lazy("Text"),
    "transaction_id": gettext_lazy("Transaction"),
    "transaction__voucher__number": gettext_lazy("Voucher"),
    "transaction__invoice__number": gettext_lazy("Invoice"),
}
CHOICES = {"order__progress": dict(OrderProgress.choices), "kind": dict(LineKind.choices)}
#: Which of its columns a total keeps.
KEPT = {
    "customer": ["order__customer__number", "order__customer__name"],
    "agreement": ["order__customer__number", "order__customer__name", "order__agreement__number"],
    "order": [
        "order__customer__number",
        "order__customer__name",
        "order__agreement__number",
        "order__number",
    ],
    "all": [],
}
UNVALUED_LINES = gettext_lazy("Lines whose sales are unknown")
SUMS = ["sum_cost", "sum_sales", "sum_invoiced", "sum_covered"]


def headers(level: str) -> list[str]:
    """The heads of the file."""
    heads = [_("Level")] if level == Level.ALL else []
    heads += [str(LABELS[name]) for name in GROUPS[level]]
    heads += [_("Quantity"), _("Currency"), _("Cost"), _("Sales"), _("Invoiced"), _("Covered value")]
    heads += [_("Margin"), _("Margin %")]
    if level == Level.AGREEMENT:
        heads += [_("Fees recognised"), _("Contract margin")]
    return [*heads, str(UNVALUED_LINES)]


def exported(table: Any, level: str, firm: Firm, fees: dict[int, Decimal]) -> Iterator[list[Any]]:
    """Every row of the report, read as it is written; with all levels, the totals stand below what they add up."""
    rows = table.iterator(chunk_size=2000)
    for row in nested(rows) if level == Level.ALL else rows:
        found = with_margin(row, firm)
        cells = [
            found["sum_quantity"],
            found["cost_currency"],
            *(found[name] for name in SUMS),
            found["margin"],
            found["percent"],
        ]
        if level == Level.AGREEMENT:
            contract = with_contract(found, fees, firm)
            cells += [contract["fees"], contract["contract"]]
        yield [*firsts(found, level), *cells, found["unvalued_lines"]]


def firsts(row: dict[str, Any], level: str) -> list[Any]:
    """The first cells of a row; a total says of what."""
    branch = row.get("branch")
    names = GROUPS[level]
    if branch:
        kept = KEPT[branch]
        return [total_label(branch), *(row.get(name) if name in kept else "" for name in names)]
    values = [str(CHOICES[name].get(row[name], "")) if name in CHOICES else row[name] for name in names]
    return ["", *values] if level == Level.ALL else values


def total_label(branch: str) -> str:
    labels = {
        "customer": _("Total of the customer"),
        "agreement": _("Total of the agreement"),
        "order": _("Total of the order"),
        "all": _("Total"),
    }
    return labels[branch]
