"""Everything the page of one order shows, read in few queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum

from orders.models import LineStatus, ServiceOrder, ServiceOrderLine, ServiceStage, SignOff, SlaStatus
from orders.sla import Reading, Terms, read_clock
from servicemgmt.core.audit import subject_of
from servicemgmt.core.documents import names_kept
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.core.strokes import svg_box, svg_paths
from servicemgmt.masterdata.models import Currency
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.coverage import coverage_for
from servicemgmt.projects.models import (
    Coverage,
    ItemRequirement,
    LineKind,
    RequirementStep,
    Transaction,
    TransactionStatus,
)
from servicemgmt.projects.pricing.explain import explain_both
from servicemgmt.projects.requirements.lists import REQUIREMENT_TONES


def order_with_all(orders: QuerySet[ServiceOrder]) -> QuerySet[ServiceOrder]:
    """The orders with what their pages name."""
    return orders.select_related(
        "customer", "site", "agreement", "project__currency", "stage__parent", "sla__calendar",
        "preferred_technician", "responsible", "contact", "activity_type",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with its amounts: sales in the project's currency, cost in the company's."""

    line: ServiceOrderLine
    sales: Decimal | None
    cost: Decimal | None
    returned: Decimal = ZERO

    @property
    def tone(self) -> str:
        """Of the line's item requirement."""
        return REQUIREMENT_TONES[self.line.requirement.status] if self.line.requirement else ""

    @property
    def left(self) -> Decimal:
        """How much of posted goods may come back to stock."""
        may = self.line.transaction and self.line.kind == LineKind.ITEM
        return self.line.quantity - self.returned if may else ZERO

    @property
    def why_sales(self) -> list[tuple[str, list[str]]]:
        """Why it has its sales price, for those who may see no cost."""
        return explain_both(self.line.price_reason, sees_cost=False)

    @property
    def why_both(self) -> list[tuple[str, list[str]]]:
        return explain_both(self.line.price_reason, sees_cost=True)

    @property
    def coverage(self) -> str:
        """Who bears it: as posted, else as it would be posted now; '' without a line property."""
        if self.line.transaction:
            return self.line.transaction.coverage
        found = self.line.line_property
        return coverage_for(self.line.order.project, self.line.kind, found) if found else ""

    @property
    def coverage_label(self) -> str:
        return str(Coverage(self.coverage).label) if self.coverage else ""

    @property
    def is_charged(self) -> bool:
        return self.coverage == Coverage.CHARGED


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of the lines that are not cancelled. Margin only where both currencies are one."""

    sales: Decimal
    cost: Decimal
    currency: Currency | None
    cost_currency: Currency

    @property
    def margin(self) -> Decimal | None:
        return self.sales - self.cost if self.currency and self.currency.pk == self.cost_currency.pk else None


def line_rows(order: ServiceOrder) -> list[LineRow]:
    """The order's lines in order, each with what it comes to: as posted, else quantity × price."""
    lines = order.lines.select_related(
        "category", "line_property", "worker", "item", "unit", "warehouse", "task_relation__service_task",
        "object_relation__service_object", "transaction__invoice", "transaction__voucher", "requirement",
    ).order_by("line_number")  # fmt: skip
    back, used = returned_of(lines), used_of(lines)
    digits = order.project.currency.digits if order.project else 2, company().currency.digits
    return [
        _posted_row(line, line.transaction, back[line.transaction.pk])
        if line.transaction
        else _planned_row(line, used.get(line.requirement_id or 0), *digits)
        for line in lines
    ]


def _posted_row(line: ServiceOrderLine, posted: Transaction, back: "Back") -> LineRow:
    return LineRow(line, posted.sales_amount + back.sales, posted.cost_amount + back.cost, back.quantity)


def _planned_row(line: ServiceOrderLine, used: "Used | None", digits: int, cost_digits: int) -> LineRow:
    """What a line comes to at its prices; of an item requirement that only for what is not used yet."""
    need, left = line.requirement, line.quantity
    if need:
        left = need.quantity - need.consumed - need.returned
    sales, cost = _amount(left, line.sales_price, digits), _amount(left, line.cost_price, cost_digits)
    if used:
        sales, cost = used.sales + (sales or ZERO), used.cost + (cost or ZERO)
    return LineRow(line, sales, cost)


