"""Service BOMs of objects that are related to an order only."""

from datetime import date

from django.db import transaction

from agreements.boms.operations import attach_bom
from agreements.models import ServiceBom, TemplateBom
from orders.rules import why_not_change
from servicemgmt.core.audit import record
from servicemgmt.core.models import User

from .lock import insist, lock_order, save_order


@transaction.atomic
def attach_bom_on_order(
    order_id: int, relation_id: int, template: TemplateBom, *, on: date, version: int | None, by: User | None
) -> ServiceBom:
    """TB-03 for an object of an order. Refused where the stage allows no change (SO-12), and as `attach_bom`; Stale."""
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    bom = attach_bom(order.object_relations.get(pk=relation_id), template, on=on, by=by)
    save_order(order)
    record("bom_attached", order, by=by, changes={"service BOM": [None, str(bom)]})
    return bom
