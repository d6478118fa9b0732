"""What speaks against a time that is not forbidden (DB-13)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Q
from django.utils.translation import gettext as _

from dispatch.models import Activity, Booking
from dispatch.shifts import Shifts, less
from dispatch.wording import day_text, span_text, when_text
from orders.models import ServiceOrder
from servicemgmt.masterdata.models import Employee

from .clash import clashes


def warnings_of(booking: Booking, zone: str) -> list[str]:
    """Why this booking may be a bad idea: sentences, none where all is well. Times on the clocks of `zone`."""
    start, end = booking.during.lower, booking.during.upper
    order, worker = booking.activity.order, booking.worker
    found = [overlap_text(other, zone) for other in clashes(worker.pk, start, end, booking.pk)]
    found += absence_warnings(worker, start, end, zone)
    found += skill_warnings(worker, order, end.astimezone(ZoneInfo(zone)).date())
    found += order_warnings(order, booking.activity, start, end, zone)
    return found


def overlap_text(other: Booking, zone: str) -> str:
    return _("Overlaps %(order)s, %(when)s.") % {
        "order": other.activity.order.number,
        "when": span_text(other.during.lower, other.during.upper, zone),
    }


def absence_warnings(worker: Employee, start: datetime, end: datetime, zone: str) -> list[str]:
    """Absent, or outside the working time."""
    shifts = Shifts([worker.pk], start, end)
    found = [
        _("%(worker)s is away then: %(reason)s.")
        % {"worker": worker.name, "reason": away.reason or when_text(away.start, away.end, zone)}
        for away in shifts.away.get(worker.pk, [])
    ]
    if less([(start, end)], shifts.open(worker.pk)):
        found.append(_("Outside the working time of %(worker)s.") % {"worker": worker.name})
    return found


def skill_warnings(worker: Employee, order: ServiceOrder, on: date) -> list[str]:
    """What tasks of the order need that the worker cannot, or not any more on that day."""
    has = worker.skills.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=on)).values("skill")
    tasks = order.task_relations.filter(service_task__required_skill__isnull=False)
    missing = tasks.exclude(service_task__required_skill__in=has).select_related(
        "service_task__required_skill"
    )
    return [
        _("%(worker)s lacks “%(skill)s” for %(task)s.")
        % {"worker": worker.name, "skill": task.service_task.required_skill, "task": task.service_task}
        for task in missing.order_by("pk")
    ]


def order_warnings(
    order: ServiceOrder, activity: Activity, start: datetime, end: datetime, zone: str
) -> list[str]:
    """After the SLA's deadline, outside what was promised, outside the days the agreement allows or after its last."""
    found = []
    if order.deadline and end > order.deadline:
        late = order.deadline
        found.append(
            _("Ends after the SLA deadline of %(when)s.")
            % {
                "when": f"{day_text(late.astimezone(ZoneInfo(zone)).date())} {late.astimezone(ZoneInfo(zone)):%H:%M}"
            }
        )
    promised = order.promised_window
    if promised and (start < promised.lower or end > promised.upper):
        found.append(
            _("Outside the time promised: %(when)s.")
            % {"when": when_text(promised.lower, promised.upper, zone)}
        )
    day = start.astimezone(ZoneInfo(order.site.time_zone)).date()
    agreement, allowed = order.agreement, allowed_days(activity)
    if agreement and agreement.end_date and day > agreement.end_date:
        found.append(
            _("After the last day of %(agreement)s, %(day)s.")
            % {"agreement": agreement.number, "day": day_text(agreement.end_date)}
        )
    elif not within(allowed, day):
        found.append(_("Outside the days of the agreement: %(days)s.") % {"days": days_text(*allowed)})
    return found


def allowed_days(activity: Activity) -> tuple[date | None, date | None]:
    """The days on which every line of the activity may be done, inclusive; None is open."""
    span = activity.activity_lines.aggregate(
        first=Max("line__date_range_from"), last=Min("line__date_range_to")
    )
    return span["first"], span["last"]


def within(days: tuple[date | None, date | None], day: date) -> bool:
    first, last = days
    return (first is None or first <= day) and (last is None or day <= last)


def days_text(first: date | None, last: date | None) -> str:
    return "–".join(day_text(day) if day else "…" for day in (first, last))


def round_up(moment: datetime, minutes: int) -> datetime:
    """The next multiple of so many minutes of the hour, or the moment itself."""
    moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1 if moment.second else 0)
    return moment + timedelta(minutes=-moment.minute % minutes)
