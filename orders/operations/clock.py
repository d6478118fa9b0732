"""The SLA clock of an order: started, stopped, cancelled; by hand, by stages and by sign-off (C.6)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import (
    ClockEnd,
    OrderReason,
    ReasonKind,
    ServiceOrder,
    SlaStatus,
    SlaTimeLog,
    StageReasonCode,
)
from orders.queries.parameters import parameters
from orders.sla import Segment, Terms, read_clock
from servicemgmt.core.audit import record
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User

from .lock import lock_order, save_order

CLOCK_FIELDS = ("sla_status", "deadline", "compliance")


@transaction.atomic
def start_clock(
    order_id: int, *, version: int | None, by: User | None, at: datetime, moment: datetime | None = None
) -> ServiceOrder:
    """SLA-03: start the clock by hand, at `moment` (default `at`), or at the next opening after it.

    Raises Refused without SLA, when it runs or is cancelled; Invalid where the moment lies in the future or inside
    an earlier stretch.
    """
    order = lock_order(order_id, version=version)
    if order.sla_id is None:
        raise Refused(_("The service order has no SLA."))
    if order.sla_status == SlaStatus.CANCELLED:
        raise Refused(_("The SLA of this order is cancelled."))
    if order.sla_status == SlaStatus.STARTED:
        raise Refused(_("Time recording is running already."))
    start = moment or at
    if start > at:
        raise Invalid(_("This moment is still to come."), field="moment")
    last = order.time_logs.order_by("-started_at").first()
    if last and last.ended_at and start < last.ended_at:
        raise Invalid(_("Time recording was still running then."), field="moment")
    run_clock(order, start=start, at=at)
    save_order(order, *CLOCK_FIELDS)
    record("clock_started", order, by=by, changes={"time recording": [None, start.isoformat()]})
    return order


@transaction.atomic
def stop_clock(
    order_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    moment: datetime | None = None,
    reason: StageReasonCode | None = None,
    text: str = "",
) -> ServiceOrder:
    """SLA-04: stop the clock by hand. A reason is demanded where the limit is exceeded and the parameter is on.

    Raises Refused when it is not running; Invalid where the moment is before the start or in the future.
    """
    order = lock_order(order_id, version=version)
    running = running_of(logs_of(order))
    if running is None:
        raise Refused(_("Time recording is not running."))
    stop = moment or at
    if stop > at:
        raise Invalid(_("This moment is still to come."), field="moment")
    if moment and moment < running.started_at:
        raise Invalid(_("Time recording started later than that."), field="moment")
    halt_clock(order, stop=stop, at=at, ended_by=ClockEnd.HAND, by=by, reason=reason, text=text)
    save_order(order, *CLOCK_FIELDS)
    record("clock_stopped", order, by=by, changes={"time recording": [None, stop.isoformat()]})
    return order


@transaction.atomic
def cancel_sla(
    order_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    reason: StageReasonCode | None = None,
    text: str = "",
) -> ServiceOrder:
    """SLA-06: recording ends, compliance is frozen. A reason is demanded where the parameter says so."""
    order = lock_order(order_id, version=version)
    if order.sla_id is None or order.sla_status == SlaStatus.CANCELLED:
        raise Refused(_("There is no SLA to cancel on this order."))
    if reason is None and parameters().reason_on_cancelling:
        raise Invalid(_("Give a reason for cancelling the SLA."), field="reason")
    logs = logs_of(order)
    order.compliance = read_clock(terms(order), segments(logs), at).compliance
    if running := running_of(logs):
        end_log(running, at, ended_by=ClockEnd.CANCEL, status=SlaStatus.CANCELLED)
    order.sla_status, order.deadline = SlaStatus.CANCELLED, None
    if reason:
        give_reason(order, reason, ReasonKind.CANCEL, by=by, at=at, text=text)
    save_order(order, *CLOCK_FIELDS)
    record("sla_cancelled", order, by=by, changes={"SLA": [str(order.sla), None]})
    return order


def run_clock(order: ServiceOrder, *, start: datetime, at: datetime) -> None:
    """Open a stretch on the locked order from `start` on, or from the next opening (SLA-02). The caller saves."""
    counted = terms(order)
    SlaTimeLog.objects.create(order=order, started_at=counted.start(start))
    order.sla_status = SlaStatus.STARTED
    show(order, counted, logs_of(order), at)


def first_stretch(order: ServiceOrder, at: datetime) -> SlaTimeLog:
    """Start the clock of an unsaved order at `at` or the next opening; the stretch is to be saved after the order."""
    counted = terms(order)
    log = SlaTimeLog(order=order, started_at=counted.start(at))
    order.sla_status = SlaStatus.STARTED
    show(order, counted, [log], at)
    return log


def halt_clock(
    order: ServiceOrder,
    *,
    stop: datetime,
    at: datetime,
    ended_by: ClockEnd,
    by: User | None,
    reason: StageReasonCode | None,
    text: str = "",
) -> None:
    """Close the running stretch of the locked order, if there is one; the caller saves CLOCK_FIELDS.

    Where the clock is stopped, deadline and compliance are shown as they are at `at` (SLA-14). Raises Invalid without
    a reason where the limit is exceeded and the parameter demands one (SLA-04, scenario 57).
    """
    if order.sla_status not in (SlaStatus.STARTED, SlaStatus.STOPPED):
        return
    logs, counted = logs_of(order), terms(order)
    if running := running_of(logs):
        is_exceeded = read_clock(counted, segments(logs), stop).is_exceeded
        if is_exceeded and parameters().reason_on_exceeding_time:
            if reason is None:
                raise Invalid(_("The SLA is exceeded: give a reason."), field="reason")
            give_reason(order, reason, ReasonKind.CLOSE, by=by, at=at, text=text)
        end_log(running, stop, ended_by=ended_by, status=SlaStatus.STOPPED)
        order.sla_status = SlaStatus.STOPPED
    show(order, counted, logs, at)


def end_log(log: SlaTimeLog, stop: datetime, *, ended_by: ClockEnd, status: SlaStatus) -> None:
    """A stretch that waits for the next opening ends where it would have begun."""
    log.ended_at, log.ended_by, log.status = max(stop, log.started_at), ended_by, status
    log.save(update_fields=["ended_at", "ended_by", "status"])


def refresh_clock(order: ServiceOrder, at: datetime) -> None:
    """SLA-14: deadline and compliance as they are at that moment; the caller saves CLOCK_FIELDS."""
    show(order, terms(order), logs_of(order), at)


def show(order: ServiceOrder, counted: Terms, logs: Sequence[SlaTimeLog], at: datetime) -> None:
    """Set what the clock shows, unsaved."""
    found = read_clock(counted, segments(logs), at)
    order.deadline, order.compliance = found.deadline, found.compliance


def terms(order: ServiceOrder) -> Terms:
    assert order.sla is not None
    return Terms.of(order.sla, order.site.time_zone)


def logs_of(order: ServiceOrder) -> list[SlaTimeLog]:
    """The stretches of the order's clock, in their order; at most one of them runs."""
    return list(order.time_logs.order_by("started_at", "pk"))


def segments(logs: Sequence[SlaTimeLog]) -> list[Segment]:
    return [(log.started_at, log.ended_at) for log in logs]


def running_of(logs: Sequence[SlaTimeLog]) -> SlaTimeLog | None:
    return next((log for log in logs if log.ended_at is None), None)


def give_reason(
    order: ServiceOrder,
    reason: StageReasonCode,
    kind: ReasonKind,
    *,
    by: User | None,
    at: datetime,
    text: str = "",
) -> OrderReason:
    """Log a reason on the order with the stage it is in now (SG-06, SG-10)."""
    return OrderReason.objects.create(
        order=order, stage=order.stage, reason=reason, kind=kind, text=text, given_at=at, given_by=by
    )
