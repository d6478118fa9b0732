"""The one door of a transaction's life."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused

from ..models import TRANSACTION_MOVES, Transaction


def move_transactions(keys: Collection[int], *, to: str, **fields: Any) -> None:
    """Move transactions to a status, all or none, with the proposal or invoice that goes with it.

    Call it in a transaction. Raises Refused where one of them may not move there (any more), see TRANSACTION_MOVES.
    """
    sources = [status for status, targets in TRANSACTION_MOVES.items() if to in targets]
    moved = Transaction.objects.filter(pk__in=keys, status__in=sources).update(status=to, **fields)
    if moved != len(set(keys)):
        raise Refused(_("Somebody else invoiced or reversed a transaction meanwhile. Look at them again."))
