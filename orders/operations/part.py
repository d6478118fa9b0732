"""Parts of service BOMs that are put in or replaced on an order, and billed on it (TB-06)."""

from datetime import date, datetime
from decimal import Decimal

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.boms.operations import Circumstances, add_bom_line, change_bom_line, delete_bom_line
from agreements.models import BomAction, BomChange, ServiceBom, ServiceBomLine
from orders.models import BomChangeOnOrder, ServiceOrder, ServiceOrderLine
from orders.queries.boms import orders_for
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.masterdata.models import Item, Unit
from servicemgmt.masterdata.queries import company_day_at
from servicemgmt.projects.models import Category, LineKind

from .line import add_line
from .lock import lock_order
from .requirement import require_on_order


class Billing(models.TextChoices):
    """What becomes of a part that was put in, besides its row in the history."""

    NOTHING = "NOTHING", gettext_lazy("History only")
    LINE = "LINE", gettext_lazy("Create service order line")
    REQUIREMENT = "REQUIREMENT", gettext_lazy("Create item requirement")


@transaction.atomic
def replace_part(
    line_id: int,
    *,
    quantity: Decimal,
    on: date,
    version: int | None,
    by: User | None,
    at: datetime,
    replacement: bool = True,
    item: Item | None = None,
    unit: Unit | None = None,
    lot_number: str = "",
    text: str = "",
    order: ServiceOrder | None = None,
    billing: str = Billing.NOTHING,
    category: Category | None = None,
    warehouse: Warehouse | None = None,
) -> BomChange:
    """TB-06: change a part as `change_bom_line` does (0 without `replacement` deletes it) and bill what was put in.

    What was put in becomes an item line or an item requirement of the `order`, at the prices of its agreement; else the
    history only names the order. Raises Invalid for an order that is not of the BOM's agreement, for billing without an
    order or of what was taken out, and for a day that is yet to come, unless it is not after the order's own; Stale
    (`version` is the BOM's), and whatever the order refuses.
    """
    line = ServiceBomLine.objects.select_related("bom", "item").get(pk=line_id)
    place = _place(line.bom, order, billing)
    _check_day(on, order, at)
    told: Circumstances = {
        "text": text,
        "subject": place[0],
        "label": place[1],
        "is_requirement": billing == Billing.REQUIREMENT,
    }
    if not quantity and not replacement:
        change = delete_bom_line(line_id, on=on, version=version, by=by, **told)
    else:
        change = change_bom_line(
            line_id,
            quantity=quantity,
            on=on,
            version=version,
            by=by,
            replacement=replacement,
            item=item,
            unit=unit,
            lot_number=lot_number,
            **told,
        )
    _billed(change, order, billing, category, warehouse, on=on, by=by, at=at)
    return change


@transaction.atomic
def put_part_in(
    bom_id: int,
    *,
    item: Item,
    quantity: Decimal,
    on: date,
    version: int | None,
    by: User | None,
    at: datetime,
    unit: Unit | None = None,
    lot_number: str = "",
    parent: ServiceBomLine | None = None,
    text: str = "",
    order: ServiceOrder | None = None,
    billing: str = Billing.NOTHING,
    category: Category | None = None,
    warehouse: Warehouse | None = None,
) -> BomChange:
    """TB-07 with the billing of TB-06: add a part to a service BOM on an order. Raises as `replace_part`."""
    bom = ServiceBom.objects.get(pk=bom_id)
    subject, label = _place(bom, order, billing)
    _check_day(on, order, at)
    change = add_bom_line(
        bom_id,
        item=item,
        quantity=quantity,
        on=on,
        version=version,
        by=by,
        unit=unit,
        lot_number=lot_number,
        parent=parent,
        text=text,
        subject=subject,
        label=label,
        is_requirement=billing == Billing.REQUIREMENT,
    )
    _billed(change, order, billing, category, warehouse, on=on, by=by, at=at)
    return change


def _place(bom: ServiceBom, order: ServiceOrder | None, billing: str) -> tuple[str, str]:
    """How the history names the order, which is locked before the BOM is; nothing where there is none."""
    if order is None:
        if billing != Billing.NOTHING:
            raise Invalid(_("Choose the service order that the part is billed on."), field="order")
        return "", ""
    if not orders_for(bom).filter(pk=order.pk).exists():
        raise Invalid(_("This service order is not of the agreement of the service BOM."), field="order")
    lock_order(order.pk)
    return subject_of(order), order.number


def _check_day(on: date, order: ServiceOrder | None, at: datetime) -> None:
    """The history tells what was done; what is done on a visit to come may be told up to the day of that visit."""
    today = company_day_at(at)
    last = max(today, order.service_on) if order else today
    if on <= last:
        return
    if last == today:
        sentence = _("This day is yet to come. Enter what was done, at the latest today (%(day)s).")
    else:
        sentence = _("This is after the day of the service order (%(day)s).")
    raise Invalid(sentence % {"day": moment(last)}, field="on")


def _billed(
    change: BomChange,
    order: ServiceOrder | None,
    billing: str,
    category: Category | None,
    warehouse: Warehouse | None,
    *,
    on: date,
    by: User | None,
    at: datetime,
) -> None:
    """The item line or requirement for what was put in, and the row that ties the change to its order."""
    if order is None:
        return
    line: ServiceOrderLine | None = None
    part, quantity = change.active_line, _put_in(change)
    if billing != Billing.NOTHING and (part is None or quantity <= 0):
        raise Invalid(_("Only what is put in can be billed."), field="billing")
    if part and billing == Billing.LINE:
        line = add_line(
            order.pk,
            version=None,
            by=by,
            at=at,
            kind=LineKind.ITEM,
            item=part.item,
            quantity=quantity,
            unit=part.unit,
            lot_number=part.lot_number,
            category=category,
            warehouse=warehouse,
            executed_on=on,
            service_object=change.service_object,
        )
    elif part and billing == Billing.REQUIREMENT:
        if category is None or warehouse is None:
            missing = "category" if category is None else "warehouse"
            raise Invalid(_("An item requirement needs this."), field=missing)
        require_on_order(
            order.pk, part.item, quantity, category=category, warehouse=warehouse, needed_on=on, by=by
        )
    BomChangeOnOrder.objects.create(change=change, order=order, line=line)


def _put_in(change: BomChange) -> Decimal:
    """How many parts came in by the change; less than none where some were taken out."""
    if change.action == BomAction.QTY_CHANGED:
        return change.quantity_left - change.quantity_before
    return change.quantity
