"""Use the embedded servers from this process: join, read the two URLs, leave. The last one to leave stops them."""

import atexit
import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import IO

from servicemgmt.embedded import binaries, child, stopping
from servicemgmt.embedded.account import Account
from servicemgmt.embedded.folder import CHECKOUT, Folder, is_locked, try_lock
from servicemgmt.embedded.postgres import Postgres
from servicemgmt.embedded.valkey import Valkey

JOIN_SECONDS = 90.0
LEAVE_SECONDS = 30.0
RESET_SECONDS = 5.0

current: "Membership | None" = None
"""This process's share; None where the environment names other servers, or none are needed."""

started: list[child.Process] = []  # kept until they end, because nobody waits for a supervisor


@dataclass
class Membership:
    """This process's share in the servers of one folder. The system ends it with the process, however that dies."""

    folder: Folder
    lock: IO[str]
    pid: int

    @property
    def urls(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL of the running servers."""
        state, nobody = self.folder.read_state(), Account(os.geteuid(), os.getegid())
        return {
            "DATABASE_URL": Postgres(self.folder, nobody).url(state["postgres_port"]),
            "REDIS_URL": Valkey(self.folder, nobody).url(state["valkey_port"]),
        }

    def keep(self) -> None:
        """See to it that a supervisor runs and has both servers ready. Raises SystemExit with its last words."""
        started[:] = [process for process in started if process.poll() is None]
        deadline, supervisor = time.monotonic() + JOIN_SECONDS, None
        while not is_ready(self.folder):
            if time.monotonic() > deadline:
                raise SystemExit(
                    f"The servers did not start in {JOIN_SECONDS:.0f} s; see {self.folder.logs}."
                )
            if supervisor and supervisor.poll() is not None:
                if self.folder.failure.exists():
                    raise SystemExit(self.folder.failure.read_text(encoding="utf-8"))
                supervisor = None
            if not supervisor and not is_locked(self.folder.supervisor_lock):
                self.folder.failure.unlink(missing_ok=True)
                supervisor = start_supervisor(self.folder)
            stopping.pause(0.05)

    def leave(self) -> None:
        """Give up the share. Whoever was last waits until both servers have stopped."""
        if self.lock.closed or self.pid != os.getpid():
            return
        was_last = try_lock(self.lock, fcntl.LOCK_EX)
        self.lock.close()
        if was_last:
            self.await_stop()
        for supervisor in started:
            if supervisor.poll() is None:
                supervisor.returncode = 0  # it outlives us on purpose; subprocess need not warn of it

    def await_stop(self) -> None:
        """Return when the supervisor has ended, or has got another user meanwhile."""
        noticed, deadline = time.monotonic() + 2, time.monotonic() + LEAVE_SECONDS
        while is_locked(self.folder.supervisor_lock) or any(process.poll() is None for process in started):
            joined_by_another = is_ready(self.folder) and time.monotonic() > noticed
            if joined_by_another or time.monotonic() > deadline:
                return
            time.sleep(0.05)


def is_ready(folder: Folder) -> bool:
    """True when the supervisor that announced the servers is alive."""
    state = folder.read_state()
    return bool(state.get("ready")) and child.running(state["supervisor_pid"], folder.root) is not None


def start_supervisor(folder: Folder) -> child.Process:
    """Start the supervisor in a session of its own: it outlives this process as long as others need it."""
    with (folder.logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "servicemgmt.embedded.supervisor", str(folder.root)],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    started.append(process)
    return process


def join(folder: Folder) -> Membership:
    """Take a share in the servers of `folder`, starting them if need be. Left at exit at the latest.

    Raises SystemExit with a sentence where they cannot run here.
    """
    global current
    try:
        binaries.postgres_bin()
        binaries.valkey_server()
    except binaries.Missing as error:
        raise SystemExit(str(error)) from None
    folder.prepare()
    lock = folder.users_lock.open("a")
    while not try_lock(lock, fcntl.LOCK_SH):  # a supervisor is stopping the servers
        stopping.pause(0.05)
    current = Membership(folder, lock, os.getpid())
    atexit.register(current.leave)
    current.keep()
    return current


def leave() -> None:
    """Give up this process's share, if it has one."""
    if current:
        current.leave()


def reset(folder: Folder) -> None:
    """Delete everything in `folder`. Exits with a sentence while another process uses it."""
    with folder.users_lock.open("a") as users:
        # A supervisor that is stopping its servers has the lock for a moment.
        deadline = time.monotonic() + RESET_SECONDS
        while not try_lock(users, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                sentence = f"Another process is using {folder.root}: stop it first, then run this again."
                raise SystemExit(sentence)
            time.sleep(0.1)
        supervisor = folder.read_state().get("supervisor_pid", 0)
        if process := child.running(supervisor, folder.root):
            child.end(process, signal.SIGTERM, LEAVE_SECONDS)
        folder.wipe()
