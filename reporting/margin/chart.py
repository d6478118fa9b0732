"""Sales, cost and margin by month of the service date, as a drawing and as the table beside it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from orders.models import OrderWork
from servicemgmt.core.money import ZERO, round_money

from .facts import Firm

MONTHS, HEIGHT, STEP, BAR = 12, 140, 60, 18


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the chart: its amounts in company currency."""

    on: date
    sales: Decimal
    cost: Decimal

    @property
    def margin(self) -> Decimal:
        return self.sales - self.cost

    @property
    def percent(self) -> Decimal | None:
        return round_money(self.margin / self.sales * 100, 1) if self.sales else None


def months(rows: QuerySet[OrderWork], firm: Firm) -> list[Month]:
    """The last twelve months that have something, oldest first; cost in other currencies is left out."""
    own = cast("QuerySet[Any]", rows).filter(cost_currency=firm.code)
    found = (
        own.order_by()
        .annotate(month=TruncMonth("order__service_on"))
        .values_list("month")
        .annotate(in_sales=Sum("sales"), in_cost=Sum("cost"))
        .order_by("-month")[:MONTHS]
    )
    return [Month(on, sales or ZERO, cost or ZERO) for on, sales, cost in found][::-1]


def drawing(rows: list[Month]) -> dict[str, Any]:
    """Where the bars stand: sales and cost of a month side by side, above the line of nothing or below it."""
    amounts = [amount for row in rows for amount in (row.sales, row.cost)]
    top, low = max([*amounts, ZERO]), min([*amounts, ZERO])
    span = (top - low) or Decimal(1)

    def bar(amount: Decimal, x: int, tone: str, fill: str) -> dict[str, Any]:
        size = abs(amount) / span * HEIGHT
        y = (top - max(amount, ZERO)) / span * HEIGHT
        return {"x": x, "y": f"{y:.1f}", "height": f"{size:.1f}", "width": BAR, "tone": tone, "fill": fill}

    return {
        "width": max(len(rows), 1) * STEP,
        "height": HEIGHT + 20,
        "base": f"{top / span * HEIGHT:.1f}",
        "months": [
            {
                "row": row,
                "middle": n * STEP + STEP // 2,
                "bars": [
                    bar(row.sales, n * STEP + 10, "blue", "#2a63cf"),
                    bar(row.cost, n * STEP + 12 + BAR, "orange", "#c2570c"),
                ],
            }
            for n, row in enumerate(rows)
        ],
    }
