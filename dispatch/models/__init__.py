from .activity import Activity, ActivityLine
from .booking import BOOKING_MOVES, Booking, BookingQuerySet, BookingStatus, ClockPress

__all__ = [
    "BOOKING_MOVES",
    "Activity",
    "ActivityLine",
    "Booking",
    "BookingQuerySet",
    "BookingStatus",
    "ClockPress",
]
