from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from redis.exceptions import RedisError

from servicemgmt import machine
from servicemgmt.embedded import child, commands
from servicemgmt.machine import Finding

OLDEST_POSTGRES = 150000
BEAT_IS_LATE = timedelta(minutes=2)


class Command(BaseCommand):
    """Looks at the machine, and at the configured servers where the environment names some. Changes nothing."""

    help = "Say what this machine lacks and which command mends it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=child.port, default=8000, help="the port the demo is to have")

    def handle(self, *, port: int, **options: Any) -> None:
        folder = commands.desk_folder()
        findings = [*machine.findings(folder)]
        findings += machine.desk_findings(folder, port) if commands.is_desk() else configured_servers()
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            mark = "ok" if finding.is_ok else "MISSING" if finding.is_needed else "note"
            self.stdout.write(f"{mark:<8} {finding.subject:<{width}}  {finding.text}")
        if any(finding.is_needed and not finding.is_ok for finding in findings):
            raise CommandError("Mend what is MISSING, then run 'manage.py doctor' again.")


def configured_servers() -> Iterator[Finding]:
    """DATABASE_URL and REDIS_URL: reachable, new enough, migrated, beat alive."""
    try:
        yield database()
        yield migrations()
    except DatabaseError as error:
        yield Finding("PostgreSQL", False, f"{str(error).strip()}: check DATABASE_URL")
    try:
        yield beat()
    except RedisError as error:
        yield Finding("Redis", False, f"{error}: check REDIS_URL")


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
    is_ok = number >= OLDEST_POSTGRES
    return Finding("PostgreSQL", is_ok, version if is_ok else f"{version} is too old: install 15 or newer")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    text = f"{pending} migrations to apply: run 'manage.py migrate'" if pending else "all applied"
    return Finding("Migrations", not pending, text)


def beat() -> Finding:
    last = cache.get("beat")
    is_alive = bool(last) and timezone.now() - datetime.fromisoformat(last) < BEAT_IS_LATE
    text = f"Redis answers; last heard of beat: {last or 'never'}"
    if not is_alive:
        text += "; start 'celery -A servicemgmt.celery beat' and a worker"
    return Finding("Beat", is_alive, text, is_needed=False)
