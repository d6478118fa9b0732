import os
import secrets
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from servicemgmt.embedded.folder import CHECKOUT

PYTHON = [sys.executable, "-m"]
DEVELOPMENT = {"DEBUG": "1"}
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "service.example.com",
    # Neither check talks to a server; this address makes sure of it.
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration history:RuntimeWarning",
}
CHECKS = {
    "format": (["ruff", "format", "--check", "."], DEVELOPMENT),
    "rules": (["ruff", "check", "."], DEVELOPMENT),
    "types": (["mypy"], DEVELOPMENT),
    "templates": (["djlint", "--check", "templates"], DEVELOPMENT),
    "markup": (["djlint", "--lint", "templates"], DEVELOPMENT),
    "migrations": (["django", "makemigrations", "--check", "--dry-run"], PRODUCTION),
    "deployment": (["django", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
}
FIXES = {
    "rules": (["ruff", "check", "--fix", "--quiet", "--exit-zero", "."], DEVELOPMENT),
    "format": (["ruff", "format", "."], DEVELOPMENT),
    "templates": (["djlint", "--reformat", "--quiet", "templates"], DEVELOPMENT),
}


class Command(BaseCommand):
    """Everything about the source that a program can judge. The same here and in .ci/run."""

    help = "Check format, rules, types, templates, migrations and the deployment settings."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checks", nargs="*", help=f"only these: {', '.join(CHECKS)}")
        parser.add_argument("--fix", action="store_true", help="first mend what can be mended by a program")

    def handle(self, *, checks: list[str], fix: bool, **options: Any) -> None:
        if unknown := set(checks) - set(CHECKS):
            raise CommandError(f"No such check: {', '.join(sorted(unknown))}. There are {', '.join(CHECKS)}.")
        for name in FIXES if fix else ():
            run(*FIXES[name])
        failed = [name for name in checks or CHECKS if not self.passes(name)]
        if failed:
            raise CommandError(f"Not in order: {', '.join(failed)}.")

    def passes(self, name: str) -> bool:
        done = run(*CHECKS[name])
        self.stdout.write(f"{name}: {'failed' if done.returncode else 'ok'}")
        if done.returncode:
            self.stdout.write(done.stdout.strip())
        return done.returncode == 0


def run(command: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PYTHON, *command],
        cwd=CHECKOUT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
