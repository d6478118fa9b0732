"""Which processes belong to a folder: for tests that nothing is left behind."""

import time
from pathlib import Path

import psutil


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
