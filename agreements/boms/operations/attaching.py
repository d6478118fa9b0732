"""Service BOMs as a whole: attached to a related object, deleted, moved with their history (TB-03, TB-08, TB-09)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import AgreementObject, ServiceBom, ServiceBomLine, TemplateBom
from agreements.models.relation import RelatedObject
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.core.stale import stale

from ..queries import document_of, holder_of, home_of, object_of
from ..trees import copied


@transaction.atomic
def attach_bom(relation: RelatedObject, template: TemplateBom, *, on: date, by: User | None) -> ServiceBom:
    """TB-03: copy all lines of the template for this related object of an agreement or an order.

    From then on the template cannot be changed (TB-04). Refused where the object has a service BOM here already,
    and for a template without lines.
    """
    held = _lock_relation(relation)
    if held.service_bom_id:
        raise Refused(_("This object has a service BOM here already; only one can be attached."))
    source = TemplateBom.objects.select_for_update(of=["self"], no_key=True).get(pk=template.pk)
    lines = list(source.lines.all())
    if not lines:
        raise Refused(_("%(template)s has no lines yet.") % {"template": source})
    bom = ServiceBom.objects.create(template=source, service_object_id=object_of(held), attached_on=on)
    rows = copied(lines, ServiceBomLine, bom=bom, is_original=True)
    for row in rows:
        row.first_quantity = row.quantity
    ServiceBomLine.objects.bulk_create(rows)
    held.service_bom = bom
    held.save(update_fields=["service_bom"])
    relation.service_bom = bom
    record("bom_attached", bom, by=by, changes={"template": [None, str(source)], "on": [None, home_of(held)]})
    if isinstance(held, AgreementObject):  # an order tells it itself
        _tell("bom_attached", held, by=by, change=[None, str(bom)])
    return bom


@transaction.atomic
def delete_bom(bom_id: int, *, version: int, by: User | None, at: datetime) -> ServiceBom:
    """TB-08: take the service BOM off its related object. Its template can be changed again if nothing else uses it.

    What was changed in it stays readable on the object's page. Raises Stale; Refused where it is deleted already.
    """
    bom = lock_bom(bom_id, version)
    holder = holder_of(bom)
    home = home_of(holder) if holder else None
    if holder:
        _let_go(holder)
    bom.removed_at = at
    _touched(bom, "removed_at")
    record("bom_removed", bom, by=by, changes={"on": [home, None]})
    if holder:
        _tell("bom_removed", holder, by=by, change=[str(bom), None])
    return bom


@transaction.atomic
def move_bom(bom_id: int, *, to: RelatedObject, version: int, by: User | None) -> ServiceBom:
    """TB-09: let another relation of the same object have the service BOM with its history, such as a successor's.

    Raises Stale; Refused where the target has one, or is for another object.
    """
    bom = lock_bom(bom_id, version)
    holder, target = holder_of(bom), _lock_relation(to)
    if target.service_bom_id:
        raise Refused(_("%(object)s has a service BOM there already.") % {"object": bom.service_object})
    if object_of(target) != bom.service_object_id:
        raise Refused(_("A service BOM can only move to a relation of the same object."))
    before = home_of(holder) if holder else None
    if holder:
        _let_go(holder)
    target.service_bom = bom
    target.save(update_fields=["service_bom"])
    _touched(bom)
    record("bom_moved", bom, by=by, changes={"on": [before, home_of(target)]})
    if holder:
        _tell("bom_moved", holder, by=by, change=[str(bom), None])
    _tell("bom_moved", target, by=by, change=[None, str(bom)])
    return bom


def lock_bom(bom_id: int, version: int | None) -> ServiceBom:
    """The service BOM, locked until the transaction ends. Raises Stale; Refused for a deleted one."""
    ServiceBom.objects.select_for_update(no_key=True).values_list("pk").get(pk=bom_id)
    bom = ServiceBom.objects.select_related("template__item", "service_object").get(pk=bom_id)
    if version is not None and bom.version != version:
        raise stale(
            _("This service BOM was changed by someone else meanwhile. This is how it stands now."), bom
        )
    if bom.removed_at:
        raise Refused(_("This service BOM is deleted."))
    return bom


def _lock_relation(relation: RelatedObject) -> RelatedObject:
    rows = type(relation)._default_manager
    rows.select_for_update(no_key=True).values_list("pk").get(pk=relation.pk)
    return rows.get(pk=relation.pk)


def _let_go(holder: RelatedObject) -> None:
    holder.service_bom = None
    holder.save(update_fields=["service_bom"])


def _tell(action: str, holder: RelatedObject, *, by: User | None, change: list[str | None]) -> None:
    """The same in the history of the agreement or order that has the object."""
    record(action, document_of(holder), by=by, changes={"service BOM": change})


def _touched(bom: ServiceBom, *fields: str) -> None:
    bom.version += 1
    bom.save(update_fields=[*fields, "version"])
