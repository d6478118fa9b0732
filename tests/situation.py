"""Where all stood when a test with a browser failed: what pages waited for, what the server did, who held locks."""

import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from django.db import connection

SESSIONS = """
SELECT pid, state, wait_event_type, wait_event, pg_blocking_pids(pid), left(query, 200)
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


class Unanswered:
    """The requests of pages that have no answer yet."""

    def __init__(self) -> None:
        self.waiting: dict[Any, str] = {}

    def watch(self, context: Any) -> None:
        context.on(
            "request", lambda request: self.waiting.update({request: f"{request.method} {request.url}"})
        )
        for end in ("requestfinished", "requestfailed"):
            context.on(end, lambda request: self.waiting.pop(request, None))


def told(unanswered: Unanswered) -> str:
    """All of it in words, for the report of the test."""
    return "\n".join([*unanswered.waiting.values(), *threads(), *sessions()])


def threads() -> Iterator[str]:
    """What the other threads of this process are doing, those that only wait for a request left out."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():
        if ident != threading.get_ident() and frame.f_code.co_name not in ("readinto", "select"):
            yield f"\n{names.get(ident)}:\n{''.join(traceback.format_stack(frame)[-8:])}"


def sessions() -> Iterator[str]:
    """The sessions of the database that are not idle, and whom they wait for."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        yield from map(str, cursor.fetchall())
