"""Start a server as a child that dies with its parent, and tell living processes from dead ones."""

import ctypes
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from servicemgmt.embedded.account import Account

PR_SET_PDEATHSIG = 1


def die_with_parent(signum: int) -> Callable[[], None]:
    """For `preexec_fn`: Linux sends `signum` when the parent is gone. Elsewhere the next supervisor cleans up."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def tie() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if prctl:
            prctl(PR_SET_PDEATHSIG, signum)

    return tie


def spawn(
    command: list[str], *, account: Account, log: Path, stop: signal.Signals, env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that no terminal's Ctrl-C reaches it."""
    # Entering a user namespace clears the wish to die with the parent, so it is stated once more inside.
    inside = ["setpriv", "--pdeathsig", stop.name.removeprefix("SIG")] if account.prefix else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [*account.prefix, *inside, *command],
            env=dict(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(stop),
            **account.popen,
        )


def free_port(wish: int | None = None) -> int:
    """`wish` when nobody listens there, else some free port of the loopback interface."""
    for port in (wish, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("No port is free on 127.0.0.1.")


def running(pid: int, mark: Path) -> psutil.Process | None:
    """The living process `pid` if its command line names `mark`; None for zombies and for reused numbers."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and any(str(mark) in word for word in process.cmdline())
    except psutil.Error:
        return None
    return process if alive else None


def end(process: psutil.Process, signum: signal.Signals, seconds: float) -> None:
    """Ask `process` to stop, and kill it when it has not within `seconds`."""
    try:
        process.send_signal(signum)
        process.wait(seconds)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)
    except psutil.NoSuchProcess:
        return
