"""Start a process as a child that dies with its parent, and tell living processes from dead ones."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

PR_SET_PDEATHSIG = 1
LAST_PORT = 65535

type Process = subprocess.Popen[bytes]


def die_with_parent(signum: int) -> Callable[[], None]:
    """For `preexec_fn`: Linux sends `signum` when the parent is gone. Elsewhere the next supervisor cleans up."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def tie() -> None:
        if prctl:
            prctl(PR_SET_PDEATHSIG, signum)

    return tie


def spawn(
    command: list[str],
    *,
    env: Mapping[str, str],
    dies_by: signal.Signals,
    log: Path | None = None,
    cwd: str | Path = "/",
    **popen: Any,
) -> Process:
    """Start `command` in a session of its own, so that no terminal's Ctrl-C reaches it.

    Its output goes to the end of `log`, or where ours goes.
    """
    with log.open("ab") if log else contextlib.nullcontext() as output:
        return subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=die_with_parent(dies_by),
            **popen,
        )


def port(text: str) -> int:
    """A port as somebody typed it. Raises ArgumentTypeError for what is none."""
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        raise ArgumentTypeError(f"a port is a number from 1 to {LAST_PORT}, and not {text!r}")
    return int(text)


def free_port(wish: int = 0) -> int:
    """`wish` when it can be bound, else some free port of the loopback interface."""
    if wish and can_bind(wish):
        return wish
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def can_bind(port: int) -> bool:
    """True when a server may listen on `port` of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_free(port: int) -> bool:
    """True when no browser on this machine would find somebody else on `port`, by whichever loopback address."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            if probe.connect_ex((address, port)) == 0:
                return False
    return can_bind(port)


def running(pid: int, mark: Path) -> psutil.Process | None:
    """The living process `pid` if its command line names `mark`; None for zombies and for reused numbers."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and any(
            str(mark) in word for word in process.cmdline()
        )
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


def end_all(processes: list[Process], *, seconds: float) -> None:
    """Ask every process to stop, wait `seconds` altogether, then kill what is left of their sessions."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        kill_session(process)


def kill_session(process: Process) -> None:
    """Kill a process started by `spawn` with everything it started itself, even when it is dead already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
