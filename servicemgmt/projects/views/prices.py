"""Prices: what would this cost, and why."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.errors import Refused
from servicemgmt.core.money import line_amount
from servicemgmt.core.setup import SETUPS
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.queries import company, company_today

from ..forms import PriceForm
from ..pricing.explain import explain
from ..pricing.search import Priced, price_line
from ..queries import line_property_for

TABLES = ("salesprice", "costprice", "salesdiscount", "pricelist")


@require_GET
@allow("projects.view_salesprice")
def prices(request: HttpRequest) -> HttpResponse:
    """Try a line: its cost and sales price, the row that wins, and those that were passed over."""
    context: dict[str, Any] = {
        "tables": [
            (SETUPS[name].title, reverse("core:setup_list", args=[name]), SETUPS[name].help)
            for name in TABLES
        ],
        "form": PriceForm(initial={"on": company_today(), "quantity": 1, "kind": "HOUR"}),
    }
    status = 200
    if "kind" in request.GET:
        form = context["form"] = PriceForm(request.GET)
        status = 422
        if form.is_valid():
            try:
                context["answer"] = answer(form.cleaned_data)
                status = 200
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = status_of(refusal)
    return page(request, "projects/prices.html", context, status=status)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """The price of what was asked, amounts and sentences."""
    quantity = asked.pop("quantity")
    project, category = asked["project"], asked["category"]
    line_property = line_property_for(project, category) if project and category else None
    found = price_line(**asked, line_property=line_property)
    home = company().currency
    currency = project.currency if project else home
    return {
        "line_property": line_property,
        "rows": [
            row(_("Sales price"), found.sales_price, currency, found, "sales", quantity),
            row(_("Cost price"), found.cost_price, home, found, "cost", quantity),
        ],
    }


def row(label: str, price: Any, currency: Any, found: Priced, part: str, quantity: Any) -> dict[str, Any]:
    reasons = explain(found.reason[part])
    return {
        "label": label,
        "price": price,
        "currency": currency,
        "amount": None if price is None else line_amount(quantity, price, currency.digits),
        "chosen": reasons[0],
        "others": reasons[1:],
    }
