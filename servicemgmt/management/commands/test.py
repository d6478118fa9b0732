import os
import sys

from django.core.management.base import BaseCommand

#: The whole suite takes every core and one process more, because each waits a good part of its time for its browser
#: and its servers. A part of it starts faster alone.
PROCESSES = min((os.cpu_count() or 1) + 1, 8)
PARALLEL = [f"--numprocesses={PROCESSES}", "--dist=worksteal"]


class Command(BaseCommand):
    """Become pytest: its output and its exit code are this command's. Arguments are passed on untouched."""

    help = "Run the whole suite on throw-away servers. Everything after 'test' goes to pytest."
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        foreign_servers = {"DATABASE_URL", "REDIS_URL"} & set(os.environ)
        arguments = argv[2:] or ([] if foreign_servers else PARALLEL)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])
