"""From when to when of its day a visit may be, or is promised, on its site's clock; and when calendars are open."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from agreements.models import ServiceAgreementLine
from orders.planning import WHOLE_DAY, Hours
from orders.promise import minute_of
from servicemgmt.masterdata.models import CalendarDay, CalendarHours
from servicemgmt.masterdata.worktime import Openings


def hours_of(line: ServiceAgreementLine) -> Hours:
    """When a visit for the line may be, on the site's clock."""
    start, end = line.visit_from, line.visit_until
    return minute_of(start) if start else WHOLE_DAY[0], minute_of(end) if end else WHOLE_DAY[1]


def hours_on(day: date, promised: DateTimeTZRange, zone: str) -> Hours:
    """When a visit is promised, on the site's clock; before or beyond the day's own minutes where it leaves the day."""

    def minutes(moment: datetime | None, otherwise: int) -> int:
        if moment is None:
            return otherwise
        local = moment.astimezone(ZoneInfo(zone))
        return (local.date() - day).days * 1440 + local.hour * 60 + local.minute

    return minutes(promised.lower, WHOLE_DAY[0]), minutes(promised.upper, WHOLE_DAY[1])


def openings_of(calendar_ids: list[int]) -> dict[int, Openings]:
    """The openings of several calendars in two queries."""
    found = {pk: Openings({}, {}) for pk in calendar_ids}
    for pk, weekday, opens, closes in (
        CalendarHours.objects.filter(calendar__in=calendar_ids)
        .order_by("weekday", "opens")
        .values_list("calendar_id", "weekday", "opens", "closes")
    ):
        found[pk].week.setdefault(weekday, []).append((opens, closes))
    for pk, day, start, end in (
        CalendarDay.objects.filter(calendar__in=calendar_ids)
        .order_by("day", "opens")
        .values_list("calendar_id", "day", "opens", "closes")
    ):
        spans = found[pk].special.setdefault(day, [])
        if start is not None and end is not None:
            spans.append((start, end))
    return found
