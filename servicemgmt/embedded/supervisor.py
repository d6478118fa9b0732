"""The process that owns the two servers: `python -m servicemgmt.embedded.supervisor FOLDER`.

It starts them, restarts one that was killed on the port it had, and stops both when no process holds the shared
lock of the folder any more. Killed itself, it takes the servers along (Linux), or the next one ends them.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from servicemgmt.embedded import account, binaries, child
from servicemgmt.embedded.folder import Folder, try_lock
from servicemgmt.embedded.postgres import Postgres, environment
from servicemgmt.embedded.valkey import Valkey

START_SECONDS = 60.0
TRIES = 10
PAUSE = 0.2

type Server = Postgres | Valkey


class Supervisor:
    """The servers of one folder and the processes they run in."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.throwaway = folder.throwaway_mark.exists()
        self.processes: dict[str, child.Process] = {}
        self.state = {name: value for name, value in folder.read_state().items() if name != "ready"}
        folder.write_state(self.state)
        runs_as = account.choose(binaries.postgres_bin() / "postgres", folder.root)
        runs_as.open_way(folder.root)
        self.servers: list[Server] = [Postgres(folder, runs_as), Valkey(folder, runs_as)]

    def start(self) -> None:
        """Bring up both servers and tell the waiting processes. Raises SystemExit where one does not come."""
        for server in self.servers:
            server.make()
            self.launch(server)
        for server in self.servers:
            self.await_ready(server)
        self.announce()

    def launch(self, server: Server) -> None:
        """Start the process, on the port it had before when that is free; do not wait for it."""
        server.clear_leftovers()
        port = child.free_port(self.state.get(f"{server.key}_port", 0))
        process = child.spawn(
            server.account.wrap(server.command(port, self.throwaway), dies_by=server.stop_signal),
            log=server.log,
            env=environment(),
            dies_by=server.stop_signal,
            **server.account.popen,
        )
        self.processes[server.key] = process
        self.state |= {f"{server.key}_port": port, f"{server.key}_pid": process.pid}
        self.folder.write_state(self.state)

    def await_ready(self, server: Server) -> None:
        """Wait until it answers. After a kill its predecessor's memory may be in use for a moment: try again."""
        deadline, tries = time.monotonic() + START_SECONDS, 1
        while not server.is_ready(self.state[f"{server.key}_port"]):
            died = self.processes[server.key].poll() is not None
            if time.monotonic() > deadline or (died and tries == TRIES):
                tail = server.log.read_text(encoding="utf-8", errors="replace")[-800:].strip()
                raise SystemExit(f"{server.key} did not start; the end of {server.log}:\n{tail}")
            time.sleep(0.3 if died else 0.02)
            if died:
                self.launch(server)
                tries += 1

    def announce(self) -> None:
        self.folder.write_state(self.state | {"supervisor_pid": os.getpid(), "ready": 1})

    def revive(self) -> None:
        """Start again what has died. A killed PostgreSQL recovers from its log; its port stays the same."""
        for server in self.servers:
            if self.processes[server.key].poll() is not None:
                self.launch(server)
                self.await_ready(server)
                self.announce()

    def stop(self) -> None:
        """End both servers, in good order, and leave only the ports to remember."""
        self.folder.write_state(self.state)
        running = [
            (server, self.processes[server.key]) for server in self.servers if server.key in self.processes
        ]
        for server, process in running:
            process.send_signal(server.stop_signal)
        for server, process in running:
            try:
                process.wait(server.stop_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        ports = {name: value for name, value in self.state.items() if name.endswith("_port")}
        self.folder.write_state(ports)


def take(lock: IO[str]) -> bool:
    """Become the supervisor. Tries for a moment, because processes that only ask hold the lock for a moment."""
    for _ in range(10):
        if try_lock(lock, fcntl.LOCK_EX):
            return True
        time.sleep(0.02)
    return False


def supervise(folder: Folder) -> None:
    """Run the servers until the last user has gone. Returns at once when another supervisor has the folder."""
    asked_to_stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda signum, _frame: asked_to_stop.append(signum))
    for signum in (signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    with folder.supervisor_lock.open("a") as own_lock, folder.users_lock.open("a") as users:
        if not take(own_lock):
            return
        if try_lock(users, fcntl.LOCK_EX):
            return  # whoever wanted servers has gone already
        folder.failure.unlink(missing_ok=True)
        supervisor = None
        try:
            supervisor = Supervisor(folder)
            supervisor.start()
            # Holding the users' lock exclusively from here on keeps newcomers waiting until both have stopped.
            while not asked_to_stop and not try_lock(users, fcntl.LOCK_EX):
                time.sleep(PAUSE)
                supervisor.revive()
        except (SystemExit, binaries.Missing, OSError) as error:
            folder.failure.write_text(str(error), encoding="utf-8")
        finally:
            if supervisor:
                supervisor.stop()
            if folder.throwaway_mark.exists() and not folder.failure.exists():
                shutil.rmtree(folder.root, ignore_errors=True)


if __name__ == "__main__":
    supervise(Folder(Path(sys.argv[1])))
