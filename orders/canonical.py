"""What a sign-off stands for: the order with its lines, in the form that is hashed."""

import json
from typing import Any

from servicemgmt.core.canonical import plain_number, text_of

from .models import LineStatus, ServiceOrder, ServiceOrderLine


def canonical_form(order: ServiceOrder, *, with_prices: bool = False) -> str:
    """JSON over the order's number, customer, site and every line that is not cancelled, in line order.

    Sales prices are part of it only where the signer was shown them. Keys sorted, no spaces, quantities and prices
    without trailing zeros, dates ISO. Never contains cost.
    """
    lines = (
        order.lines.exclude(status=LineStatus.CANCELLED)
        .select_related("unit", "task_relation")
        .order_by("line_number")
    )
    form = {
        "order": order.number,
        "customer": [order.customer.number, order.customer.name],
        "site": [order.site.number, order.site.name, order.site.address],
        "with_prices": with_prices,
        "lines": [_line(order, line, with_prices) for line in lines],
    }
    return text_of(form)


def form_now(order: ServiceOrder, signed: str) -> str:
    """The present form of an order, to be compared with the signed one: with prices where that had them.

    Names and address of the same customer and site are taken from the signed one: their change is none of the order.
    """
    then = json.loads(signed)
    now = json.loads(canonical_form(order, with_prices=then["with_prices"]))
    for party in ("customer", "site"):
        if now[party][0] == then[party][0]:
            now[party] = then[party]
    return text_of(now)


def _line(order: ServiceOrder, line: ServiceOrderLine, with_prices: bool) -> dict[str, Any]:
    form = {
        "line": line.line_number,
        "kind": line.kind,
        "description": line.description,
        "quantity": plain_number(line.quantity),
        "unit": line.unit.code if line.unit else "",
        "date": (line.executed_on or order.service_on).isoformat(),
        "note": line.task_relation.note_external if line.task_relation else "",
    }
    if with_prices:
        form["price"] = plain_number(line.sales_price)
    return form
