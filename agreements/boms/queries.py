"""Reading BOMs: whose they are, what they hold now, where they can go."""

from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet

from agreements.models import (
    AgreementObject,
    BomChange,
    BomOptions,
    ServiceAgreement,
    ServiceBom,
    ServiceBomLine,
    ServiceObject,
    TemplateBom,
)
from agreements.models.relation import RelatedObject
from servicemgmt.core.models import User

#: The accessors under which a service BOM finds the related object that it belongs to; the second is of `orders`.
HOLDERS = ("agreementobject", "orderobject")


def holder_of(bom: ServiceBom) -> RelatedObject | None:
    """The related object of an agreement or order that the service BOM belongs to; None once it is deleted."""
    for name in HOLDERS:
        try:
            found: RelatedObject = getattr(bom, name)
        except ObjectDoesNotExist:
            continue
        return found
    return None


def document_of(relation: Any) -> Any:
    """The agreement or order that an object is related to."""
    return relation.agreement if isinstance(relation, AgreementObject) else relation.order


def object_of(relation: Any) -> int:
    """The key of the service object that is related."""
    return int(relation.service_object_id)


def home_of(relation: RelatedObject) -> str:
    """The number of the agreement or order."""
    return str(document_of(relation).number)


def options() -> BomOptions:
    """TB-05: how lines are shown; the defaults before anybody chose."""
    return BomOptions.objects.first() or BomOptions()


def boms_for(user: User) -> QuerySet[ServiceBom]:
    """The service BOMs that the user may see: all, or those of the objects of a technician's orders (C.12)."""
    rows = ServiceBom.objects.filter(removed_at=None)
    if user.has_perm("agreements.view_servicebom"):
        return rows
    return rows.filter(service_object__in=ServiceObject.objects.visible_to(user))


def present_lines(bom: ServiceBom) -> QuerySet[ServiceBomLine]:
    """What the service BOM holds now."""
    return bom.lines.filter(quantity__gt=0).select_related("item", "unit").order_by("position", "pk")


def history_of(bom: ServiceBom) -> QuerySet[BomChange]:
    """Every change of the service BOM, the latest first."""
    return _with_parts(bom.changes.all())


def changes_of(thing: ServiceObject) -> QuerySet[BomChange]:
    """Every change of the object's parts, also in service BOMs that are deleted, the latest first."""
    return _with_parts(BomChange.objects.filter(service_object=thing))


def _with_parts(rows: QuerySet[BomChange]) -> QuerySet[BomChange]:
    return rows.select_related("active_line__item", "replaced_line__item", "made_by").order_by("-pk")


def targets_of(bom: ServiceBom, *, today: date) -> QuerySet[AgreementObject]:
    """TB-09: relations of the same object that have no service BOM yet, to agreements that have not ended."""
    rows = AgreementObject.objects.filter(service_object=bom.service_object_id, service_bom=None)
    rows = rows.filter(agreement__in=ServiceAgreement.objects.lasting(today))
    return rows.select_related("agreement", "service_object").order_by("-agreement__start_date", "-pk")


def is_locked(template: TemplateBom) -> bool:
    """TB-04."""
    return template.service_boms.filter(removed_at=None).exists()
