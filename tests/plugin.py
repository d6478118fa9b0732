"""Loaded before everything else (`-p tests.plugin`): servers and environment for the run, then Django may start."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from servicemgmt.embedded import throwaway
from servicemgmt.embedded.folder import Folder

#: Names what this module has set. The processes of a parallel run inherit it, and start servers of their own.
OURS = "SERVICEMGMT_TEST_ENVIRONMENT"


def prepare_environment() -> Folder | None:
    """Point settings.py at servers nobody else uses, unless the environment names some. Returns their folder."""
    for name in os.environ.pop(OURS, "").split():
        os.environ.pop(name, None)  # whoever starts a run inside a run may have taken it away
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # servers and workers are started a hundred times over
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
    # Playwright keeps an event loop in the main thread, where Django would refuse every query.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    if {"DATABASE_URL", "REDIS_URL"} <= set(os.environ):
        os.environ["DATA_DIR"] = os.environ.get("DATA_DIR") or own_folder()
        return None
    membership = throwaway.start()
    ours = {**membership.urls, "DATA_DIR": folder_in(membership.folder.root)}
    ours = {name: value for name, value in ours.items() if name not in os.environ}
    os.environ |= ours | {OURS: " ".join(ours)}
    return membership.folder


def own_folder() -> str:
    """A folder for the files of a run on foreign servers; goes with this process."""
    root = tempfile.mkdtemp(prefix="servicemgmt-files-")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return folder_in(Path(root))


def folder_in(root: Path) -> str:
    (root / "files" / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
    return str(root / "files")


servers = prepare_environment()
