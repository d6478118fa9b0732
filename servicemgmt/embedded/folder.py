"""The data folder: where the embedded servers keep their files, and the small files that processes agree by."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHECKOUT = Path(__file__).resolve().parent.parent.parent
DEFAULT = CHECKOUT / ".data"


@dataclass(frozen=True)
class Folder:
    """Names of everything in one data folder. Making one touches nothing; `prepare` does."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def users_lock(self) -> Path:
        """Shared: every process that uses the servers. Exclusive: whoever stops them or wipes the folder."""
        return self.root / "users.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Exclusive, for as long as a supervisor lives."""
        return self.root / "supervisor.lock"

    @property
    def state(self) -> Path:
        return self.root / "servers.json"

    @property
    def failure(self) -> Path:
        """The sentence a supervisor leaves behind that could not start."""
        return self.root / "failure.txt"

    @property
    def throwaway_mark(self) -> Path:
        """Present in folders that are deleted with their last user, and need not survive a power cut."""
        return self.root / "throw-away"

    def prepare(self) -> None:
        """Create the folder, for its owner only. Exits with a sentence where it belongs to somebody else."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self.users_lock.touch(mode=0o600)
            self.supervisor_lock.touch(mode=0o600)
        except PermissionError as error:
            raise SystemExit(
                f"{error.filename} belongs to another account: run this as that account, "
                f"or remove the folder with 'sudo rm -r {self.root}' to start over."
            ) from None
        except OSError as error:
            raise SystemExit(
                f"{self.root} cannot be written ({error.strerror}): set DATA_DIR to a folder that can."
            ) from None

    def read_state(self) -> dict[str, int]:
        """Process ids and ports of the running or last servers; empty where there never were any."""
        try:
            return json.loads(self.state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def write_state(self, state: dict[str, int]) -> None:
        fresh = self.state.with_suffix(".new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self.state)

    def secret(self, name: str) -> str:
        """The password or key kept in `name`, made at the first call; readable for the owner only."""
        path = self.root / name
        with contextlib.suppress(FileExistsError), open(path, "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()

    def wipe(self) -> None:
        """Delete everything but the lock files, which waiting processes have open."""
        for path in self.root.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path not in (self.users_lock, self.supervisor_lock):
                path.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def try_lock(file: IO[str], kind: int) -> bool:
    """Take the lock without waiting. False where somebody else has it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """True when some process holds `path` exclusively. Not for a file that is gone."""
    try:
        with path.open() as file:
            return not try_lock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def exclusively(path: Path) -> Iterator[bool]:
    """Hold `path` exclusively for the block; yields False where somebody else uses it."""
    with path.open("a") as file:
        yield try_lock(file, fcntl.LOCK_EX)
