"""Lines of an order as lines of an agreement: what was done once shall come again."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import (
    AgreementObject,
    AgreementTask,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceInterval,
)
from agreements.operations import add_line
from agreements.operations.agreement import lock
from agreements.operations.relations import object_related, task_related
from orders.models import LineStatus, ServiceOrder, ServiceOrderLine
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User

from .operations import PARTS


@transaction.atomic
def copy_to_agreement(
    agreement_id: int,
    order: ServiceOrder,
    line_ids: Sequence[int],
    *,
    start_date: date,
    interval: ServiceInterval | None,
    version: int | None = None,
    by: User | None,
) -> list[ServiceAgreementLine]:
    """New lines at the end of the agreement with what these lines of the order are about, from the day on and as often
    as the interval says (None: once). Objects and tasks are related too; an object of another customer is left off.

    Prices are not taken: the agreement's count. Cancelled lines are left out. Raises Stale, Refused where nothing is
    ticked, Invalid where a line cannot be so (a negative quantity, a day outside the agreement).
    """
    agreement = lock(agreement_id, version=version)
    rows = order.lines.filter(pk__in=line_ids).exclude(status=LineStatus.CANCELLED).select_related(*PARTS)
    found = list(rows.order_by("line_number"))
    if not found:
        raise Refused(_("Tick the lines to copy."))
    return [
        add_line(
            agreement.pk,
            by=by,
            kind=line.kind,
            item_setup=line.item_setup,
            description=line.description[:160],
            details=line.details,
            worker=line.worker,
            category=line.category,
            quantity=line.quantity,
            unit=line.unit,
            item=line.item,
            start_date=start_date,
            interval=interval,
            object_relation=_object(agreement, line, by),
            task_relation=_task(agreement, line, by),
        )
        for line in found
    ]


def _object(agreement: ServiceAgreement, line: ServiceOrderLine, by: User | None) -> AgreementObject | None:
    found = line.object_relation
    return None if found is None else object_related(agreement, found.service_object, found.reference, by=by)


def _task(agreement: ServiceAgreement, line: ServiceOrderLine, by: User | None) -> AgreementTask | None:
    found = line.task_relation
    if found is None:
        return None
    notes = {"note_internal": found.note_internal, "note_external": found.note_external}
    return task_related(agreement, found.service_task, notes, by=by)
