"""Copying lines from a template or another agreement (AG-13, AG-14)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import AgreementObject, AgreementTask, ServiceAgreement, ServiceAgreementLine
from agreements.queries import has_common_day
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.projects.queries import line_property_for

from .agreement import lock, touch
from .lines import next_number, save_checked

CONTENT = [
    "kind", "item_setup", "description", "details", "interval", "due_from", "time_window", "worker", "category",
    "quantity", "unit", "item", "cost_price", "sales_price", "visit_from", "visit_until", "sla",
]  # fmt: skip


@transaction.atomic
def copy_lines(
    target_id: int,
    line_ids: Sequence[int],
    *,
    with_objects: bool,
    with_tasks: bool,
    version: int | None = None,
    by: User | None,
) -> list[ServiceAgreementLine]:
    """Copy these lines to the end of the agreement `target_id`, in their order.

    From a template the relations of the lines always come along (AG-13), else as the two options say (AG-14); a line
    whose object or task is not related in the target then has it cleared (scenario 9). Dates outside the target's
    validity start with the target. Refused where a line is stopped or its agreement suspended (AG-05, AG-06).
    """
    target = lock(target_id, version=version)
    sources = _sources(line_ids)
    for source in sources:
        if source.stopped or source.agreement.suspended:
            raise Refused(_("“%(line)s” is stopped and cannot be copied.") % {"line": source.description})
    number, copies = next_number(target), []
    for offset, source in enumerate(sources):
        line = _copy(source, target, with_objects=with_objects, with_tasks=with_tasks)
        line.line_number = number + offset
        save_checked(line)
        copies.append(line)
    touch(target)
    record("lines_copied", target, by=by, changes={"lines": [None, [str(line) for line in copies]]})
    return copies


def _sources(line_ids: Sequence[int]) -> list[ServiceAgreementLine]:
    lines = ServiceAgreementLine.objects.filter(pk__in=line_ids).select_related(
        "agreement", "object_relation", "task_relation", "category"
    )
    found = sorted(lines, key=lambda line: (line.agreement_id, line.line_number))
    if not found:
        raise Refused(_("Tick the lines to copy."))
    return found


def _copy(
    source: ServiceAgreementLine, target: ServiceAgreement, *, with_objects: bool, with_tasks: bool
) -> ServiceAgreementLine:
    from_template = source.agreement.is_template
    line = ServiceAgreementLine(agreement=target, **{name: getattr(source, name) for name in CONTENT})
    line.object_relation = _object(source, target, add=with_objects or from_template)
    line.task_relation = _task(source, target, add=with_tasks or from_template)
    line.start_date, line.end_date = target.start_date, None
    if not from_template and has_common_day(target, source.start_date, source.end_date):
        line.start_date, line.end_date = source.start_date, source.end_date
    if source.agreement.project_id == target.project_id:
        line.site, line.line_property = source.site, source.line_property
    elif target.project:
        line.line_property = line_property_for(target.project, line.category)
    return line


def _object(source: ServiceAgreementLine, target: ServiceAgreement, *, add: bool) -> AgreementObject | None:
    relation = source.object_relation
    if relation is None or target.pk == source.agreement_id:
        return relation
    key: dict[str, Any] = {"service_object_id": relation.service_object_id, "reference": relation.reference}
    if add:
        return target.object_relations.get_or_create(**key)[0]
    return target.object_relations.filter(**key).first()


def _task(source: ServiceAgreementLine, target: ServiceAgreement, *, add: bool) -> AgreementTask | None:
    relation = source.task_relation
    if relation is None or target.pk == source.agreement_id:
        return relation
    notes = {"note_internal": relation.note_internal, "note_external": relation.note_external}
    if add:
        return target.task_relations.get_or_create(service_task_id=relation.service_task_id, defaults=notes)[
            0
        ]
    return target.task_relations.filter(service_task_id=relation.service_task_id).first()
