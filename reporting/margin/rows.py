"""The rows of the report as the page shows them: what stands in the first cells, and where they lead."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import OrderProgress
from servicemgmt.core.display import number
from servicemgmt.core.money import round_money
from servicemgmt.projects.models import LineKind

from .facts import Firm, Level, Unvalued
from .filters import WITHOUT

type Link = Callable[..., str]


def with_margin(row: dict[str, Any], firm: Firm) -> dict[str, Any]:
    """Margin = sales − cost, in percent of the sales; neither where cost and sales are in two currencies."""
    same = row["cost_currency"] == firm.code
    result: Decimal | None = row["sum_sales"] - row["sum_cost"] if same or not row["sum_sales"] else None
    percent = (
        round_money(result / row["sum_sales"] * 100, 1) if result is not None and row["sum_sales"] else None
    )
    return row | {"margin": result, "percent": percent, "currency": row["cost_currency"]}


def notes(totals: Sequence[dict[str, Any]]) -> list[str]:
    """What the figures leave out and why, a sentence a reason; nothing where everything is in them."""
    found = {why: sum(row[f"without_{why}"] for row in totals) for why in Unvalued.values}
    told = {
        Unvalued.RATE: ngettext(
            "The sales of %(count)s line are not in these figures: there is no exchange rate on its day. "
            "Enter the rate under Setup.",
            "The sales of %(count)s lines are not in these figures: there is no exchange rate on their days. "
            "Enter the rates under Setup.",
            found[Unvalued.RATE],
        ),
        Unvalued.PROJECT: ngettext(
            "The sales of %(count)s line are not in these figures: its order has no project, so no currency.",
            "The sales of %(count)s lines are not in these figures: their orders have no project, so no currency.",
            found[Unvalued.PROJECT],
        ),
    }
    return [sentence % {"count": number(found[why])} for why, sentence in told.items() if found[why]]


def with_contract(row: dict[str, Any], fees: dict[int, Decimal], firm: Firm) -> dict[str, Any]:
    """An agreement's row with the fees it earned and its margin: fees + invoiced − cost."""
    earned = fees.get(row["order__agreement"] or 0, Decimal(0))
    same = row["cost_currency"] == firm.code
    return row | {
        "fees": earned,
        "contract": earned + row["sum_invoiced"] - row["sum_cost"] if same else None,
    }


def shown(row: dict[str, Any], level: str, firm: Firm, link: Link) -> dict[str, Any]:
    """A row with its title, the way to the next level (`url`) and to the document itself (`document_url`)."""
    found = with_margin(row, firm)
    found["customer"] = row["order__customer__name"]
    if level == Level.CUSTOMER:
        found["title"] = row["order__customer__name"]
        found["url"] = link(level=Level.AGREEMENT, customer=row["order__customer"], start=None)
        found["document_url"] = reverse("masterdata:customer", args=[row["order__customer__number"]])
    elif level == Level.AGREEMENT:
        agreement_of(found, link)
    else:
        order_of(found, level, link)
    return found


def agreement_of(row: dict[str, Any], link: Link) -> None:
    number = row["order__agreement__number"]
    row["title"] = f"{number} {row['order__agreement__description']}" if number else _("Without agreement")
    row["url"] = link(
        level=Level.ORDER,
        customer=row["order__customer"],
        agreement=row["order__agreement"],
        under=None if number else WITHOUT,
        start=None,
    )
    row["document_url"] = reverse("agreements:agreement", args=[number]) if number else ""


def order_of(row: dict[str, Any], level: str, link: Link) -> None:
    number = row["order__number"]
    row["title"] = f"{number} {row['order__description']}"
    row["document_url"] = reverse("orders:order", args=[number])
    row["progress"] = OrderProgress(row["order__progress"]).label
    row["url"] = link(level=Level.KIND, number=number, start=None)
    if level != Level.ORDER:
        row["kind_label"] = LineKind(row["kind"]).label
        row["url"] = link(level=Level.LINE, number=number, kind=row["kind"], start=None)
    if level == Level.LINE:
        line_of(row)


def line_of(row: dict[str, Any]) -> None:
    """The transaction of a line, and the voucher and the invoice behind it."""
    key, voucher, invoice = (
        row["transaction_id"],
        row["transaction__voucher__number"],
        row["transaction__invoice__number"],
    )
    row["url"] = reverse("projects:transaction", args=[key]) if key else ""
    row["voucher_url"] = reverse("ledger:voucher", args=[voucher]) if voucher else ""
    row["invoice_url"] = reverse("projects:invoice", args=[invoice]) if invoice else ""
