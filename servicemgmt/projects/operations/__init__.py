from ..drafts import Draft
from .posting import Bundle, post_bundles, post_transactions
from .project import close_project, create_project, quick_project, reopen_project, save_project
from .reversing import reverse_transactions
from .status import move_transactions

__all__ = [
    "Bundle",
    "Draft",
    "close_project",
    "create_project",
    "move_transactions",
    "post_bundles",
    "post_transactions",
    "quick_project",
    "reopen_project",
    "reverse_transactions",
    "save_project",
]
