"""Mass jobs. A kind of run says what its pieces are and how one piece is done; this package does the rest:

every piece is worked in one transaction with the mark that it is done, so a run may be killed at any moment, resumed,
and shared by any number of workers; a piece that fails is rolled back and halved until the culprit alone is refused.
An error that twenty items in a row meet stops the run; what is left can be retried.
"""

from .kinds import KINDS, Outcome, Piece, RunKind, register
from .life import cancel_run, items_left, may_see, move_run, refused_items, retry_run, start_run
from .progress import Progress, beat, progress
from .work import execute, execute_to_end, resume_unfinished

__all__ = [
    "KINDS",
    "Outcome",
    "Piece",
    "Progress",
    "RunKind",
    "beat",
    "cancel_run",
    "execute",
    "execute_to_end",
    "items_left",
    "may_see",
    "move_run",
    "progress",
    "refused_items",
    "register",
    "resume_unfinished",
    "retry_run",
    "start_run",
]
