"""Under which account the servers run. PostgreSQL refuses to run as root, so root has to become somebody else."""

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

UNPRIVILEGED = ("postgres", "nobody")
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Account:
    """How to start a process as this account, and who must own the files it writes."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    popen: dict[str, Any] = field(default_factory=dict)

    def wrap(self, command: list[str], *, dies_by: signal.Signals) -> list[str]:
        """The command as this account runs it for long.

        Entering a user namespace clears the wish to die with the parent, so it is stated once more inside.
        """
        inside = ["setpriv", "--pdeathsig", dies_by.name.removeprefix("SIG")] if self.prefix else []
        return [*self.prefix, *inside, *command]

    def open_way(self, data: Path) -> None:
        """Let this account pass through `data` (0711) to what it owns inside, if it is another one than ours."""
        data.chmod(0o711 if self.uid != os.geteuid() else 0o700)

    def own(self, path: Path) -> None:
        """Hand `path`, and whatever is inside it, to this account. Costs one stat when it is so already."""
        if os.geteuid() != 0 or path.stat().st_uid == self.uid:
            return
        for name in [path, *path.rglob("*")]:
            os.chown(name, self.uid, self.gid, follow_symlinks=False)


def choose(executable: Path, data: Path) -> Account:
    """Ourselves; for root an existing account that reaches the binaries and the data, else a user namespace.

    Another account needs `data` open for passing through; `open_way` sees to that. Raises SystemExit with a sentence
    where nothing works.
    """
    ourselves = Account(os.geteuid(), os.getegid())
    if ourselves.uid != 0:
        return ourselves
    for entry in _known(UNPRIVILEGED):
        popen = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        if _can(popen, "-x", executable) and _can(popen, "-x", data.parent):
            return Account(entry.pw_uid, entry.pw_gid, popen=popen)
    if (
        shutil.which("setpriv")
        and shutil.which("unshare")
        and subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0
    ):
        return Account(0, 0, prefix=NAMESPACE)
    raise SystemExit(
        f"PostgreSQL does not run as root, and no other account can reach {data.parent}: run this as an ordinary "
        "user, or move the checkout to a folder that everybody may enter (such as /srv)."
    )


def _known(names: tuple[str, ...]) -> list[pwd.struct_passwd]:
    entries = []
    for name in names:
        try:
            entries.append(pwd.getpwnam(name))
        except KeyError:
            continue
    return entries


def _can(popen: dict[str, Any], test: str, path: Path) -> bool:
    done = subprocess.run(["test", test, str(path)], capture_output=True, cwd="/", **popen)
    return done.returncode == 0
