"""Which orders and service BOMs belong together."""

from collections.abc import Iterable

from django.db.models import QuerySet

from agreements.boms.queries import document_of, holder_of
from agreements.models import AgreementObject, ServiceBom
from agreements.placements import sites_on
from orders.models import OrderObject, OrderProgress, ServiceOrder


def orders_for(bom: ServiceBom) -> QuerySet[ServiceOrder]:
    """TB-06: the orders on which parts of the BOM may be changed: those of its agreement, or the order it is on."""
    holder = holder_of(bom)
    if holder is None:
        return ServiceOrder.objects.none()
    if isinstance(holder, AgreementObject):
        return ServiceOrder.objects.filter(agreement=holder.agreement_id)
    return ServiceOrder.objects.filter(pk=document_of(holder).pk)


def boms_of(order: ServiceOrder) -> dict[int, ServiceBom]:
    """The service BOM of each service object of the order: its own, else its agreement's."""
    found: dict[int, ServiceBom] = {}
    if order.agreement_id:
        relations = AgreementObject.objects.filter(agreement=order.agreement_id, service_bom__isnull=False)
        found = _by_object(relations.select_related("service_bom__template"))
    own = order.object_relations.filter(service_bom__isnull=False).select_related("service_bom__template")
    return found | _by_object(own)


def _by_object(relations: Iterable[AgreementObject | OrderObject]) -> dict[int, ServiceBom]:
    return {row.service_object_id: row.service_bom for row in relations if row.service_bom}


def objects_with_boms(order: ServiceOrder) -> list[OrderObject]:
    """The related objects of the order, each with its service BOM as `bom` (its agreement's where it has none).

    Of an open order also `elsewhere`: the site where it stands on the day of the visit, where that is another.
    """
    parts = ["service_object__site", "service_object__item"]
    rows, boms = list(order.object_relations.select_related(*parts)), boms_of(order)
    is_open = order.progress == OrderProgress.IN_PROCESS
    sites = sites_on([row.service_object for row in rows], order.service_on) if is_open and rows else {}
    for row in rows:
        row.bom = boms.get(row.service_object_id)  # type: ignore[attr-defined]
        site = sites.get(row.service_object_id)
        row.elsewhere = site if site and site.pk != order.site_id else None  # type: ignore[attr-defined]
    return rows
