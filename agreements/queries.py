"""Reads that join: which SLA applies, what the company usually takes, what the planner should look at."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from servicemgmt.core.display import moment

from .models import (
    ActivityType,
    AgreementGroup,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceLevelAgreement,
    ServiceObject,
)


def sla_for(
    agreement: ServiceAgreement | None,
    service_object: ServiceObject | None = None,
    line: ServiceAgreementLine | None = None,
    *,
    usual: Callable[[], ServiceLevelAgreement | None] | None = None,
) -> ServiceLevelAgreement | None:
    """AG-04: the SLA of the line, else of the object's group, else of the agreement, else of its group, else the usual.

    Suspended ones are passed over (SLA-13). None where nobody promised anything. Who has read the parameters gives
    `usual`.
    """
    found = sla_with_rank(agreement, service_object, line, usual=usual)
    return found[1] if found else None


def sla_with_rank(
    agreement: ServiceAgreement | None,
    service_object: ServiceObject | None = None,
    line: ServiceAgreementLine | None = None,
    *,
    usual: Callable[[], ServiceLevelAgreement | None] | None = None,
) -> tuple[int, ServiceLevelAgreement] | None:
    """As `sla_for`, with how general its source is (0 line … 4 the usual one): of several lines the least wins.

    Who asks for many lines gives `usual`, so that the parameters are read once.
    """
    for rank, sla in enumerate(_sla_sources(agreement, service_object, line, usual or usual_sla)):
        if sla is not None and not sla.suspended:
            return rank, sla
    return None


def _sla_sources(
    agreement: ServiceAgreement | None,
    service_object: ServiceObject | None,
    line: ServiceAgreementLine | None,
    usual: Callable[[], ServiceLevelAgreement | None],
) -> Iterator[ServiceLevelAgreement | None]:
    yield line.sla if line else None
    yield service_object.group.sla if service_object else None
    yield agreement.sla if agreement else None
    yield agreement.group.sla if agreement else None
    yield usual()


def usual_sla() -> ServiceLevelAgreement | None:
    """What is promised where nobody promised anything else, from the service parameters."""
    sla: ServiceLevelAgreement | None = _parameter("sla")
    return sla


def usual_group() -> AgreementGroup | None:
    """The group a new agreement starts with (scenario 1), from the service parameters."""
    group: AgreementGroup | None = _parameter("agreement_group")
    return group


def usual_activity_type() -> ActivityType | None:
    """The activity type a new agreement starts with, from the service parameters."""
    kind: ActivityType | None = _parameter("activity_type")
    return kind


def one_item_on_many_objects() -> bool:
    """B.2: whether the same item and serial number may stand on several objects; yes before there are parameters."""
    return _parameter("one_item_on_many_objects") is not False


def terminated_workers() -> bool:
    """AG-09: whether workers who left may still be chosen on lines."""
    return bool(_parameter("terminated_workers"))


def _parameter(name: str) -> Any:
    """A field of the one row of service parameters.

    The row belongs to `orders`, which stands right of this app, so it is found by name and never imported.
    """
    row = apps.get_model("orders", "ServiceParameters").objects.first()
    return getattr(row, name) if row else None


def technician_remark(agreement: ServiceAgreement) -> str:
    """AG-19: that the preferred technician is in no dispatch team, so that the board does not show him; or nothing."""
    worker = agreement.preferred_technician
    if worker is None or worker.team_id:
        return ""
    return _("%(worker)s is in no dispatch team, so the board does not show him.") % {"worker": worker}


def line_remarks(agreement: ServiceAgreement, line: ServiceAgreementLine) -> list[str]:
    """What keeps a line from producing visits, or some of them: sentences for the agreement's page."""
    return list(_remarks(agreement, line))


def _remarks(agreement: ServiceAgreement, line: ServiceAgreementLine) -> Iterator[str]:
    if agreement.suspended:
        yield _("The agreement is suspended.")
    if line.stopped:
        yield _("Stopped: %(reason)s") % {"reason": line.stop_reason} if line.stop_reason else _("Stopped.")
    if line.object_relation and (out_from := line.object_relation.service_object.ended_on):
        yield _("The object is out of service from %(day)s: nothing from then on.") % {
            "day": moment(out_from)
        }
    if not agreement.is_template:
        yield from _validity_remarks(agreement, line)


def _validity_remarks(agreement: ServiceAgreement, line: ServiceAgreementLine) -> Iterator[str]:
    last = agreement.end_date
    if last and line.start_date > last:
        yield _("Starts after the agreement ends: produces nothing.")
    elif line.end_date and line.end_date < agreement.start_date:
        yield _("Ends before the agreement starts: produces nothing.")
    elif line.interval is None and line.start_date < agreement.start_date:
        yield _("Comes once, before the agreement starts: produces nothing.")
    elif last and line.end_date and line.end_date > last:
        yield _("Runs past the agreement's end: produces nothing after it.")


def has_common_day(agreement: ServiceAgreement, start: date, end: date | None) -> bool:
    """Whether a line valid from `start` to `end` (inclusive, None: open) shares a day with the agreement."""
    starts_in_time = agreement.end_date is None or start <= agreement.end_date
    return starts_in_time and (end is None or end >= agreement.start_date)


def days_rested(agreement: ServiceAgreement, on: date) -> int:
    """The days of the term in which it rested until `on`; none where that is not known or it has no end."""
    if not agreement.suspended or agreement.suspended_on is None or agreement.end_date is None:
        return 0
    start = max(agreement.suspended_on, agreement.start_date)
    return max(0, (min(on, agreement.end_date + timedelta(days=1)) - start).days)
