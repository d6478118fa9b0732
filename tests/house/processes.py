"""Processes that use a data folder, and which processes belong to one: for tests that nothing is left behind."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parents[2]
USER = """
import json, sys
from pathlib import Path
from servicemgmt.embedded.folder import Folder
from servicemgmt.embedded.membership import reset
from servicemgmt.embedded.membership import join
membership = join(Folder(Path(sys.argv[1])))
print(json.dumps(membership.urls), flush=True)
for line in sys.stdin:
    membership.keep()
    print("kept", flush=True)
"""


class User:
    """A process that uses the servers of a folder until it is told to leave."""

    def __init__(self, folder: Path, **popen) -> None:
        command = [sys.executable, "-c", USER, str(folder)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=CHECKOUT, **popen)
        self.urls = json.loads(self.process.stdout.readline())

    def keep(self) -> None:
        """What the demo does twice a second."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "kept\n"

    def leave(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=5)


def naming(folder: Path) -> list[psutil.Process]:
    """Living processes whose command line or environment names `folder`, this one and its ancestors excepted."""
    ours = {one.pid for one in psutil.Process().parents()} | {psutil.Process().pid}
    return [one for one in psutil.process_iter() if one.pid not in ours and _names(one, str(folder))]


def are_gone(folder: Path, *, within: float) -> bool:
    """True as soon as no process names `folder`; False when some still do after `within` seconds."""
    return until(lambda: not naming(folder), within=within)


def until(condition, *, within: float) -> bool:
    """Wait for `condition`, at most `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _names(process: psutil.Process, folder: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(folder in word for word in process.cmdline()) or folder in process.environ().get(
            "DATA_DIR", ""
        )
    except psutil.Error:
        return False
