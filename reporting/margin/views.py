from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orders.models import OrderProgress, ServiceOrder
from servicemgmt.core.export import WRITERS
from servicemgmt.core.money import round_money
from servicemgmt.core.web import Request, allow, page, whole
from servicemgmt.projects.models import LineKind

from .facts import GROUPS, Firm, Level, Source, facts, grouped, totals
from .filters import MarginFilter
from .reconcile import reconcile

PAGE = 100


@require_GET
@allow("projects.view_transaction")
def margin(request: Request) -> HttpResponseBase:
    """The report for the filters in the URL: on the page, or as CSV or XLSX with every row."""
    firm = Firm.of_company()
    level = request.GET.get("level", "")
    level = level if level in Level.values else Level.CUSTOMER.value
    source = request.GET.get("source", "")
    source = source if source in Source.values else Source.POSTED.value
    filters = MarginFilter(request.GET, ServiceOrder.objects.visible_to(request.user))
    status = 200 if filters.is_valid() else 422
    rows = facts(filters.qs if status == 200 else ServiceOrder.objects.none(), source, firm)
    table = grouped(rows, level)
    if (wanted := request.GET.get("format", "")) in WRITERS and status == 200:
        return WRITERS[wanted]("service-order-margin", headers(level), exported(table, level, firm))
    start = whole(request.GET.get("from"))
    found = list(table[start : start + PAGE + 1])
    context = {
        "title": _("Service order margin"),
        "filter_form": filters.form,
        "firm": firm,
        "level": level,
        "levels": [(value, label, link(request, level=value, start=None)) for value, label in Level.choices],
        "source": source,
        "rows": [shown(row, level, firm, request) for row in found[:PAGE]],
        "totals": [with_margin(row, firm) for row in totals(rows)],
        "comparison": reconcile(rows) if source == Source.POSTED else None,
        "first": start + 1,
        "last": start + len(found[:PAGE]),
        "next_url": link(request, start=start + PAGE) if len(found) > PAGE else "",
        "first_url": link(request, start=None) if start else "",
        "csv_url": link(request, format="csv", start=None),
        "xlsx_url": link(request, format="xlsx", start=None),
        "is_filtered": any(
            value for name, value in request.GET.items() if name not in ("level", "source", "from")
        ),
    }
    return page(request, "reporting/margin.html", context, status=status)


def link(request: Request, **changes: Any) -> str:
    """This page's address with some parameters changed; None takes one away. `start` is spelled `from`."""
    values = {name: value for name, value in request.GET.items() if value}
    for name, value in changes.items():
        values.pop("from" if name == "start" else name, None)
        if value is not None:
            values["from" if name == "start" else name] = value
    return f"{request.path}?{urlencode(values)}"


def with_margin(row: dict[str, Any], firm: Firm) -> dict[str, Any]:
    """Margin = sales − cost, in percent of the sales; neither where cost and sales are in two currencies."""
    same = row["cost_currency"] == firm.code
    result: Decimal | None = row["sum_sales"] - row["sum_cost"] if same or not row["sum_sales"] else None
    percent = (
        round_money(result / row["sum_sales"] * 100, 1) if result is not None and row["sum_sales"] else None
    )
    return row | {"margin": result, "percent": percent, "currency": row["cost_currency"]}


def shown(row: dict[str, Any], level: str, firm: Firm, request: Request) -> dict[str, Any]:
    """A row with what stands in its first cells and where it leads."""
    found = with_margin(row, firm)
    found["customer"] = row["order__customer__name"]
    if level == Level.CUSTOMER:
        found["title"] = row["order__customer__name"]
        found["url"] = link(request, level="order", q=row["order__customer__number"], start=None)
    elif level == Level.AGREEMENT:
        number = row["order__agreement__number"]
        found["title"] = (
            f"{number} {row['order__agreement__description']}" if number else _("Without agreement")
        )
        found["url"] = reverse("agreements:agreement", args=[number]) if number else ""
    else:
        found["title"] = f"{row['order__number']} {row['order__description']}"
        found["url"] = reverse("orders:order", args=[row["order__number"]])
        found["progress"] = OrderProgress(row["order__progress"]).label
    if level == Level.KIND:
        found["kind"] = LineKind(row["kind"]).label
    return found


LABELS = {
    "order__customer__name": "Customer",
    "order__customer__number": "Customer number",
    "order__agreement__number": "Agreement",
    "order__agreement__description": "Agreement description",
    "order__service_on": "Service date",
    "order__number": "Order",
    "order__description": "Description",
    "order__stage__description": "Stage",
    "order__stage__phase": "Phase",
    "order__progress": "Progress",
    "kind": "Type",
}


def headers(level: str) -> list[str]:
    """The heads of the file."""
    sums = [
        _("Orders"),
        _("Quantity"),
        _("Currency"),
        _("Cost"),
        _("Sales"),
        _("Invoiced"),
        _("Covered value"),
    ]
    return [*(_(LABELS[name]) for name in GROUPS[level]), *sums, _("Margin"), _("Margin %")]


def exported(table: Any, level: str, firm: Firm) -> Iterator[list[Any]]:
    """Every row of the report, read as it is written."""
    for row in table.iterator(chunk_size=2000):
        found = with_margin(row, firm)
        sums = ["sum_cost", "sum_sales", "sum_invoiced", "sum_covered"]
        yield [
            *(row[name] for name in GROUPS[level]),
            row["orders"],
            row["sum_quantity"],
            row["cost_currency"],
            *(row[name] for name in sums),
            found["margin"],
            found["percent"],
        ]
