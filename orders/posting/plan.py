"""What posting would do, without doing it: each line with its draft, or with the sentence why not.

Preview and posting use the same plan, so what is shown is what happens unless somebody changes something between.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from orders.models import Assignment
from orders.queries.posting import SENTENCES, Line, lines_to_post
from servicemgmt.core.errors import Refused, Sentence
from servicemgmt.core.money import ZERO
from servicemgmt.inventory.keepers import kept_for
from servicemgmt.inventory.lots import used
from servicemgmt.inventory.models import LotOnHand, OnHand, Warehouse
from servicemgmt.inventory.on_hand import add, free, value_out
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.ledger.models import PostingPurpose
from servicemgmt.ledger.queries import Profile, account_in, posting_profile
from servicemgmt.masterdata.models import Item
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.drafts import Amounts, Draft, amounts_of, check_draft
from servicemgmt.projects.models import Category, LineKind, LineProperty, Project, TransactionSource
from servicemgmt.projects.operations.transaction_rows import COST_PURPOSES


class PlannedLine(NamedTuple):
    """A line with what it will be posted as, or with why it will not. `ledger_day` is the date of its voucher.

    `takes_reserved`: others reserved what it takes, in a warehouse that does not keep it for them.
    """

    line: Line
    draft: Draft | None
    amounts: Amounts | None
    refusal: Sentence
    ledger_day: date | None = None
    takes_reserved: bool = False

    @property
    def is_postable(self) -> bool:
        return not self.refusal

    @property
    def moves(self) -> bool:
        """Whether the voucher goes to the first open day, for the work's own lies in a closed period."""
        return bool(self.draft and self.ledger_day and self.ledger_day != self.draft.executed_on)


def plan_posting(
    orders: Collection[int],
    *,
    kinds: Collection[str] | None = None,
    chosen: Collection[int] | None = None,
) -> list[PlannedLine]:
    """The plan for these orders' Created lines of the ticked kinds (None: all four), in order and line order.

    Only for the `chosen` ones where some are. Stock goes to the lines in the order in which they are posted."""
    lines = lines_to_post(orders, kinds, chosen)
    context = Context.of(lines)
    planned = {line.pk: plan_line(line, context) for line in sorted(lines, key=turn)}
    return [planned[line.pk] for line in lines]


def turn(line: Line) -> tuple[int, date, int]:
    """Posting goes order by order and in each by the day of the work, of which each has a voucher."""
    return line.order_id, line.done_on, line.line_number


#: What posting asks of a project.
OF_PROJECT = ["number", "kind", "customer", "currency", "ended_on"]


