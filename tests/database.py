"""Migrating an empty database takes Django many seconds. A run that finds the dump of an earlier one loads that.

Only on the embedded servers, and only while no migration, and nothing a migration imports from the project, has
changed. `--create-db` migrates in any case. The dump lives in pytest's cache, so `--cache-clear` removes it.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import psycopg
from django.db import connection

from servicemgmt.embedded import binaries

CHECKOUT = Path(__file__).resolve().parents[1]
IMPORT = re.compile(
    r"^(?:from|import) ((?:servicemgmt|agreements|subscriptions|orders|dispatch|reporting)\.[\w.]+)", re.M
)
PLAIN = ["--no-owner", "--no-privileges", "--no-comments", "--format=plain"]


def fingerprint() -> str:
    """The same for as long as migrating would give the same database."""
    total = hashlib.sha256()
    for path in sorted(sources()):
        total.update(path.relative_to(CHECKOUT).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def sources() -> Iterator[Path]:
    """The lock file, every migration, and the modules they import from the project."""
    yield CHECKOUT / "requirements.lock"
    migrations = [*CHECKOUT.glob("*/migrations/*.py"), *CHECKOUT.glob("servicemgmt/*/migrations/*.py")]
    yield from migrations
    names = {name for path in migrations for name in IMPORT.findall(path.read_text(encoding="utf-8"))}
    modules = {CHECKOUT / f"{name.replace('.', '/')}.py" for name in names}
    yield from (path for path in modules if path.exists())


def load(dump: Path, settings: dict[str, Any], name: str) -> bool:
    """Make database `name` out of the dump. False where there is no dump, or it does not load."""
    if not dump.exists():
        return False
    environment = address(settings)
    with psycopg.connect(dbname=settings["NAME"], autocommit=True, **keywords(settings)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
        options = [
            "--quiet",
            "--no-psqlrc",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={dump}",
        ]
        done = subprocess.run([program("psql"), *options, name], env=environment, capture_output=True)
        if done.returncode:
            connection.execute(f'DROP DATABASE "{name}"')
    return done.returncode == 0


def save(dump: Path, settings: dict[str, Any], name: str) -> None:
    """Dump database `name`, and forget the dumps of other migrations."""
    fresh = dump.with_suffix(f".{os.getpid()}")
    command = [program("pg_dump"), *PLAIN, f"--file={fresh}", name]
    subprocess.run(command, env=address(settings), check=True, capture_output=True)
    for old in dump.parent.glob("*.sql"):
        old.unlink(missing_ok=True)
    fresh.rename(dump)


def program(name: str) -> str:
    return str(binaries.postgres_bin() / name)


def keywords(settings: dict[str, Any]) -> dict[str, Any]:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {keyword: settings[name] for keyword, name in names.items()}


def address(settings: dict[str, Any]) -> dict[str, str]:
    """The environment that leads psql and pg_dump to the server; a password has no place on a command line."""
    return os.environ | {f"PG{keyword.upper()}": str(value) for keyword, value in keywords(settings).items()}


#: What a migrated database holds before anybody has done anything.
KEPT = ("auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations")


def kept() -> Any:
    """What stands in those tables, in short."""
    with connection.cursor() as cursor:
        sums = ", ".join(
            f"(SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {name} t)" for name in KEPT
        )
        cursor.execute(f"SELECT {sums}")
        return cursor.fetchone()


@contextmanager
def frozen_rows_may_go() -> Iterator[None]:
    """Let TRUNCATE empty tables of frozen rows meanwhile; see `core.guards`."""
    with connection.cursor() as cursor:
        cursor.execute("SET servicemgmt.may_empty = 'on'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET servicemgmt.may_empty")


def empty() -> None:
    """Delete what a test left, in the tables that hold something: emptying all of them takes many times as long.

    Waits for whoever is still writing. The superuser of our own servers does it, past triggers and foreign keys.
    """
    settings = connection.settings_dict
    as_superuser = keywords(settings) | {"user": "postgres", "dbname": settings["NAME"]}
    with psycopg.connect(**as_superuser) as superuser:
        while superuser.execute(WRITING).fetchone():
            sleep(0.02)
        names = [name for (name,) in superuser.execute(TABLES) if name not in KEPT]
        questions = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
        full = superuser.execute(" UNION ALL ".join(questions)).fetchall()
        deletes = [f"DELETE FROM {name}" for (name,) in full]
        superuser.execute("; ".join(["SET LOCAL session_replication_role = replica", *deletes]))


def forget_numbers() -> None:
    """Let numbers of projects, orders and the rest begin at 1 again: what counts them outlives the rows it was for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(sequencename) FROM pg_sequences WHERE starts_with(sequencename, 'number_')"
        )
        if names := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"DROP SEQUENCE {', '.join(names)}")


TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
WRITING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' AND state <> 'idle'
"""


def end_other_sessions() -> None:
    """Disconnect whoever else is in the database of the tests."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = user"
        )
