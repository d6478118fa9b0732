"""Attaching service objects and tasks to an agreement (AG-10 … AG-12)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from agreements.models import AgreementObject, AgreementTask, ServiceAgreement, ServiceObject, ServiceTask
from servicemgmt.core.audit import changed, record, snapshot
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.core.stale import stale

from .agreement import lock


@transaction.atomic
def relate_object(
    agreement_id: int, service_object: ServiceObject, *, reference: str = "", by: User | None
) -> AgreementObject:
    """AG-12: attach an object; the same one again only under another reference. Refused where it is attached; Invalid
    where it is another customer's."""
    agreement = lock(agreement_id)
    if not may_stand_for(service_object, agreement):
        raise Invalid(_("This service object belongs to another customer."), field="service_object")
    with refusing(
        agreementobject_once_per_reference=_(
            "%(object)s is related already; give this one a reference that tells the two apart."
        )
        % {"object": service_object}
    ):
        relation = AgreementObject.objects.create(
            agreement=agreement, service_object=service_object, reference=reference
        )
    record("object_related", agreement, by=by, changes={"service_object": [None, str(relation)]})
    return relation


def may_stand_for(service_object: ServiceObject, agreement: ServiceAgreement) -> bool:
    """Whether the agreement's customer may have it serviced: it is his or nobody's. A template is nobody's either."""
    return agreement.customer_id is None or service_object.customer_id in (None, agreement.customer_id)


def object_related(
    agreement: ServiceAgreement, service_object: ServiceObject, reference: str, *, by: User | None
) -> AgreementObject | None:
    """The relation of a locked agreement to the object, made where there is none; None for another customer's."""
    if not may_stand_for(service_object, agreement):
        return None
    relation, is_new = agreement.object_relations.get_or_create(
        service_object=service_object, reference=reference
    )
    if is_new:
        record("object_related", agreement, by=by, changes={"service_object": [None, str(relation)]})
    return relation


def task_related(
    agreement: ServiceAgreement, service_task: ServiceTask, notes: dict[str, str], *, by: User | None
) -> AgreementTask:
    """The relation of a locked agreement to the task, made with these notes where there is none."""
    relation, is_new = agreement.task_relations.get_or_create(service_task=service_task, defaults=notes)
    if is_new:
        record("task_related", agreement, by=by, changes={"service_task": [None, str(relation)]})
    return relation


@transaction.atomic
def unrelate_object(relation_id: int, *, by: User | None) -> ServiceAgreement:
    """Take an object off the agreement. Refused while a line names it; orders keep their own relations."""
    relation = AgreementObject.objects.select_related("service_object").get(pk=relation_id)
    agreement = lock(relation.agreement_id)
    _delete(relation)
    record("object_unrelated", agreement, by=by, changes={"service_object": [str(relation), None]})
    return agreement


@transaction.atomic
def relate_task(
    agreement_id: int,
    service_task: ServiceTask,
    *,
    note_internal: str | None = None,
    note_external: str | None = None,
    by: User | None,
) -> AgreementTask:
    """AG-11: attach a task with its notes; a note not given is the task's own. Refused where it is attached."""
    agreement = lock(agreement_id)
    with refusing(agreementtask_once=_("The task “%(task)s” is related already.") % {"task": service_task}):
        relation = AgreementTask.objects.create(
            agreement=agreement,
            service_task=service_task,
            note_internal=service_task.note_internal if note_internal is None else note_internal,
            note_external=service_task.note_external if note_external is None else note_external,
        )
    record("task_related", agreement, by=by, changes={"service_task": [None, str(relation)]})
    return relation


@transaction.atomic
def change_task_notes(
    relation_id: int, *, note_internal: str, note_external: str, version: int, by: User | None
) -> AgreementTask:
    """Change what the technician and the customer read about the task in visits created from now on."""
    agreement = lock(AgreementTask.objects.values_list("agreement_id", flat=True).get(pk=relation_id))
    relation = AgreementTask.objects.select_for_update(of=["self"], no_key=True).get(pk=relation_id)
    if relation.version != version:
        raise stale(_("The notes were changed by someone else meanwhile."), agreement)
    before = snapshot(relation, NOTES)
    relation.note_internal, relation.note_external = note_internal, note_external
    if changes := changed(before, snapshot(relation, NOTES)):
        relation.version += 1
        relation.save(update_fields=[*NOTES, "version"])
        record("task_notes_changed", agreement, by=by, changes=changes)
    return relation


NOTES = ["note_internal", "note_external"]


@transaction.atomic
def unrelate_task(relation_id: int, *, by: User | None) -> ServiceAgreement:
    """Take a task off the agreement. Refused while a line names it."""
    relation = AgreementTask.objects.select_related("service_task").get(pk=relation_id)
    agreement = lock(relation.agreement_id)
    _delete(relation)
    record("task_unrelated", agreement, by=by, changes={"service_task": [str(relation), None]})
    return agreement


def _delete(relation: AgreementObject | AgreementTask) -> None:
    has_bom = _("%(row)s has a service BOM here; delete or move it first.") % {"row": relation}
    try:
        with refusing(agreementobject_keeps_its_bom=has_bom):
            relation.delete()
    except ProtectedError as error:
        raise Refused(
            _("“%(row)s” is used by line %(lines)s; change the line first.")
            % {"row": relation, "lines": _line_numbers(error)}
        ) from error


def _line_numbers(error: ProtectedError) -> str:
    """The numbers of the lines that still use it."""
    lines: Iterable[Any] = error.protected_objects
    return ", ".join(str(number) for number in sorted(line.line_number for line in lines))
