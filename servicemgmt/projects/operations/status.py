"""The one door of a transaction's life."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused

from ..models import TRANSACTION_MOVES, Transaction


def move_transactions(keys: Collection[int], *, to: str, **fields: Any) -> None:
    """Move transactions to a status, all or none, with the proposal or invoice that goes with it.

    Call it in a transaction. Raises Refused where one of them may not move there (any more), see TRANSACTION_MOVES.
    """
    moved = Transaction.objects.filter(pk__in=keys, status__in=_sources(to)).update(status=to, **fields)
    _insist(moved == len(set(keys)))


def move_each(owners: Mapping[int, int], *, to: str, field: str) -> None:
    """Move transactions to a status, each with its own proposal or invoice: {transaction: key of `field`'s row}.

    One statement however many; see `move_transactions`. The CASE hides the status from the planner: while its
    statistics know no row of that status yet, it would compare every transaction with every key.
    """
    column = connection.ops.quote_name(f"{field}_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE projects_transaction t SET status = %s, {column} = v.owner"  # noqa: S608 — a column of ours
            " FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, owner) WHERE t.id = v.id"
            " AND CASE WHEN t.status = ANY(%s) THEN TRUE ELSE FALSE END",
            [to, list(owners), list(owners.values()), _sources(to)],
        )
        _insist(cursor.rowcount == len(owners))


def _sources(to: str) -> list[str]:
    """From where a transaction may move there."""
    return [status for status, targets in TRANSACTION_MOVES.items() if to in targets]


def _insist(is_complete: bool) -> None:
    if not is_complete:
        raise Refused(_("Somebody else invoiced or reversed a transaction meanwhile. Look at them again."))
