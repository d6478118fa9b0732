import os
import sys

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Become pytest: its output and its exit code are this command's. Arguments are passed on untouched."""

    help = "Run the whole suite on throw-away servers. Everything after 'test' goes to pytest."
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *argv[2:]])
