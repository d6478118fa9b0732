"""Bring the database of a desk up to date: migrate, and when it is empty, seed the company."""

import contextlib
import fcntl
import importlib.util
import sys
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from servicemgmt.embedded.folder import Folder

UNFINISHED = "unfinished_seeding"
"""An empty table that stands in the database while it is being seeded, and tells when that was cut short."""


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def prepare(folder: Folder, say: Callable[[str], None] = say) -> None:
    """Migrate and seed what needs it; the usual case costs two queries.

    One process at a time. A seeding that was killed half-way is undone and done again.
    """
    with _one_at_a_time(folder):
        if _was_interrupted():
            say("The last seeding was interrupted; starting over with an empty database ...")
            _execute("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        if _is_behind():
            say("Migrating the database ...")
            call_command("migrate", verbosity=0, interactive=False)
        if _is_empty() and (seed := seed_module()):
            say("Seeding the company (once) ...")
            _execute(f"CREATE TABLE {UNFINISHED} ()")
            seed.seed_company(at=timezone.now())
            _execute(f"DROP TABLE {UNFINISHED}")


def seed_module() -> Any:
    """servicemgmt.seed: `seed_company(at=...)` and LOGINS."""
    if importlib.util.find_spec("servicemgmt.seed"):
        return importlib.import_module("servicemgmt.seed")
    return None


def _is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _is_empty() -> bool:
    from servicemgmt.masterdata.models import Company

    return not Company.objects.exists()


def _was_interrupted() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [UNFINISHED])
        return bool(cursor.fetchone()[0])


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextlib.contextmanager
def _one_at_a_time(folder: Folder) -> Iterator[None]:
    with (folder.root / "company.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
