"""Lines of an agreement, a template or another order as new lines of an order, with the objects and tasks they name."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements.models import ServiceAgreementLine
from agreements.pricing.queries import sales_price_on
from agreements.sources import require_copyable
from orders.models import OrderObject, OrderTask, ServiceOrder, ServiceOrderLine
from orders.operations.line import TOLD_FIRST, written
from orders.operations.line_property import Usual, give_line_property
from orders.operations.line_values import check_amounts, complete, is_planning, price
from orders.operations.lock import insist, lock_order
from orders.rules import why_not_change
from servicemgmt.core.audit import changed, snapshot
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.projects.pricing.book import PriceBook
from servicemgmt.projects.pricing.search import Lookup
from servicemgmt.projects.queries import shares_currency

type Source = ServiceAgreementLine | ServiceOrderLine

#: What a line is about; never its status, dates, sign-off or posting.
CONTENT = ["kind", "item_setup", "description", "details", "worker", "category", "quantity", "unit", "item"]
PARTS = [
    "worker", "category", "unit", "item__unit", "object_relation__service_object", "task_relation__service_task",
]  # fmt: skip


@transaction.atomic
def copy_from_agreement(
    order_id: int, line_ids: Sequence[int], *, version: int | None, by: User | None, at: datetime
) -> list[ServiceOrderLine]:
    """AG-15: lines of templates, or of other agreements, their object and task relations too.

    Prices agreed for a line come along in their currency, and who bears it on its own project. Refused where a line is
    stopped (AG-06), and where the stage allows no change; Stale.
    """
    rows = ServiceAgreementLine.objects.filter(pk__in=line_ids).prefetch_related("prices")
    parts = [*PARTS, "agreement__project", "line_property"]
    found = list(rows.select_related(*parts).order_by("agreement_id", "line_number"))
    require_copyable(found)
    return _copied(order_id, found, version=version, by=by, at=at)


@transaction.atomic
def copy_from_order(
    order_id: int,
    source: ServiceOrder,
    line_ids: Sequence[int],
    *,
    version: int | None,
    by: User | None,
    at: datetime,
) -> list[ServiceOrderLine]:
    """AG-16: lines of another order, only what they are about: the copies are Created and nobody signed them.

    Prices entered by hand come along, sales prices in the same currency alone; others are found for this project and
    day. Raises as `copy_from_agreement`.
    """
    rows = source.lines.filter(pk__in=line_ids).select_related(*PARTS).order_by("line_number")
    return _copied(order_id, list(rows), version=version, by=by, at=at)


def _copied(
    order_id: int, sources: Sequence[Source], *, version: int | None, by: User | None, at: datetime
) -> list[ServiceOrderLine]:
    if not sources:
        raise Refused(_("Tick the lines to copy."))
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    objects, tasks = _objects(order, sources), _tasks(order, sources)
    number = (order.lines.aggregate(last=Max("line_number"))["last"] or 0) + 1
    lookup, usual = _price_book(order), Usual(order)
    lines = []
    for offset, source in enumerate(sources):
        line = ServiceOrderLine(
            order=order,
            line_number=number + offset,
            object_relation=objects.get(_object_key(source)),
            task_relation=tasks.get(_task_key(source)),
            **{name: getattr(source, name) for name in CONTENT},
        )
        if isinstance(source, ServiceOrderLine):
            line.discount = source.discount
        elif source.agreement.project_id == order.project_id:
            line.line_property = source.line_property
        complete(line)
        give_line_property(order, line, usual)
        price(order, line, lookup=lookup, **_own_prices(source, order))
        check_amounts(line)
        line.planned_quantity = line.quantity if is_planning(order) else None
        lines.append(line)
    ServiceOrderLine.objects.bulk_create(lines)
    told = {line: changed({}, snapshot(line, TOLD_FIRST)) for line in lines}
    written(order, told, "line_added", by=by, at=at)
    return lines


def _objects(order: ServiceOrder, sources: Iterable[Source]) -> dict[tuple[int, str], OrderObject]:
    """The order's relations to the objects of the lines, made where they are missing; never another customer's."""
    wanted = {
        _object_key(source): source.object_relation.service_object
        for source in sources
        if source.object_relation
        and source.object_relation.service_object.customer_id in (None, order.customer_id)
    }
    there = {(row.service_object_id, row.reference): row for row in order.object_relations.all()}
    new = [
        OrderObject(order=order, service_object=thing, reference=key[1])
        for key, thing in wanted.items()
        if key not in there
    ]
    OrderObject.objects.bulk_create(new)
    return there | {(row.service_object_id, row.reference): row for row in new}


def _tasks(order: ServiceOrder, sources: Iterable[Source]) -> dict[int, OrderTask]:
    wanted = {_task_key(source): source.task_relation for source in sources if source.task_relation}
    there = {row.service_task_id: row for row in order.task_relations.all()}
    new = [
        OrderTask(
            order=order,
            service_task=row.service_task,
            note_internal=row.note_internal,
            note_external=row.note_external,
        )
        for key, row in wanted.items()
        if key not in there
    ]
    OrderTask.objects.bulk_create(new)
    return there | {row.service_task_id: row for row in new}


def _object_key(source: Source) -> tuple[int, str]:
    relation = source.object_relation
    return (relation.service_object_id, relation.reference) if relation else (0, "")


def _task_key(source: Source) -> int:
    return source.task_relation.service_task_id if source.task_relation else 0


def _own_prices(source: Source, order: ServiceOrder) -> dict[str, Any]:
    """The prices that somebody entered on the line itself, and that mean the same on the order."""
    if isinstance(source, ServiceAgreementLine):
        stands = shares_currency(source.agreement.project, order.project)
        agreed = sales_price_on(source, order.service_on) if stands else None
        return {"cost_price": source.cost_price, "sales_price": agreed}
    by_hand = bool(source.price_reason.get("cost", {}).get("by_hand"))
    is_sold = source.is_sales_price_modified and shares_currency(source.order.project, order.project)
    return {
        "cost_price": source.cost_price if by_hand else None,
        "sales_price": source.listed_price if is_sold else None,
    }


def _price_book(order: ServiceOrder) -> Lookup | None:
    if order.project is None:
        return None
    lists = [order.agreement.price_list_id if order.agreement else None, order.project.price_list_id]
    return PriceBook([order.project.pk], [pk for pk in lists if pk])
