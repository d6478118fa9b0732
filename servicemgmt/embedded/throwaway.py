"""A folder of servers for one test run: in the temporary directory, not synced to disk, deleted with its last user."""

import os
import shutil
import tempfile
from pathlib import Path

from servicemgmt.embedded.folder import Folder, exclusively, is_locked
from servicemgmt.embedded.membership import Membership, join

PREFIX = "servicemgmt-throw-away-"


def start() -> Membership:
    """Join fresh servers that nobody else uses. The supervisor deletes them when this process has ended."""
    sweep()
    folder = Folder(Path(tempfile.mkdtemp(prefix=PREFIX)))
    folder.throwaway_mark.touch()
    return join(folder)


def sweep() -> None:
    """Delete what runs left behind whose process and supervisor were both killed."""
    for root in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        folder = Folder(root)
        if root.stat().st_uid != os.geteuid() or not folder.users_lock.exists():
            continue
        with exclusively(folder.users_lock) as alone:
            if alone and not is_locked(folder.supervisor_lock):
                shutil.rmtree(root, ignore_errors=True)
