"""Loaded before everything else (`-p tests.plugin`): servers and environment for the run, then Django may start."""

import os

from servicemgmt.embedded import throwaway
from servicemgmt.embedded.folder import Folder

#: Names what this module has set. The processes of a parallel run inherit it, and start servers of their own.
OURS = "SERVICEMGMT_TEST_ENVIRONMENT"


def prepare_environment() -> Folder | None:
    """Point settings.py at servers nobody else uses, unless the environment names some. Returns their folder."""
    for name in os.environ.pop(OURS, "").split():
        del os.environ[name]
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
    # Playwright keeps an event loop in the main thread, where Django would refuse every query.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    if {"DATABASE_URL", "REDIS_URL"} <= set(os.environ):
        return None
    membership = throwaway.start()
    files = membership.folder.root / "files"
    (files / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
    ours = {**membership.urls, "DATA_DIR": str(files)}
    ours = {name: value for name, value in ours.items() if name not in os.environ}
    os.environ |= ours | {OURS: " ".join(ours)}
    return membership.folder


servers = prepare_environment()