@dataclass(slots=True)
class Context:
    """What planning many lines reads once."""

    projects: Mapping[int, Project]
    categories: Mapping[int, Category]
    properties: Mapping[int, LineProperty]
    items: Mapping[int, Item]
    warehouses: Mapping[int, Warehouse]
    profile: Profile
    vans: dict[int, Warehouse]
    leads: dict[int, int]
    main: Warehouse | None
    stock: dict[tuple[int, int], OnHand]
    lots: dict[tuple[int, str, int], Decimal]
    digits: int
    ledger_day: Callable[[date], date]
    kept: dict[tuple[int, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Context":
        """Read what these lines name, with accounts, vans and stock."""

        def named(column: str, rows: QuerySet[Any]) -> Any:
            return rows.in_bulk({key for line in lines if (key := getattr(line, column))})

        items = named("item_id", Item.objects.select_related("unit"))
        orders = {line.order_id for line in lines if line.item_id}
        vans = {van.worker_id: van for van in Warehouse.objects.filter(worker__isnull=False)} if items else {}
        leads = Assignment.objects.filter(order__in=orders, is_lead=True).values_list("order_id", "worker_id")
        main = Warehouse.objects.filter(worker__isnull=True, ended_on__isnull=True).order_by("code").first()
        stock = OnHand.objects.filter(item__in=items)
        return cls(
            projects=named("project_id", Project.objects.only(*OF_PROJECT).prefetch_related("currency")),
            categories=named("category_id", Category.objects.all()),
            properties=named("line_property_id", LineProperty.objects.all()),
            items=items,
            warehouses=named("warehouse_id", Warehouse.objects.all()),
            profile=posting_profile(),
            vans=vans,
            leads=dict(leads),
            main=main,
            stock={(row.item_id, row.warehouse_id): row for row in stock},
            lots=lots_left({key for key, item in items.items() if item.is_tracked}),
            digits=company().currency.digits,
            ledger_day=ledger_days(),
        )

    def warehouse_of(self, line: Line) -> Warehouse | None:
        """The line's own warehouse, else the van of its worker (or of the order's lead), else the main one."""
        if line.warehouse_id:
            return self.warehouses[line.warehouse_id]
        worker = line.worker_id or self.leads.get(line.order_id)
        return (self.vans.get(worker) if worker else None) or self.main

    def on_hand(self, item: Item, warehouse: Warehouse) -> OnHand:
        """What lies there after the lines planned so far; never saved."""
        nothing = OnHand(item=item, warehouse=warehouse, quantity=ZERO, value=ZERO)
        return self.stock.setdefault((item.pk, warehouse.pk), nothing)


def ledger_days() -> Callable[[date], date]:
    """Asked for a day of work, the date of its voucher; see `LedgerDays.of`. Refused, naming the first open date, where
    its period is closed and the company does not move postings out of it. Each day is reckoned once."""
    calendar = LedgerDays.read()
    known: dict[date, date | Refused] = {}

    def asked(day: date) -> date:
        if day not in known:
            try:
                known[day] = calendar.of(day)
            except Refused as refusal:
                known[day] = refusal
        found = known[day]
        if isinstance(found, Refused):
            raise found
        return found

    return asked


def plan_line(line: Line, context: Context) -> PlannedLine:
    """One line's place in the plan; takes its goods off the stock that later lines of the plan find."""
    if line.refusal:
        return PlannedLine(line, None, None, SENTENCES[line.refusal])
    draft = draft_of(line, context)
    try:
        check_draft(draft)
        check_accounts(draft, context.profile)
        day = context.ledger_day(draft.executed_on)
        amounts, takes_reserved = take_stock(draft, amounts_of(draft, context.digits), context)
    except Refused as refusal:
        return PlannedLine(line, draft, None, str(refusal))
    return PlannedLine(line, draft, amounts, "", day, takes_reserved)


def draft_of(line: Line, context: Context) -> Draft:
    """The line as a project transaction, dated when it was done, else on the order's service date."""
    assert line.project_id and line.line_property_id
    return Draft(
        kind=line.kind,
        project=context.projects[line.project_id],
        category=context.categories[line.category_id],
        line_property=context.properties[line.line_property_id],
        executed_on=line.done_on,
        quantity=line.quantity,
        source=TransactionSource.ORDER.value,
        text=line.description,
        site_id=line.site_id,
        agreement_number=line.agreement_number,
        worker_id=line.worker_id,
        item=context.items[line.item_id] if line.item_id else None,
        unit_id=line.unit_id,
        warehouse=context.warehouse_of(line) if line.kind == LineKind.ITEM else None,
        lot=line.lot_number,
        cost_price=line.cost_price,
        sales_price=line.sales_price,
        price_reason=line.price_reason,
        coverage_reason=line.coverage_reason,
    )


def check_accounts(draft: Draft, profile: Profile) -> None:
    """Raises Refused where the posting profile names no account for the line's cost (PR-05, scenario 80)."""
    cost, offset = COST_PURPOSES[draft.kind]
    if draft.kind == LineKind.FEE and not draft.cost_price:
        return
    for purpose in (cost, PostingPurpose.STOCK if draft.takes_stock else offset):
        account_in(profile, purpose, draft.category.code)


def take_stock(draft: Draft, amounts: Amounts, context: Context) -> tuple[Amounts, bool]:
    """The amounts with what the goods cost by the stock, and whether others reserved what the line takes.

    What earlier lines take is counted. Raises Refused where the warehouse holds too little besides what it keeps for
    others.
    """
    if not draft.takes_stock or draft.item is None or draft.warehouse is None:
        return amounts, False
    row = context.on_hand(draft.item, draft.warehouse)
    left = free(row, draft.warehouse) - draft.quantity
    if left < 0 and not draft.warehouse.allows_negative:
        raise Refused(holds_too_little(draft.item, draft.warehouse, context))
    if draft.item.is_tracked:
        take_lot(draft, context)
    reserved = row.reserved - row.set_aside
    return amounts._replace(cost=taken(draft, row, context.digits)), 0 < reserved > left


def taken(draft: Draft, row: OnHand, places: int) -> Decimal:
    """What the draft's goods cost in company currency at the average, taken off the row as posting takes them."""
    assert draft.item and draft.warehouse
    before = row.value
    for _number, part in used(draft.item, draft.quantity, draft.lot):
        add(row, draft.warehouse, -part, -value_out(row, draft.item, part, places=places))
    return before - row.value


def holds_too_little(item: Item, warehouse: Warehouse, context: Context) -> str:
    """That the warehouse does, and for whom it keeps some (asked once for each item and warehouse)."""
    key = item.pk, warehouse.pk
    if key not in context.kept:
        context.kept[key] = kept_for(item, warehouse)
    sentence = _("%(warehouse)s holds too little of %(item)s.") % {"warehouse": warehouse, "item": item}
    whom = context.kept[key]
    return f"{sentence} {_('Kept for %(whom)s.') % {'whom': whom}}" if whom else sentence


def take_lot(draft: Draft, context: Context) -> None:
    """Raises Refused where the batch or a serial number is not there, what earlier lines take counted."""
    assert draft.item and draft.warehouse
    taken = {}
    for number, quantity in used(draft.item, draft.quantity, draft.lot):
        key = draft.item.pk, number, draft.warehouse.pk
        taken[key] = context.lots.get(key, ZERO) - quantity
        if taken[key] < 0:
            raise Refused(
                _("%(warehouse)s holds too little of %(number)s (%(item)s).")
                % {"warehouse": draft.warehouse, "number": number, "item": draft.item}
            )
    context.lots |= taken


def lots_left(items: Collection[int]) -> dict[tuple[int, str, int], Decimal]:
    """What is free where of these tracked items, by item, number and warehouse; no statement where there are none."""
    if not items:
        return {}
    rows = LotOnHand.objects.filter(lot__item__in=items, quantity__gt=0)
    left = F("quantity") - F("set_aside")
    found = rows.annotate(left=left).values_list("lot__item", "lot__number", "warehouse", "left")
    return {(item, number, warehouse): quantity for item, number, warehouse, quantity in found}
