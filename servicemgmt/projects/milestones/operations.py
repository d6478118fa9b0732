"""Milestones: planned, completed (which posts their fee) and taken back while it is not invoiced."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, record, subject_of
from servicemgmt.core.editing import change_row, create_row
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.money import round_money

from ..drafts import Draft
from ..models import LineKind, Milestone, Project, ProjectKind, TransactionSource, TransactionStatus
from ..operations.additions import check_fee
from ..operations.posting import post_transactions
from ..operations.reversing import reverse_transactions
from ..queries import line_property_for


def add_milestone(project: Project, *, by: User | None, **fields: Any) -> Milestone:
    """Plan a milestone of a fixed price project. `fields`: description, due_on, amount, category.

    Raises Refused for another type of project, Invalid (fields `amount`, `category`).
    """
    if project.kind != ProjectKind.FIXED_PRICE:
        raise Refused(_("Only fixed price projects are billed by milestones."))
    _check(project, fields)
    return create_row(Milestone(project=project, **fields), by=by)


def save_milestone(pk: int, *, version: int, by: User | None, **fields: Any) -> Milestone:
    """Change a milestone that is not completed. Raises Stale, Refused where it is, Invalid as `add_milestone`."""
    found = Milestone.objects.select_related("project__currency").get(pk=pk)
    _refuse_completed(found)
    _check(found.project, fields)
    return change_row(Milestone, pk, version=version, by=by, fields=fields)


@transaction.atomic
def delete_milestone(pk: int, *, version: int, by: User | None) -> None:
    """Delete a milestone that is not completed. Raises Stale, Refused."""
    found = _locked(pk, version)
    _refuse_completed(found)
    changes = {"description": [found.description, None], "amount": [plain(found.amount), None]}
    record("milestone_deleted", found.project, by=by, changes=changes)
    found.delete()


@transaction.atomic
def complete_milestone(pk: int, *, version: int, on: date, by: User | None, at: datetime) -> Milestone:
    """Post the milestone's fee dated `on`; the next proposal of the project takes it (PR-13).

    Raises Stale; Refused where it is completed already, the project is closed on that day or the period is.
    """
    found = _locked(pk, version)
    _refuse_completed(found)
    draft = Draft(
        kind=LineKind.FEE,
        source=TransactionSource.MILESTONE,
        project=found.project,
        category=found.category,
        line_property=line_property_for(found.project, found.category),
        executed_on=on,
        quantity=Decimal(1),
        text=found.description,
        sales_price=found.amount,
    )
    check_fee(draft)
    (row,) = post_transactions(
        [draft],
        on=on,
        text=_("Milestone: %(milestone)s") % {"milestone": found.description},
        subject=subject_of(found.project),
        label=found.project.number,
        by=by,
        at=at,
    )
    return _moved(found, on, row.pk, "milestone_completed", by)


@transaction.atomic
def undo_completion(pk: int, *, version: int, on: date, by: User | None, at: datetime) -> Milestone:
    """Take a completion back: the fee is reversed, dated `on`. Raises Stale; Refused once it is proposed."""
    found = _locked(pk, version)
    row = found.transaction
    if row is None:
        raise Refused(_("“%(milestone)s” is not completed.") % {"milestone": found})
    if row.status != TransactionStatus.POSTED:
        raise Refused(
            _("“%(milestone)s” cannot be taken back: its fee is %(status)s.")
            % {"milestone": found, "status": row.get_status_display().lower()}
        )
    reverse_transactions([row], on=max(on, row.executed_on), by=by, at=at)
    return _moved(found, None, None, "milestone_reopened", by)


def _locked(pk: int, version: int) -> Milestone:
    rows = Milestone.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related(
        "project__currency",
        "project__line_property",
        "project__customer",
        "category__tax_group",
        "transaction",
    ).get(pk=pk)
    if found.version != version:
        raise Stale(_("Somebody else changed this milestone meanwhile. This is how it stands now."))
    return found


def _refuse_completed(found: Milestone) -> None:
    if found.completed_on:
        raise Refused(
            _("“%(milestone)s” is completed already. Take its completion back first.") % {"milestone": found}
        )


def _check(project: Project, fields: dict[str, Any]) -> None:
    amount, category = fields.get("amount"), fields.get("category")
    if amount is not None and (amount <= 0 or amount != round_money(amount, project.currency.digits)):
        raise Invalid(_("Enter a positive amount with the currency's decimals."), field="amount")
    if category and category.kind != LineKind.FEE:
        raise Invalid(_("Choose a category of fees."), field="category")


def _moved(found: Milestone, on: date | None, row: int | None, action: str, by: User | None) -> Milestone:
    before = found.completed_on
    found.completed_on, found.transaction_id = on, row
    found.version += 1
    found.save(update_fields=["completed_on", "transaction", "version"])
    record(action, found, by=by, changes={"completed_on": [plain(before), plain(on)]})
    return found
