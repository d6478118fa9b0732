"""The SLA clock of an order: started, stopped, cancelled; by hand, by stages and by sign-off (C.6)."""

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
from orders.sla import Reading, Terms, read_clock
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
    running = running_log(order)
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
    order.compliance = reading(order, at).compliance
    running = running_log(order)
    if running:
        end_log(running, at, ended_by=ClockEnd.CANCEL, status=SlaStatus.CANCELLED)
    order.sla_status, order.deadline = SlaStatus.CANCELLED, None
    if reason:
        give_reason(order, reason, ReasonKind.CANCEL, by=by, at=at, text=text)
    save_order(order, *CLOCK_FIELDS)
    record("sla_cancelled", order, by=by, changes={"SLA": [str(order.sla), None]})
    return order


def run_clock(order: ServiceOrder, *, start: datetime, at: datetime) -> None:
    """Open a stretch on the locked order from `start` on, or from the next opening (SLA-02). The caller saves."""
    SlaTimeLog.objects.create(order=order, started_at=terms(order).start(start))
    order.sla_status = SlaStatus.STARTED
    refresh_clock(order, at)


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

    Raises Invalid without a reason where the limit is exceeded and the parameter demands one (SLA-04, scenario 57).
    """
    running = running_log(order)
    if running is None:
        return
    if reading(order, stop).is_exceeded and parameters().reason_on_exceeding_time:
        if reason is None:
            raise Invalid(_("The SLA is exceeded: give a reason."), field="reason")
        give_reason(order, reason, ReasonKind.CLOSE, by=by, at=at, text=text)
    end_log(running, stop, ended_by=ended_by, status=SlaStatus.STOPPED)
    order.sla_status = SlaStatus.STOPPED
    refresh_clock(order, at)


def end_log(log: SlaTimeLog, stop: datetime, *, ended_by: ClockEnd, status: SlaStatus) -> None:
    """A stretch that waits for the next opening ends where it would have begun."""
    log.ended_at, log.ended_by, log.status = max(stop, log.started_at), ended_by, status
    log.save(update_fields=["ended_at", "ended_by", "status"])


def refresh_clock(order: ServiceOrder, at: datetime) -> None:
    """SLA-14: deadline and compliance as they are at that moment; the caller saves CLOCK_FIELDS."""
    found = reading(order, at)
    order.deadline, order.compliance = found.deadline, found.compliance


def reading(order: ServiceOrder, at: datetime) -> Reading:
    """What the clock of an order with SLA shows."""
    segments = list(order.time_logs.order_by("started_at", "pk").values_list("started_at", "ended_at"))
    return read_clock(terms(order), segments, at)


def terms(order: ServiceOrder) -> Terms:
    assert order.sla is not None
    return Terms.of(order.sla, order.site.time_zone)


def running_log(order: ServiceOrder) -> SlaTimeLog | None:
    return order.time_logs.filter(ended_at__isnull=True).first()


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
