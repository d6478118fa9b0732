"""New agreements out of what there is, and copying lines from a template or another agreement (AG-03, AG-13, AG-14)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import (
    AgreementObject,
    AgreementTask,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceObject,
    ServiceTask,
)
from agreements.pricing.queries import sales_price_on
from agreements.queries import has_common_day
from agreements.sources import copyable_lines, require_copyable
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User
from servicemgmt.projects.queries import line_property_for, shares_currency
from servicemgmt.projects.validation import Combination, combinations, fits

from .agreement import create_agreement, lock, touch
from .lines import next_number, save_checked
from .relations import object_related, relate_object, relate_task, task_related

CONTENT = [
    "kind", "item_setup", "description", "details", "interval", "due_from", "time_window", "worker", "category",
    "quantity", "unit", "item", "cost_price", "visit_from", "visit_until", "sla",
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
    whose object or task is not related in the target then has it cleared (scenario 9), and so has one for another
    customer's object. A sales price of its own stays behind where the target is in another currency. Dates outside the
    target's validity start with the target. Refused where a line is stopped or its agreement suspended (AG-05, AG-06).
    """
    target = lock(target_id, version=version)
    sources = _sources(line_ids)
    require_copyable(sources)
    number, copies, together = next_number(target), [], combinations(target.project_id)
    for offset, source in enumerate(sources):
        line = _copy(source, target, with_objects=with_objects, with_tasks=with_tasks, by=by)
        _check_combination(line, together)
        line.line_number = number + offset
        save_checked(line)
        copies.append(line)
    touch(target)
    record("lines_copied", target, by=by, changes={"lines": [None, [str(line) for line in copies]]})
    return copies


@transaction.atomic
def copy_agreement(source_id: int, *, by: User | None, **fields: Any) -> ServiceAgreement:
    """A new agreement with this header and the lines of another one, objects and tasks related too.

    Stopped lines are left out, and every line of a suspended agreement (AG-05, AG-06). Raises as `create_agreement`.
    """
    source = lock(source_id)
    lines = copyable_lines(source).values_list("pk", flat=True)
    return create_guided(by=by, header=fields, line_ids=list(lines))


@transaction.atomic
def create_guided(
    *,
    by: User | None,
    header: dict[str, Any],
    objects: Iterable[ServiceObject] = (),
    tasks: Iterable[ServiceTask] = (),
    line_ids: Sequence[int] = (),
) -> ServiceAgreement:
    """AG-03: header, relations and copied lines at once, or nothing of it. Raises as the three by themselves."""
    agreement = create_agreement(by=by, **header)
    for service_object in objects:
        relate_object(agreement.pk, service_object, by=by)
    for service_task in tasks:
        relate_task(agreement.pk, service_task, by=by)
    if line_ids:
        copy_lines(agreement.pk, line_ids, with_objects=True, with_tasks=True, by=by)
        agreement.refresh_from_db(fields=["version"])
    return agreement


def _sources(line_ids: Sequence[int]) -> list[ServiceAgreementLine]:
    lines = ServiceAgreementLine.objects.filter(pk__in=line_ids).select_related(
        "agreement__project", "object_relation__service_object", "task_relation__service_task", "category"
    )
    lines = lines.prefetch_related("prices")
    found = sorted(lines, key=lambda line: (line.agreement_id, line.line_number))
    if not found:
        raise Refused(_("Tick the lines to copy."))
    return found


def _copy(
    source: ServiceAgreementLine,
    target: ServiceAgreement,
    *,
    with_objects: bool,
    with_tasks: bool,
    by: User | None,
) -> ServiceAgreementLine:
    from_template = source.agreement.is_template
    line = ServiceAgreementLine(agreement=target, **{name: getattr(source, name) for name in CONTENT})
    line.object_relation = _object(source, target, add=with_objects or from_template, by=by)
    line.task_relation = _task(source, target, add=with_tasks or from_template, by=by)
    line.start_date, line.end_date = target.start_date, None
    if not from_template and has_common_day(target, source.start_date, source.end_date):
        line.start_date, line.end_date = source.start_date, source.end_date
    if shares_currency(source.agreement.project, target.project):
        line.sales_price = sales_price_on(source, line.start_date)
    if source.agreement.project_id == target.project_id:
        line.site, line.line_property = source.site, source.line_property
    elif target.project:
        line.line_property = line_property_for(target.project, line.category)
    return line


def _check_combination(line: ServiceAgreementLine, together: list[Combination]) -> None:
    """AG-09: a worker whom the target's project does not allow stays behind; a category that it does not is refused."""
    if not fits(together, line.worker_id, line.category_id):
        line.worker = None
    if not fits(together, None, line.category_id):
        raise Refused(
            _("“%(line)s” cannot be copied: its category is not allowed on the project.")
            % {"line": line.description}
        )


def _object(
    source: ServiceAgreementLine, target: ServiceAgreement, *, add: bool, by: User | None
) -> AgreementObject | None:
    relation = source.object_relation
    if relation is None or target.pk == source.agreement_id:
        return relation
    if add:
        return object_related(target, relation.service_object, relation.reference, by=by)
    same = {"service_object": relation.service_object_id, "reference": relation.reference}
    return target.object_relations.filter(**same).first()


def _task(
    source: ServiceAgreementLine, target: ServiceAgreement, *, add: bool, by: User | None
) -> AgreementTask | None:
    relation = source.task_relation
    if relation is None or target.pk == source.agreement_id:
        return relation
    notes = {"note_internal": relation.note_internal, "note_external": relation.note_external}
    if add:
        return task_related(target, relation.service_task, notes, by=by)
    return target.task_relations.filter(service_task_id=relation.service_task_id).first()
