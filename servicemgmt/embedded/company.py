"""Bring the database of a desk up to date: migrate, and when it is empty, seed the company."""

import contextlib
import fcntl
import sys
from collections.abc import Callable, Iterator

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from servicemgmt.embedded.folder import Folder


def say(sentence: str) -> None:
    """On stderr, so that a command's own output stays what it is."""
    print(sentence, file=sys.stderr, flush=True)


def prepare(folder: Folder, say: Callable[[str], None] = say) -> None:
    """Migrate and seed what needs it, one process at a time; the usual case costs two queries.

    Not for production, where somebody decides when to migrate and nobody wants a demonstration company.
    """
    from servicemgmt.seed import seed_company

    with one_at_a_time(folder):
        if is_behind():
            say("Migrating the database ...")
            call_command("migrate", verbosity=0, interactive=False)
        if is_empty():
            say("Seeding the company (once) ...")
            seed_company(at=timezone.now())


def is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_empty() -> bool:
    from servicemgmt.masterdata.models import Company

    return not Company.objects.exists()


@contextlib.contextmanager
def one_at_a_time(folder: Folder) -> Iterator[None]:
    with (folder.root / "company.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
