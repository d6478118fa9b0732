"""What a booking allows: a rule answers with the sentence why not, or None. Button and operation ask the same."""

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Sentence

from .models import BOOKING_MOVES, Booking, BookingStatus

STARTED = {BookingStatus.TRAVELLING, BookingStatus.WORKING, BookingStatus.PAUSED}
#: What the technician's clock can be pressed to.
PRESSES = {*STARTED, BookingStatus.DONE}


def why_not_move(booking: Booking) -> Sentence | None:
    """Time and person of a booking may change until the work has begun."""
    if booking.status == BookingStatus.DONE:
        return _("This job is done; its time stays as it was.")
    if booking.status == BookingStatus.CANCELLED:
        return _("This booking was taken off the board.")
    if booking.status in STARTED:
        return _("%(worker)s has begun this job; only its end can be changed.") % {
            "worker": booking.worker.name
        }
    return None


def why_not_unbook(booking: Booking) -> Sentence | None:
    """Only what has not begun can be taken off the board."""
    if booking.status == BookingStatus.CANCELLED:
        return _("This booking was taken off the board already.")
    if booking.status != BookingStatus.PLANNED:
        return _("%(worker)s has begun this job; it cannot be taken off the board.") % {
            "worker": booking.worker.name
        }
    return None


def why_not_press(booking: Booking, to: str) -> Sentence | None:
    """The clock's own order of things; the order's stage is not asked."""
    if to in PRESSES & BOOKING_MOVES[booking.status]:
        return None
    return _("The clock stands at “%(now)s” and cannot go to “%(to)s”.") % {
        "now": BookingStatus(booking.status).label,
        "to": BookingStatus(to).label,
    }
