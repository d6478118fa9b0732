"""Every write to an order begins here: its row is locked first, then checked, then written with the next version."""

from django.utils.translation import gettext as _

from orders.models import ServiceOrder
from servicemgmt.core.errors import Refused, Sentence, Stale


def lock_order(order_id: int, *, version: int | None = None) -> ServiceOrder:
    """The order, locked until the transaction ends. Raises Stale where it is no longer at `version`.

    None as version is for writers that merge safely with whatever changed: bookings, the technician's device, runs.
    """
    # Two statements: one that locks and joins finds nothing where another writer has just changed a joined key,
    # because PostgreSQL checks the new row against the old row of the other table.
    ServiceOrder.objects.select_for_update().values_list("pk").get(pk=order_id)
    order = ServiceOrder.objects.select_related(
        "stage", "customer", "site", "project__currency", "agreement", "sla__calendar"
    ).get(pk=order_id)
    check_order(order, version)
    return order


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


def insist(refusal: Sentence | None) -> None:
    """Raise the refusal that a rule gave, if it gave one."""
    if refusal is not None:
        raise Refused(refusal)
