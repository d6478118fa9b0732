"""The processes of the demo: web server, Celery worker, beat. Started together, watched, stopped together."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from servicemgmt.embedded import child
from servicemgmt.embedded.folder import CHECKOUT, Folder, try_lock

TOO_SOON = 5.0
STOP_SECONDS = 4.0
ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges:UserWarning"


@dataclass(frozen=True)
class Role:
    """One kind of process. `alone_by` names a lock file where only one per data folder may run (beat)."""

    name: str
    command: list[str]
    dies_by: signal.Signals
    alone_by: str = ""


def roles(port: int, folder: Folder) -> list[Role]:
    """The three processes, with the command lines that production uses too."""
    celery = ["celery", "--app=servicemgmt.celery", "--quiet"]
    own_name = f"--hostname=demo-{os.getpid()}@%h"  # a second demo on the same data has a worker too
    worker = [
        *celery,
        "worker",
        own_name,
        "--queues=default,runs,documents",
        "--concurrency=2",
        "--loglevel=INFO",
    ]
    schedule = f"--schedule={folder.root / 'celerybeat-schedule'}"
    beat = [*celery, "beat", schedule, "--pidfile=", "--loglevel=INFO"]
    return [
        Role("web", web(port), signal.SIGTERM),
        # A worker that is killed loses nothing: its tasks are delivered again, and the database guards the results.
        Role("worker", worker, signal.SIGKILL),
        Role("beat", beat, signal.SIGTERM, "beat.lock"),
    ]


def web(port: int) -> list[str]:
    """Granian with one thread per process: the database connection belongs to the thread."""
    return [
        *("granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--no-ws"),
        *("--workers=2", "--blocking-threads=1", "--workers-kill-timeout=3", "servicemgmt.wsgi:application"),
    ]


@dataclass
class Party:
    """The running processes, by role."""

    folder: Folder
    roles: list[Role]
    say: Callable[[str], None]
    processes: dict[str, child.Process] = field(default_factory=dict)
    born: dict[str, float] = field(default_factory=dict)
    locks: ExitStack = field(default_factory=ExitStack)
    held: set[str] = field(default_factory=set)

    def tend(self, only: str = "") -> None:
        """Start every role that does not run. Raises SystemExit for one that fails as soon as it is started."""
        for role in self.roles:
            if only and role.name != only:
                continue
            process = self.processes.get(role.name)
            if process and process.poll() is None:
                continue
            if process:
                self.mourn(role, process)
            if self.may_run(role):
                self.start(role)

    def mourn(self, role: Role, process: child.Process) -> None:
        child.kill_session(process)
        log = self.folder.logs / f"{role.name}.log"
        failed_by_itself = process.returncode >= 0  # and was not killed
        if failed_by_itself and time.monotonic() - self.born[role.name] < TOO_SOON:
            tail = log.read_text(encoding="utf-8", errors="replace")[-1500:].strip()
            raise SystemExit(
                f"The {role.name} process ended with code {process.returncode}; the end of {log}:\n{tail}"
            )
        self.say(
            f"The {role.name} process ended with code {process.returncode}; starting it again (see {log})."
        )

    def may_run(self, role: Role) -> bool:
        if not role.alone_by or role.alone_by in self.held:
            return True
        lock = (self.folder.root / role.alone_by).open("a")
        if not try_lock(lock, fcntl.LOCK_EX):
            lock.close()
            return False
        self.locks.push(lock)
        self.held.add(role.alone_by)
        return True

    def start(self, role: Role) -> None:
        self.born[role.name] = time.monotonic()
        self.processes[role.name] = child.spawn(
            [sys.executable, "-m", *role.command],
            log=self.folder.logs / f"{role.name}.log",
            env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ROOT_IS_FINE},
            dies_by=role.dies_by,
            cwd=CHECKOUT,
        )

    def stop(self) -> None:
        """Stop all of them, politely for a few seconds."""
        child.end_all(list(self.processes.values()), seconds=STOP_SECONDS)
        self.locks.close()
