"""Verbs on the lines of an agreement."""

from datetime import time
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from agreements.models import DueFrom, ItemSetup, ServiceAgreement, ServiceAgreementLine
from agreements.queries import has_common_day, terminated_workers
from servicemgmt.core.audit import changed, record, snapshot
from servicemgmt.core.errors import Invalid, Refused, Sentence, refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import check_size
from servicemgmt.core.stale import stale
from servicemgmt.masterdata.units import unit_of
from servicemgmt.projects.models import LineKind
from servicemgmt.projects.queries import line_property_for
from servicemgmt.projects.validation import why_not_together

from .agreement import lock, touch
from .life import insist, said

#: AG-08: what a line of each type does not have.
FOREIGN_FIELDS: dict[str, list[str]] = {
    LineKind.HOUR: ["item", "unit", "cost_price"],
    LineKind.EXPENSE: ["item", "unit"],
    LineKind.ITEM: ["cost_price"],
    LineKind.FEE: ["item", "unit", "cost_price"],
}

AUDITED = [
    "kind", "item_setup", "description", "details", "start_date", "end_date", "interval", "due_from", "time_window",
    "task_relation", "object_relation", "site", "worker", "category", "line_property", "quantity", "unit", "item",
    "cost_price", "sales_price", "visit_from", "visit_until", "sla", "stopped",
    "stop_reason",
]  # fmt: skip


@transaction.atomic
def add_line(
    agreement_id: int, *, version: int | None = None, by: User | None, **fields: Any
) -> ServiceAgreementLine:
    """AG-08: a new line at the end. It starts with the agreement and gets the project's line property if not told.

    Raises Stale, and Invalid at the field that cannot be so (category of another type, object not related …).
    """
    agreement = lock(agreement_id, version=version)
    fields.setdefault("start_date", agreement.start_date)
    line = ServiceAgreementLine(agreement=agreement, line_number=next_number(agreement), **fields)
    complete(agreement, line)
    save_checked(line)
    touch(agreement)
    record("line_added", agreement, by=by, changes={f"line {line.line_number}": [None, line.description]})
    return line


@transaction.atomic
def change_line(line_id: int, *, version: int, by: User | None, **fields: Any) -> ServiceAgreementLine:
    """Change a line. What orders already hold of it stays. Raises Stale, Invalid at the field."""
    agreement, line = _lock_line(line_id, version)
    before = snapshot(line, AUDITED)
    if "item" in fields and "unit" not in fields and fields["item"] != line.item:
        line.unit = None
    for name, value in fields.items():
        setattr(line, name, value)
    complete(agreement, line)
    changes = changed(before, snapshot(line, AUDITED))
    if changes:
        line.version += 1
        save_checked(line, update_fields=[*changes, "version"])
        touch(agreement)
        record("line_changed", agreement, by=by, changes=_named(line, changes))
    return line


@transaction.atomic
def stop_line(line_id: int, *, reason: str, version: int, by: User | None) -> ServiceAgreementLine:
    """AG-06: no more orders from this line, and it is not copied. Raises Invalid at `reason` without one."""
    return _set_stopped(line_id, to=True, reason=said(reason), version=version, by=by)


def why_not_stop(line: ServiceAgreementLine) -> Sentence | None:
    """Why the line cannot be stopped, or None."""
    return _("The line is stopped already.") if line.stopped else None


@transaction.atomic
def restart_line(line_id: int, *, version: int, by: User | None) -> ServiceAgreementLine:
    """Take the stop back. Dates that fell into the stop come with the next run that fills gaps (SO-A08)."""
    return _set_stopped(line_id, to=False, reason="", version=version, by=by)


@transaction.atomic
def remove_line(line_id: int, *, version: int, by: User | None) -> ServiceAgreement:
    """Delete a line. Refused once orders were created from it: stop it instead."""
    agreement, line = _lock_line(line_id, version)
    try:
        line.delete()
    except ProtectedError as error:
        raise Refused(
            _("Orders were created from line %(line)s, so it cannot be deleted. Stop it instead.")
            % {"line": line.line_number}
        ) from error
    touch(agreement)
    record("line_removed", agreement, by=by, changes={f"line {line.line_number}": [line.description, None]})
    return agreement


def next_number(agreement: ServiceAgreement) -> int:
    """The next free line number; the caller holds the agreement's lock."""
    return (agreement.lines.aggregate(last=Max("line_number"))["last"] or 0) + 1


def complete(agreement: ServiceAgreement, line: ServiceAgreementLine) -> None:
    """Fill what follows from the type and the project; raise Invalid where the line cannot be so."""
    for name in FOREIGN_FIELDS[line.kind]:
        setattr(line, name, None)
    if line.interval is None:
        line.due_from = DueFrom.PLAN
    if line.kind != LineKind.ITEM:
        line.item_setup = ItemSetup.JOURNAL
    elif line.item is None:
        raise Invalid(_("Choose the item."), field="item")
    else:
        line.unit = unit_of(line.item, line.unit)
    _check_category(line)
    _check_combination(agreement, line)
    _check_dates(agreement, line)
    _check_relations(agreement, line)
    if line.line_property is None and agreement.project:
        line.line_property = line_property_for(agreement.project, line.category)


