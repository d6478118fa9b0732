"""Every action a person can take on board and day, one function each."""

from .activities import ensure_activities
from .booking import book, move_booking, resize, send, unbook
from .clock import press
from .undo import undo, undo_last

__all__ = [
    "book",
    "ensure_activities",
    "move_booking",
    "press",
    "resize",
    "send",
    "unbook",
    "undo",
    "undo_last",
]
