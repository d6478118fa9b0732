"""Item requirements: goods reserved for a project, picked, and then consumed or returned (SO-17, SO-18)."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, plain, record, subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.inventory.lots import lot_of
from servicemgmt.inventory.models import Lot, MoveKind, StockMove, Warehouse
from servicemgmt.inventory.operations import Transfer, hold, let_go, reserve, set_aside, transfer_all
from servicemgmt.masterdata.models import Item

from ..drafts import Draft
from ..models import (
    Category,
    ItemRequirement,
    LineKind,
    LineProperty,
    PriceList,
    Project,
    RequirementStep,
    StepKind,
    TransactionSource,
)
from ..pricing.search import price_line
from ..queries import line_property_for
from ..requirements.followers import FOLLOWERS, place_of
from ..requirements.rows import (
    check_quantity,
    lock_requirement,
    lot_in_hand,
    require_in_hand,
    save_requirement,
    told,
    write_step,
)
from .posting import post_transactions
from .reversing import reverse_transactions


@transaction.atomic
def require_item(
    project: Project,
    item: Item,
    quantity: Decimal,
    *,
    category: Category,
    warehouse: Warehouse,
    needed_on: date,
    by: User | None,
    subject: str = "",
    label: str = "",
    text: str = "",
    line_property: LineProperty | None = None,
    sales_price: Decimal | None = None,
    price_list: PriceList | None = None,
) -> ItemRequirement:
    """SO-17: reserve goods in a warehouse for a project, and for the document `subject` that needs them.

    More than is available may be reserved; it has to come in before it is picked. Raises Invalid for a quantity not
    above zero and a category of another type, Refused for items not kept in stock and a project that is closed then.
    """
    check_quantity(quantity)
    if category.kind != LineKind.ITEM:
        raise Invalid(_("This category is for another type of line."), field="category")
    if project.ended_on and project.ended_on <= needed_on:
        raise Refused(_("The project %(project)s is closed then.") % {"project": project.number})
    row = ItemRequirement.objects.create(
        project=project,
        subject=subject,
        label=label,
        item=item,
        category=category,
        line_property=line_property or line_property_for(project, category),
        price_list=price_list,
        warehouse=warehouse,
        needed_on=needed_on,
        text=text or item.name,
        quantity=quantity,
        sales_price=sales_price,
        made_by=by,
    )
    reserve(item, warehouse, quantity)
    record("created", row, by=by, changes={"quantity": [None, plain(quantity)]})
    return row


@transaction.atomic
def change_requirement(
    pk: int, *, quantity: Decimal, needed_on: date, text: str, version: int, by: User | None, at: datetime
) -> ItemRequirement:
    """Need more, less or on another day. Not less than is picked already (Refused); Stale.

    The order's line that needs it goes with it.
    """
    row = lock_requirement(pk, version)
    check_quantity(quantity)
    if quantity < row.picked:
        raise Refused(_("%(picked)s are picked already; it cannot be less.") % {"picked": told(row.picked)})
    before = {"quantity": row.quantity, "needed_on": row.needed_on, "text": row.text}
    after = {"quantity": quantity, "needed_on": needed_on, "text": text or row.item.name}
    reserve(row.item, row.warehouse, quantity - row.quantity)
    for name, value in after.items():
        setattr(row, name, value)
    save_requirement(row, *after)
    changes: Changes = {
        name: [plain(before[name]), plain(value)] for name, value in after.items() if before[name] != value
    }
    record("changed", row, by=by, changes=changes)
    for follower in FOLLOWERS:
        follower.change(row, by, at)
    return row


@transaction.atomic
def release_requirement(pk: int, *, by: User | None, at: datetime) -> None:
    """Need it no more, whatever its version: what is still reserved is available again.

    Nothing stays of a requirement of which nothing was ever picked; else it ends as returned. Raises Refused where
    something of it is in hand or used.
    """
    row = lock_requirement(pk, None)
    if row.consumed:
        raise Refused(_("Some of %(item)s is used already; need less of it instead.") % {"item": row.item})
    if row.in_hand:
        raise Refused(_("%(item)s is picked; return it first.") % {"item": row.item})
    if not row.picked:
        delete_requirement(pk, version=row.version, by=by)
    elif row.reserved:
        told = {"quantity": row.picked, "needed_on": row.needed_on, "text": row.text}
        change_requirement(pk, **told, version=row.version, by=by, at=at)  # type: ignore[arg-type]


@transaction.atomic
def delete_requirement(pk: int, *, version: int, by: User | None) -> None:
    """Need it no more: what was reserved is available again. Refused once something was picked; Stale."""
    row = lock_requirement(pk, version)
    if row.picked:
        raise Refused(_("Something of it is picked already; return it and need less instead."))
    reserve(row.item, row.warehouse, -row.quantity)
    record("deleted", row, by=by, changes={"quantity": [plain(row.quantity), None]})
    row.delete()


@transaction.atomic
def pick_requirement(
    pk: int,
    quantity: Decimal,
    *,
    on: date,
    version: int,
    by: User | None,
    place: Warehouse | None = None,
    lot: str = "",
) -> ItemRequirement:
    """Take reserved goods in hand, all or a part; into a van (`place`), where they are kept for the same use.

    Without a place they stay in their warehouse. Either way nobody else may take them from then on; `lot` says which
    of a tracked item. Raises Refused for more than is reserved, or on hand and not set aside for others, and where
    what was picked before lies elsewhere; Invalid, Stale.
    """
    row = lock_requirement(pk, version)
    check_quantity(quantity)
    if quantity > row.reserved:
        raise Refused(_("Only %(left)s are still to be picked.") % {"left": told(row.reserved)})
    target = place or (row.place if row.in_hand else None) or row.warehouse
    if row.place and row.in_hand and row.place.pk != target.pk:
        raise Refused(_("What is picked lies in %(place)s; pick the rest there too.") % {"place": row.place})
    row.place = target
    picked = lot_of(row.item, lot, quantity)
    if target.pk != row.warehouse.pk:
        _carry(row, quantity, row.warehouse, target, on=on, by=by, lot=picked)
        reserve(row.item, row.warehouse, -quantity)
        reserve(row.item, target, quantity)
    set_aside(row.item, target, quantity, lot=picked)
    row.picked += quantity
    write_step(row, StepKind.PICK, quantity, on=on, by=by, lot=picked)
    return row


@transaction.atomic
def return_requirement(
    pk: int, quantity: Decimal, *, on: date, version: int, by: User | None, lot: str = ""
) -> ItemRequirement:
    """Put picked goods that are not needed back to where they came from; they are available again.

    Raises Refused for more than is in hand; Invalid, Stale.
    """
    row = lock_requirement(pk, version)
    place, back = require_in_hand(row, quantity), lot_in_hand(row, quantity, lot)
    hold([(row.item, place), (row.item, row.warehouse)])
    let_go(row.item, place, quantity, lot=back)
    if place.pk != row.warehouse.pk:
        _carry(row, quantity, place, row.warehouse, on=on, by=by, kind=MoveKind.RETURN, lot=back)
    row.returned += quantity
    write_step(row, StepKind.RETURN, quantity, on=on, by=by, lot=back)
    return row


@transaction.atomic
def consume_requirement(
    pk: int, quantity: Decimal, *, on: date, version: int, by: User | None, at: datetime, lot: str = ""
) -> RequirementStep:
    """SO-18: use picked goods, all or a part: they leave stock at its average and the project bears and is charged, at
    site and agreement of the order that needs them.

    `on` is the project date and, where its period is open, the voucher's. The price is the one entered, else what the
    price search finds for that day. Raises Refused for more than is in hand, where the goods are charged but have no
    price, for closed periods and closed projects; Invalid, Stale.
    """
    row = lock_requirement(pk, version)
    place, used = require_in_hand(row, quantity), lot_in_hand(row, quantity, lot)
    price = price_line(
        kind=LineKind.ITEM,
        project=row.project,
        category=row.category,
        on=on,
        item=row.item,
        price_list=row.price_list,
        line_property=row.line_property,
    )
    by_hand = row.sales_price is not None
    reason = price.reason | ({"sales": {"by_hand": True, "price": plain(row.sales_price)}} if by_hand else {})
    draft = Draft(
        kind=LineKind.ITEM,
        project=row.project,
        category=row.category,
        line_property=row.line_property,
        executed_on=on,
        quantity=quantity,
        source=TransactionSource.ORDER if row.subject else TransactionSource.MANUAL,
        text=row.text,
        **place_of(row)._asdict(),
        item=row.item,
        warehouse=place,
        lot=used.number if used else "",
        is_kept=True,
        sales_price=row.sales_price if by_hand else price.sales_price,
        price_reason=reason,
    )
    let_go(row.item, place, quantity, lot=used)
    (posted,) = post_transactions(
        [draft],
        on=on,
        text=_("Item requirement %(item)s") % {"item": row.item.number},
        subject=row.subject or subject_of(row),
        label=row.label or row.item.number,
        by=by,
        at=at,
    )
    row.consumed += quantity
    return write_step(row, StepKind.CONSUME, quantity, on=on, by=by, transaction=posted, lot=used)


@transaction.atomic
def undo_consumption(
    pk: int, step_id: int, *, on: date, version: int, by: User | None, at: datetime
) -> RequirementStep:
    """Take a consumption back while it is not invoiced: a reversing voucher dated `on`, the goods are in hand again.

    Raises Refused where it was taken back already, is proposed or invoiced, and for closed periods; Stale.
    """
    row = lock_requirement(pk, version)
    step = row.steps.select_related("transaction", "lot").get(pk=step_id)
    if step.kind != StepKind.CONSUME or row.steps.filter(undoes=step).exists():
        raise Refused(_("This is taken back already."))
    assert step.transaction and row.place
    moves = StockMove.objects.filter(voucher=step.transaction.voucher_id).select_related("warehouse")
    used = moves.filter(subject=subject_of(step.transaction)).first()
    place = used.warehouse if used else row.place
    if row.in_hand and row.place.pk != place.pk:
        raise Refused(_("What is picked lies in %(place)s; pick the rest there too.") % {"place": row.place})
    row.place = place
    (mirror,) = reverse_transactions([step.transaction], on=on, by=by, at=at)
    reserve(row.item, place, step.quantity)
    set_aside(row.item, place, step.quantity, lot=step.lot)
    row.consumed -= step.quantity
    return write_step(
        row, StepKind.UNDO, step.quantity, on=on, by=by, transaction=mirror, undoes=step, lot=step.lot
    )


def _carry(
    row: ItemRequirement,
    quantity: Decimal,
    source: Warehouse,
    target: Warehouse,
    *,
    on: date,
    by: User | None,
    kind: str = MoveKind.TRANSFER,
    lot: Lot | None = None,
) -> None:
    moved = Transfer(row.item, source, target, quantity, lot.number if lot else "", is_kept=True)
    transfer_all([moved], on=on, by=by, text=row.text, subject=subject_of(row), kind=kind)