def save_checked(line: ServiceAgreementLine, **options: Any) -> None:
    """Save, with the database's refusals as sentences."""
    with refusing(
        agreementline_quantity_positive=_("The quantity must be more than nothing."),
        agreementline_object_is_related=_("This object is not related to the agreement."),
        agreementline_task_is_related=_("This task is not related to the agreement."),
    ):
        line.save(**options)


def _check_category(line: ServiceAgreementLine) -> None:
    if line.category.kind != line.kind:
        raise Invalid(
            _("The category “%(category)s” is not one for lines of type %(kind)s.")
            % {"category": line.category, "kind": line.get_kind_display()},
            field="category",
        )
    if not line.category.is_active and not _holds(line, "category"):
        raise Invalid(_("This category is not active in journals."), field="category")


def _check_combination(agreement: ServiceAgreement, line: ServiceAgreementLine) -> None:
    """AG-09: who may work under which category on the project, and nobody who left before the line begins."""
    kept = _holds(line, "category") and (line.worker_id is None or _holds(line, "worker"))
    found = why_not_together(agreement.project_id, line.worker_id, line.category_id)
    if found and not kept:
        raise Invalid(found.sentence, field=found.field)
    worker = line.worker
    if worker is None or not worker.ended_on or worker.ended_on > line.start_date:
        return
    if not terminated_workers() and not _holds(line, "worker"):
        raise Invalid(_("%(worker)s left before the line begins.") % {"worker": worker.name}, field="worker")


def _check_dates(agreement: ServiceAgreement, line: ServiceAgreementLine) -> None:
    if line.quantity is None or line.quantity <= 0:
        raise Invalid(_("The quantity must be more than nothing."), field="quantity")
    check_size(line.quantity)
    for name in ("cost_price", "sales_price"):
        if (getattr(line, name) or 0) < 0:
            raise Invalid(_("A price is zero or more."), field=name)
    if line.end_date and line.end_date < line.start_date:
        raise Invalid(_("The line would end before it starts."), field="end_date")
    if not agreement.is_template and not has_common_day(agreement, line.start_date, line.end_date):
        raise Invalid(_("The line and the agreement have no day in common."), field="start_date")
    if line.visit_until == time.min:
        raise Invalid(
            _("The day begins at midnight; leave “not after” empty for its end."), field="visit_until"
        )
    if line.visit_from and line.visit_until and line.visit_until <= line.visit_from:
        raise Invalid(_("“Not after” must be later than “not before”."), field="visit_until")


def _check_relations(agreement: ServiceAgreement, line: ServiceAgreementLine) -> None:
    """AG-10: only related objects and tasks, and no site of another customer."""
    if line.object_relation and line.object_relation.agreement_id != agreement.pk:
        raise Invalid(_("This object is not related to the agreement."), field="object_relation")
    if line.task_relation and line.task_relation.agreement_id != agreement.pk:
        raise Invalid(_("This task is not related to the agreement."), field="task_relation")
    whose = (None, agreement.customer_id)
    if (
        line.site
        and agreement.customer_id
        and line.site.customer_id not in whose
        and not _holds(line, "site")
    ):
        raise Invalid(_("This site belongs to another customer."), field="site")
    if line.sla and line.sla.suspended and not _holds(line, "sla"):
        raise Invalid(_("This SLA is suspended; choose another."), field="sla")


def _holds(line: ServiceAgreementLine, name: str) -> bool:
    """Whether the saved line already has this value: what it has it may keep."""
    stored = ServiceAgreementLine.objects.filter(pk=line.pk).values_list(f"{name}_id", flat=True).first()
    return stored is not None and stored == getattr(line, f"{name}_id")


def _set_stopped(
    line_id: int, *, to: bool, reason: str, version: int, by: User | None
) -> ServiceAgreementLine:
    agreement, line = _lock_line(line_id, version)
    if to:
        insist(why_not_stop(line))
    elif not line.stopped:
        raise Refused(_("The line is not stopped."))
    before = snapshot(line, AUDITED)
    line.stopped, line.stop_reason = to, reason
    line.version += 1
    line.save(update_fields=["stopped", "stop_reason", "version"])
    touch(agreement)
    changes = changed(before, snapshot(line, AUDITED))
    record("line_stopped" if to else "line_restarted", agreement, by=by, changes=_named(line, changes))
    return line


def _lock_line(line_id: int, version: int) -> tuple[ServiceAgreement, ServiceAgreementLine]:
    agreement = lock(ServiceAgreementLine.objects.values_list("agreement_id", flat=True).get(pk=line_id))
    line = ServiceAgreementLine.objects.select_for_update(of=["self"], no_key=True).get(pk=line_id)
    if line.version != version:
        raise stale(
            _("Line %(line)s was changed by someone else meanwhile. This is how it stands now.")
            % {"line": line.line_number},
            agreement,
        )
    return agreement, line


def _named(line: ServiceAgreementLine, changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {f"line {line.line_number}: {name}": pair for name, pair in changes.items()}