class Used(NamedTuple):
    """What the consumptions of a requirement came to."""

    sales: Decimal
    cost: Decimal


def used_of(lines: Iterable[ServiceOrderLine]) -> dict[int, Used]:
    """What was consumed of the requirements of these lines, by their keys; no statement where there are none."""
    needs = [line.requirement_id for line in lines if line.requirement_id]
    if not needs:
        return {}
    steps = RequirementStep.objects.filter(requirement__in=needs, transaction__isnull=False)
    alive = steps.exclude(transaction__status=TransactionStatus.REVERSED).order_by()
    sums = alive.values_list("requirement").annotate(
        s=Sum("transaction__sales_amount"), c=Sum("transaction__cost_amount")
    )
    return {need: Used(sales, cost) for need, sales, cost in sums}


class Back(NamedTuple):
    """What of a posted use came back; sales and cost with the sign of their change."""

    quantity: Decimal
    sales: Decimal
    cost: Decimal


def returned_of(lines: Iterable[ServiceOrderLine]) -> dict[int, Back]:
    """What came back of the posted goods among these lines, by the transaction's key."""
    goods = [line.transaction_id for line in lines if line.transaction_id and line.kind == LineKind.ITEM]
    found: dict[int, Back] = defaultdict(lambda: Back(ZERO, ZERO, ZERO))
    if goods:
        rows = Transaction.objects.filter(adjusts__in=goods).order_by().values("adjusts")
        for row in rows.annotate(q=Sum("quantity"), s=Sum("sales_amount"), c=Sum("cost_amount")):
            found[row["adjusts"] or 0] = Back(-row["q"], row["s"], row["c"])
    return found


def _amount(quantity: Decimal, price: Decimal | None, digits: int) -> Decimal | None:
    return None if price is None else round_money(quantity * price, digits)


def totals(order: ServiceOrder, rows: list[LineRow]) -> Totals:
    """What the live lines come to; only what is charged counts as sales."""
    live = [row for row in rows if row.line.status != LineStatus.CANCELLED]
    return Totals(
        sum((row.sales or ZERO for row in live if row.is_charged), ZERO),
        sum((row.cost or ZERO for row in live), ZERO),
        order.project.currency if order.project else None,
        company().currency,
    )


def clock_of(order: ServiceOrder, now: datetime) -> Reading | None:
    """What the SLA clock shows now (SLA-14: at view time, stored by nobody); None without one."""
    if order.sla is None or order.sla_status in (SlaStatus.NONE, SlaStatus.CANCELLED):
        return None
    segments = list(order.time_logs.order_by("started_at", "pk").values_list("started_at", "ended_at"))
    return read_clock(Terms.of(order.sla, order.site.time_zone), segments, now)


def stage_path(order: ServiceOrder) -> list[ServiceStage]:
    """The stages from the initial one to the order's own."""
    path, stage = [order.stage], order.stage
    while stage.parent is not None:
        stage = stage.parent
        path.insert(0, stage)
    return path


def requirements_of(order: ServiceOrder) -> list[ItemRequirement]:
    """SO-17: the items reserved for the order, each with the `tone` of its status."""
    rows = ItemRequirement.objects.of(subject_of(order)).select_related("item__unit", "warehouse", "place")
    found = list(rows)
    for row in found:
        row.tone = REQUIREMENT_TONES[row.status]  # type: ignore[attr-defined]
    return found


def signatures(order: ServiceOrder) -> list[dict[str, Any]]:
    """The sign-offs, newest first, drawn signatures as SVG paths in their box; whether the receipt can be had."""
    rows: QuerySet[SignOff] = order.sign_offs.select_related("order", "taken_by", "voided_by").order_by("-pk")
    kept = names_kept(order) if rows else set()
    return [
        {
            "row": row,
            "paths": svg_paths(row.strokes),
            "box": svg_box(row.strokes),
            "is_kept": row.voided_at is None or row.pdf_name in kept,
        }
        for row in rows
    ]
