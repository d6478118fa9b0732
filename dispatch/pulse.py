"""The board's pulse: a counter in the cache that every committed change of a booking raises.

Open boards ask for it every two seconds; only when it went up do they ask the database. Beside the number stands
whose rows it touched, for an hour; whoever was away longer loads the board again.
"""

import time

from django.core.cache import cache
from django.db import transaction

KEY = "board:pulse"
KEPT_SECONDS = 3600
#: More changes than this at once are told by loading the board again.
MOST = 200


def current() -> int:
    """The number of the last change. Starts at the clock, so that a lost cache never counts backwards."""
    number: int | None = cache.get(KEY)
    if number is None:
        cache.add(KEY, int(time.time()), timeout=None)
        number = cache.get(KEY, 0)
    return number


def touch(*worker_ids: int) -> None:
    """Raise the pulse for the rows of those workers when the transaction commits."""
    transaction.on_commit(lambda: _raise(worker_ids))


def since(number: int) -> tuple[int, set[int] | None]:
    """The pulse now, and the workers whose rows changed after `number`; None where that is not known any more."""
    now = current()
    if number == now:
        return now, set()
    if not 0 < now - number <= MOST:
        return now, None
    found: dict[str, tuple[int, ...]] = cache.get_many([_key(n) for n in range(number + 1, now + 1)])
    known = len(found) == now - number
    return now, {worker_id for ids in found.values() for worker_id in ids} if known else None


def _raise(worker_ids: tuple[int, ...]) -> None:
    current()
    try:
        number = cache.incr(KEY)
    except ValueError:  # the cache lost it in between; boards load again
        return
    cache.set(_key(number), worker_ids, timeout=KEPT_SECONDS)


def _key(number: int) -> str:
    return f"board:change:{number}"
