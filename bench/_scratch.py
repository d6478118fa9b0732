"""A database of its own with a small demonstration company, gone at the end of the block."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from servicemgmt.seed import seed_company
from servicemgmt.seed.days import FORTNIGHT

NAME = "servicemgmt_bench"


@contextmanager
def scratch_company() -> Iterator[None]:
    """Everything in the block happens in a fresh database beside the configured one; documents are not made."""
    home = str(connection.settings_dict["NAME"])
    recreate(home, make=True)
    try:
        call_command("migrate", verbosity=0)
        seed_company(at=timezone.now(), span=FORTNIGHT)
        yield
    finally:
        recreate(home, make=False)


def recreate(home: str, *, make: bool) -> None:
    connection.close()
    connection.settings_dict["NAME"] = home
    with connection.cursor() as cursor:
        # Not WITH (FORCE): that may not end autovacuum, which makes way by itself.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = user",
            [NAME],
        )
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        if make:
            cursor.execute(f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8'")
    connection.close()
    connection.settings_dict["NAME"] = NAME if make else home
