"""The hours of its day that a visit is promised for, on its site's clock."""

from datetime import date, time
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from servicemgmt.masterdata.worktime import instant

#: Why some hours cannot be promised.
LEFT_OUT = _("The clock goes forward over these hours on that day; promise others.")


def minute_of(moment: time) -> int:
    """Counted from midnight."""
    return moment.hour * 60 + moment.minute


def promise(day: date, hours: tuple[int, int], zone: str) -> DateTimeTZRange | None:
    """The hours of the day, in its minutes, on the site's clock; None where the clock leaves them out, going forward in
    spring."""
    start, end = (instant(day, minutes, ZoneInfo(zone)) for minutes in hours)
    return DateTimeTZRange(start, end) if start < end else None


def promise_between(day: date, start: time, end: time, zone: str) -> DateTimeTZRange | None:
    """As `promise`, by the clock."""
    return promise(day, (minute_of(start), minute_of(end)), zone)
