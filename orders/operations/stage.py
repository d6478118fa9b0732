"""The one door of an order's stage. Stages are rows of a tree; code asks their flags and their phase only (C.5)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import (
    ClockEnd,
    OrderReason,
    Phase,
    ReasonKind,
    ServiceOrder,
    ServiceStage,
    SlaStatus,
    StageReasonCode,
)
from orders.rules import why_not_stage
from servicemgmt.core.audit import Changes, record
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User

from .clock import CLOCK_FIELDS, give_reason, halt_clock, refresh_clock, run_clock
from .lock import insist, lock_order, save_order

#: What ended a stretch that goes on by itself when the order leaves a stage that stops the clock (SG-07).
RESUMED = {ClockEnd.STAGE, ClockEnd.SIGN_OFF}


def initial_stage() -> ServiceStage:
    """The one stage without a parent (SG-01). Raises Refused before stages are set up."""
    stage: ServiceStage | None = ServiceStage.objects.filter(parent__isnull=True).first()
    if stage is None:
        raise Refused(_("There is no initial service stage; set up the stages first."))
    return stage


def next_stages(order: ServiceOrder) -> list[ServiceStage]:
    """SG-03: the children of the present stage that are offered on the day of service; giving up comes last."""
    offered = order.stage.children.current(order.service_on)
    return sorted(offered, key=lambda stage: stage.phase == Phase.CANCELLED)


def previous_stage(order: ServiceOrder) -> ServiceStage | None:
    """SG-04: the parent, or None at the initial stage."""
    return order.stage.parent


@transaction.atomic
def change_stage(
    order_id: int,
    *,
    to: ServiceStage,
    version: int | None,
    by: User | None,
    at: datetime,
    reason: StageReasonCode | None = None,
    text: str = "",
) -> ServiceOrder:
    """Move an order to a child of its stage or back to the parent, no further (SG-03 … SG-05).

    A stage that asks for a reason gets one (SG-06); one that stops the clock stops it, leaving it for one that does
    not starts it again (SG-07). Raises Refused, Stale; Invalid at `reason` where one is missing.
    """
    order = lock_order(order_id, version=version)
    go_to(order, to, by=by, at=at, reason=reason, text=text)
    return order


def go_to(
    order: ServiceOrder,
    to: ServiceStage,
    *,
    by: User | None,
    at: datetime,
    reason: StageReasonCode | None,
    text: str,
) -> None:
    """Move the locked order; see `change_stage`. A refusal comes before anything is written."""
    insist(why_not_stage(order, to))
    if to.give_reason and reason is None:
        raise Invalid(_("Give a reason for the stage “%(stage)s”.") % {"stage": to}, field="reason")
    old = order.stage
    order.stage, order.stage_since = to, at
    move_clock(order, old, by=by, at=at, reason=reason, text=text)
    if reason and to.give_reason:
        give_reason(order, reason, ReasonKind.STAGE_CHANGE, by=by, at=at, text=text)
    save_order(order, "stage", "stage_since", *CLOCK_FIELDS)
    changes: Changes = {"stage": [str(old), str(to)]}
    if reason and to.give_reason:
        changes["reason"] = [None, f"{reason} {text}".strip()]
    record("stage_changed", order, by=by, changes=changes)


def move_clock(
    order: ServiceOrder,
    old: ServiceStage,
    *,
    by: User | None,
    at: datetime,
    reason: StageReasonCode | None,
    text: str,
) -> None:
    """SG-07 and SLA-14 on the locked order that has just got its new stage."""
    if order.stage.close_time_log:
        halt_clock(order, stop=at, at=at, ended_by=ClockEnd.STAGE, by=by, reason=reason, text=text)
        return
    if old.close_time_log and order.sla_status == SlaStatus.STOPPED and not order.signed_off_at:
        last = order.time_logs.order_by("-started_at", "-pk").first()
        if last and last.ended_by in RESUMED:
            run_clock(order, start=at, at=at)
            return
    if order.sla_status in (SlaStatus.STARTED, SlaStatus.STOPPED):
        refresh_clock(order, at)


def follow_clock(
    order: ServiceOrder,
    *,
    phase: Phase,
    by: User | None,
    at: datetime,
    reason: StageReasonCode | None = None,
    text: str = "",
) -> ServiceOrder:
    """A press on the technician's clock moves the locked order to its single neighbouring stage of that phase.

    Where there is none or several, where the order is in that phase already, or where the stage wants a reason that
    was not given, the stage stays: a clock is never refused (architecture 13). Returns the order as it is then.
    """
    if order.stage.phase == phase:
        return order
    neighbours = [
        stage for stage in (previous_stage(order), *next_stages(order)) if stage and stage.phase == phase
    ]
    if len(neighbours) != 1:
        return order
    try:
        go_to(order, neighbours[0], by=by, at=at, reason=reason, text=text)
    except Refused:
        return lock_order(order.pk)
    return order


@transaction.atomic
def add_reason(
    order_id: int, *, reason: StageReasonCode, by: User | None, at: datetime, text: str = ""
) -> OrderReason:
    """SG-10: note a reason by hand."""
    order = lock_order(order_id)
    row = give_reason(order, reason, ReasonKind.MANUAL, by=by, at=at, text=text)
    record("reason_given", order, by=by, changes={"reason": [None, f"{reason} {text}".strip()]})
    return row


@transaction.atomic
def remove_reason(order_id: int, reason_id: int, *, by: User | None) -> None:
    """SG-10: take a wrong reason away again; the trail keeps it."""
    order = lock_order(order_id)
    row = order.reasons.select_related("reason").get(pk=reason_id)
    record("reason_removed", order, by=by, changes={"reason": [f"{row.reason} {row.text}".strip(), None]})
    row.delete()
