"""One PostgreSQL cluster: made once, started, found ready, stopped."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

from servicemgmt.embedded import binaries, child
from servicemgmt.embedded.account import Account
from servicemgmt.embedded.folder import Folder

NAME = "servicemgmt"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
#: Nothing is kept from a crash of the machine; and after a kill of the server, little of the log is to be read again.
NEED_NOT_SURVIVE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "checkpoint_timeout": "30s",
}


@dataclass(frozen=True)
class Postgres:
    """The cluster of one data folder, run by one account."""

    folder: Folder
    account: Account

    key = "postgres"
    stop_signal = signal.SIGINT  # fast shutdown: sessions end, the checkpoint is written
    stop_seconds = 20.0

    @property
    def mark(self) -> Path:
        return self.folder.postgres

    @property
    def log(self) -> Path:
        return self.folder.logs / "postgres.log"

    def url(self, port: int) -> str:
        return f"postgresql://{NAME}:{self.folder.secret('postgres.password')}@127.0.0.1:{port}/{NAME}"

    def make(self) -> None:
        """Create the cluster, our role and our database, all or nothing. Does nothing when it is there."""
        if (self.folder.postgres / "PG_VERSION").exists():
            self._refuse_other_version()
            self._refuse_lost_password()
            self.account.own(self.folder.postgres)
            return
        unborn = self.folder.root / "postgres.new"
        shutil.rmtree(unborn, ignore_errors=True)
        unborn.mkdir(mode=0o700)
        password_file = unborn.with_name("postgres.new.password")
        password_file.unlink(missing_ok=True)
        password = self.folder.secret("postgres.password")
        password_file.touch(mode=0o600)
        password_file.write_text(password, encoding="ascii")
        for path in (unborn, password_file):
            self.account.own(path)
        try:
            self._run(
                ["initdb", "-D", str(unborn), "-U", "postgres", f"--pwfile={password_file}"],
                ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"],
                ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"],
            )
            role = f"CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{password}';\n"
            self._run(
                ["postgres", "--single", "-D", str(unborn), "postgres"],
                stdin=f"{role}CREATE DATABASE {NAME} OWNER {NAME};\n",
            )
        finally:
            password_file.unlink()
        unborn.rename(self.folder.postgres)

    def command(self, port: int, throwaway: bool) -> list[str]:
        settings = SETTINGS | {"port": str(port)} | (NEED_NOT_SURVIVE if throwaway else {})
        words = [f"--{name}={value}" for name, value in settings.items()]
        return [str(binaries.postgres_bin() / "postgres"), "-D", str(self.folder.postgres), *words]

    def clear_leftovers(self) -> None:
        """End a server that outlived its supervisor; disown a pid file whose number now belongs to another process.

        PostgreSQL takes the pid of its parent for stale and goes on to check the shared memory the file names.
        Deleting the file would skip that check.
        """
        pid_file = self.folder.postgres / "postmaster.pid"
        try:
            pid, *rest = pid_file.read_text(encoding="ascii").splitlines()
        except (OSError, ValueError):
            return
        if process := child.running(int(pid), self.mark):
            child.end(process, self.stop_signal, self.stop_seconds)
        elif psutil.pid_exists(int(pid)):
            pid_file.write_text("\n".join([str(os.getpid()), *rest, ""]), encoding="ascii")

    def is_ready(self, port: int) -> bool:
        command = [str(binaries.postgres_bin() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, env=environment()).returncode == 0

    def _run(self, *command: list[str], stdin: str = "") -> None:
        program, *arguments = [word for part in command for word in part]
        done = subprocess.run(
            [*self.account.prefix, str(binaries.postgres_bin() / program), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd="/",
            env=environment(),
            **self.account.popen,
        )
        if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            raise SystemExit(f"{program} failed: {(done.stderr or done.stdout).strip()[-800:]}")

    def _refuse_lost_password(self) -> None:
        if not (self.folder.root / "postgres.password").exists():
            raise SystemExit(
                f"The password of the database in {self.folder.root} is lost: bring postgres.password back, "
                "or run 'manage.py demo --reset' to start over."
            )

    def _refuse_other_version(self) -> None:
        theirs = (self.folder.postgres / "PG_VERSION").read_text(encoding="ascii").strip()
        version = [str(binaries.postgres_bin() / "postgres"), "--version"]
        ours = (
            subprocess.run(version, capture_output=True, text=True, check=True)
            .stdout.split()[-1]
            .split(".")[0]
        )
        if theirs != ours:
            raise SystemExit(
                f"The data in {self.folder.postgres} was written by PostgreSQL {theirs}, and this is {ours}: dump it "
                "with the old version of the project and restore it, or run 'manage.py demo --reset'."
            )


def environment() -> dict[str, str]:
    """Nothing of the caller's language or PG* variables reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
