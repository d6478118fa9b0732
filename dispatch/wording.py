"""How bookings are spoken of: times in a zone, who did what."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.models import Event

from .models import Booking


def day_text(day: date) -> str:
    """“Mon 16 Mar”, in the reader's language."""
    return date_format(day, "D j M")


def span_text(start: datetime, end: datetime, zone: str) -> str:
    """“10:00–11:30” on the clocks of that zone."""
    here = ZoneInfo(zone)
    return f"{start.astimezone(here):%H:%M}–{end.astimezone(here):%H:%M}"


def when_text(start: datetime, end: datetime, zone: str) -> str:
    """“Mon 16 Mar 10:00–11:30”."""
    return f"{day_text(start.astimezone(ZoneInfo(zone)).date())} {span_text(start, end, zone)}"


def place_text(booking: Booking, zone: str) -> str:
    """“Bo Lindqvist, Mon 16 Mar 10:00–11:30”."""
    return f"{booking.worker.name}, {when_text(booking.during.lower, booking.during.upper, zone)}"


def taken_text(other: Booking, zone: str) -> str:
    """Why nothing else can be there: the booking that is there already. Needs worker, order and customer."""
    order = other.activity.order
    return _("%(worker)s is already booked for %(order)s, %(customer)s, %(when)s.") % {
        "worker": other.worker.name,
        "order": order.number,
        "customer": order.customer.name,
        "when": when_text(other.during.lower, other.during.upper, zone),
    }


def stale_text(booking: Booking, zone: str) -> str:
    """Who changed a booking meanwhile, when, and where it stands now."""
    last = Event.objects.filter(subject=f"booking:{booking.pk}").order_by("-pk").first()
    who = last.actor_name if last else _("Somebody else")
    time = f"{last.at.astimezone(ZoneInfo(zone)):%H:%M}" if last else ""
    facts = {
        "order": booking.activity.order.number,
        "who": who,
        "time": time,
        "place": place_text(booking, zone),
    }
    if booking.status == "CANCELLED":
        return _("%(who)s took %(order)s off the board at %(time)s.") % facts
    return _("%(who)s changed %(order)s at %(time)s: it is now with %(place)s.") % facts
