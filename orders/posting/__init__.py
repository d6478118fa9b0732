"""Posting the lines of service orders into their projects (C.4), one order or many, and taking it back."""

from .plan import PlannedLine, plan_posting
from .post import Posted, post_order_lines, undo_posting
from .returning import return_part
from .run import start_posting

__all__ = [
    "PlannedLine",
    "Posted",
    "plan_posting",
    "post_order_lines",
    "return_part",
    "start_posting",
    "undo_posting",
]
