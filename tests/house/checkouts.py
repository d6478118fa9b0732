"""Copies of the checkout and of its Python, for tests that run the project somewhere else or as somebody else."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from servicemgmt import bootstrap

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".data", "__pycache__", ".*_cache", ".hypothesis")
ONLY_FOR_TESTS = shutil.ignore_patterns(
    "mypy*", "playwright*", "hypothesis*", "djlint*", "pip*", "*pytest*", "ruff*"
)


def copy_checkout(target: Path) -> Path:
    """The source as it stands, without its environment and its data."""
    return Path(shutil.copytree(CHECKOUT, target, ignore=NOT_COPIED))


def copy_python(target: Path) -> tuple[str, dict[str, str]]:
    """This interpreter where everybody can reach it. Returns its path and the environment it needs to run there."""
    base = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    unneeded = shutil.ignore_patterns("test", "site-packages", "idlelib", "tkinter", "config-*")
    shutil.copytree(base / "lib" / version, target / "lib" / version, ignore=unneeded, symlinks=True)
    for library in (base / "lib").glob("libpython3*.so*"):
        shutil.copy(library, target / "lib", follow_symlinks=False)
    (target / "bin").mkdir()
    python = shutil.copy(Path(sys.executable).resolve(), target / "bin" / version)
    return str(python), {"LD_LIBRARY_PATH": str(target / "lib"), "HOME": "/nonexistent"}


def build_venv(checkout: Path, python: str, environment: dict[str, str]) -> None:
    """A complete .venv for the copy: this one's packages, linked and not installed again."""
    venv = checkout / ".venv"
    subprocess.run(
        [python, "-m", "venv", "--without-pip", str(venv)], check=True, env=os.environ | environment
    )
    ours = Path(bootstrap.VENV)
    packages = Path("lib") / Path(python).name / "site-packages"
    shutil.rmtree(venv / packages)
    shutil.copytree(ours / packages, venv / packages, ignore=ONLY_FOR_TESTS, copy_function=os.link)
    shutil.copy(bootstrap.STAMP, venv)


def hand_over(folder: Path) -> dict[str, Any]:
    """Give `folder` to nobody. Returns what makes Popen start a process as nobody."""
    nobody = pwd.getpwnam("nobody")
    for path in [folder, *folder.rglob("*")]:
        if ".venv" not in path.parts:  # linked files: the originals would change hands too
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
