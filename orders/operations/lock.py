"""Every write to an order begins here: its row is locked first, then checked, then written with the next version."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders.models import ServiceOrder
from servicemgmt.core.bulk import update_rows
from servicemgmt.core.errors import Refused, Sentence, Stale


def lock_order(order_id: int, *, version: int | None = None) -> ServiceOrder:
    """The order, locked until the transaction ends. Raises Stale where it is no longer at `version`.

    None as version is for writers that merge safely with whatever changed: bookings, the technician's device, runs.
    """
    return lock_found(ServiceOrder.objects.filter(pk=order_id), version=version)


def lock_found(found: QuerySet[ServiceOrder], *, version: int | None = None) -> ServiceOrder:
    """The one order that a query finds; see `lock_order`."""
    # Two statements: one that locks and joins finds nothing where another writer has just changed a joined key,
    # because PostgreSQL checks the new row against the old row of the other table.
    key = found.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True).get()
    order: ServiceOrder = ServiceOrder.objects.select_related(*PARTS).get(pk=key)
    check_order(order, version)
    return order


def lock_orders(order_ids: Collection[int], *, only: Collection[str] = ()) -> list[ServiceOrder]:
    """Those of the orders that exist, alone, locked in the order of their keys; see `lock_order`.

    `only` names the fields to read for who locks many and asks for few.
    """
    orders = ServiceOrder.objects.filter(pk__in=order_ids).order_by("pk").select_for_update(no_key=True)
    return list(orders.only(*only) if only else orders)


#: What most writers ask of an order.
PARTS = [
    "stage__parent",
    "customer",
    "site",
    "project__currency",
    "project__line_property",
    "agreement",
    "sla__calendar",
]


def check_order(order: ServiceOrder, version: int | None) -> None:
    """Raises Stale where the locked order is no longer at `version`; None does not ask."""
    if version is not None and order.version != version:
        raise Stale(
            _("Somebody else changed %(order)s meanwhile. This is how it stands now.")
            % {"order": order.number}
        )


def save_order(order: ServiceOrder, *fields: str) -> None:
    """Write these fields of the locked order and its next version."""
    order.version += 1
    order.save(update_fields=[*fields, "version"])


def save_orders(orders: Collection[ServiceOrder], *fields: str) -> None:
    """The same for many orders, in one statement."""
    for order in orders:
        order.version += 1
    update_rows(orders, [*fields, "version"])


def insist(refusal: Sentence | None) -> None:
    """Raise the refusal that a rule gave, if it gave one."""
    if refusal is not None:
        raise Refused(refusal)
