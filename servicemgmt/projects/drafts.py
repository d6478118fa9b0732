"""What is to be posted on a project, and what it comes to in money. Pure: nothing here writes."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.money import ZERO, round_money
from servicemgmt.inventory.lots import missing, used
from servicemgmt.inventory.models import Warehouse
from servicemgmt.masterdata.models import Currency, Item, ItemTaxGroup

from .coverage import coverage_for
from .models import (
    AccrualRule,
    Category,
    Coverage,
    LineKind,
    LineProperty,
    Project,
    Transaction,
    TransactionSource,
)


@dataclass(slots=True, kw_only=True)
class Draft:
    """One hour, expense, item or fee to post: the columns of `Transaction`, before they are money.

    Cost prices are in company currency (of imported history: in `cost_currency`), sales prices in `currency` (the
    project's unless given). An amount given outright is taken as it is, else it is quantity × price. `warehouse` is
    where a stocked item comes from (`is_kept`: reserved for this), `lot` the number of a tracked one; its cost is then
    the stock's average, whatever `cost_price` says. `sales_price` None means that there is no price.
    """

    kind: str
    project: Project
    category: Category
    line_property: LineProperty
    executed_on: date
    quantity: Decimal
    source: str = TransactionSource.MANUAL
    text: str = ""
    site_id: int | None = None
    agreement_number: str = ""
    worker_id: int | None = None
    item: Item | None = None
    unit_id: int | None = None
    warehouse: Warehouse | None = None
    lot: str = ""
    is_kept: bool = False
    tax_group: ItemTaxGroup | None = None
    service_period: DateRange | None = None
    accrual_rule: AccrualRule | None = None
    currency: Currency | None = None
    cost_currency: Currency | None = None
    cost_price: Decimal | None = None
    cost_amount: Decimal | None = None
    sales_price: Decimal | None = None
    sales_amount: Decimal | None = None
    coverage_reason: str = ""
    price_reason: dict[str, Any] = field(default_factory=dict)
    adjusts: Transaction | None = None

    @property
    def money(self) -> Currency:
        return self.currency or self.project.currency

    @property
    def coverage(self) -> str:
        return coverage_for(self.project, self.kind, self.line_property)

    @property
    def takes_stock(self) -> bool:
        return bool(self.kind == LineKind.ITEM and self.item and self.item.is_stocked)


def check_draft(draft: Draft) -> None:
    """Refused, naming the line, where it cannot be posted: PR-01, billing-rules 44."""
    name = draft.text or str(draft.category)
    if draft.category.kind != draft.kind:
        raise Refused(
            _("“%(line)s”: the category %(category)s is of another type.")
            % {"line": name, "category": draft.category}
        )
    if not draft.category.is_active:
        raise Refused(
            _("“%(line)s”: the category %(category)s is not active.")
            % {"line": name, "category": draft.category}
        )
    if draft.project.ended_on and draft.project.ended_on <= draft.executed_on:
        raise Refused(
            _("“%(line)s”: the project %(project)s is closed from %(day)s.")
            % {"line": name, "project": draft.project.number, "day": date_format(draft.project.ended_on)}
        )
    if draft.coverage == Coverage.CHARGED and draft.sales_price is None and draft.sales_amount is None:
        raise Refused(
            _(
                "“%(line)s” is charged but has no sales price; enter one, or add a price row and save the line again."
            )
            % {"line": name}
        )
    if draft.accrual_rule and (draft.service_period is None or draft.service_period.upper is None):
        raise Refused(_("“%(line)s”: revenue is spread over a service period; it has none.") % {"line": name})
    if draft.takes_stock and draft.warehouse is None:
        raise Refused(
            _("“%(line)s”: say which warehouse %(item)s is taken from.") % {"line": name, "item": draft.item}
        )
    check_unit(draft, name)
    check_lot(draft, name)


def check_unit(draft: Draft, name: str) -> None:
    """Refused, naming the line, where its unit is not the item's, in which stock and prices are; nothing converts."""
    if draft.item and draft.unit_id and draft.unit_id != draft.item.unit_id:
        raise Refused(
            _("“%(line)s” is not in %(unit)s, in which %(item)s is kept; enter the quantity anew.")
            % {"line": name, "unit": draft.item.unit.description, "item": draft.item}
        )


def check_lot(draft: Draft, name: str) -> None:
    """Refused, naming the line, where a tracked item does not say which piece or batch of it is used."""
    if not draft.takes_stock or draft.item is None or not draft.item.is_tracked:
        return
    if not draft.lot:
        raise Refused(f"“{name}”: {missing(draft.item)}")
    try:
        used(draft.item, draft.quantity, draft.lot)
    except Invalid as refusal:
        raise Refused(f"“{name}”: {refusal}") from refusal


class Amounts(NamedTuple):
    """What a draft comes to: cost in company currency, what is charged or covered in the project's."""

    cost: Decimal
    sales: Decimal
    covered: Decimal


def amounts_of(draft: Draft, company_digits: int) -> Amounts:
    """The draft's money, each amount rounded once, half up, to its currency's digits (billing-rules 37)."""
    cost_digits = draft.cost_currency.digits if draft.cost_currency else company_digits
    cost = draft.cost_amount
    if cost is None:
        cost = round_money(draft.quantity * (draft.cost_price or ZERO), cost_digits)
    sales = draft.sales_amount
    if sales is None:
        sales = round_money(draft.quantity * (draft.sales_price or ZERO), draft.money.digits)
    charged = draft.coverage == Coverage.CHARGED
    return Amounts(cost, sales if charged else ZERO, ZERO if charged else sales)


def tax_group_of(draft: Draft) -> int:
    """The item's side of the tax matrix, its key: given outright, else the item's group, else the category's."""
    if draft.tax_group:
        return draft.tax_group.pk
    return draft.item.tax_group_id if draft.item else draft.category.tax_group_id
