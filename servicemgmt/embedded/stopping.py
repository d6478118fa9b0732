"""Stop on a signal. No handler raises an exception: it could be swallowed wherever it lands.

While the process only gets ready, the handler lets go of the servers and ends it on the spot. Once it has something
to finish, the handler takes note, whoever waits calls `pause`, and whoever begins a new step calls `check`.
"""

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_noted: list[int] = []


def end_at_once(after: Callable[[], None]) -> None:
    """From now on a signal runs `after` and ends the process. Also SIGINT, which a background job starts ignoring."""

    def handler(_signum: int, _frame: object) -> None:
        _handle(signal.SIG_IGN)
        try:
            after()
        finally:
            os._exit(0)

    _handle(handler)


def take_note() -> None:
    """From now on a signal ends the process at its next `check`."""
    _handle(lambda signum, _frame: _noted.append(signum))


def check() -> None:
    """Leave, in good order, when a signal has come."""
    if _noted:
        raise SystemExit(0)


def pause(seconds: float) -> None:
    """Sleep, and leave when a signal has come. Keep `seconds` short: a noted signal does not end the sleep."""
    time.sleep(seconds)
    check()


def _handle(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for signum in SIGNALS:
        signal.signal(signum, handler)
