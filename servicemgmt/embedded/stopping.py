"""Stop on a signal. The handler only takes note: an exception raised from it could be swallowed wherever it lands.

Whoever waits calls `pause`, whoever begins a new step calls `check`.
"""

import signal
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_noted: list[int] = []


def listen() -> None:
    """From now on the process ends at its next `check`. Also where SIGINT was ignored, as in a background job."""
    for signum in SIGNALS:
        signal.signal(signum, lambda signum, _frame: _noted.append(signum))


def check() -> None:
    """Leave, in good order, when a signal has come."""
    if _noted:
        raise SystemExit(0)


def pause(seconds: float) -> None:
    """Sleep, and leave when a signal has come. Keep `seconds` short: a noted signal does not end the sleep."""
    time.sleep(seconds)
    check()
