from typing import Any

from django.core.management.base import BaseCommand

from servicemgmt.embedded import commands, company


class Command(BaseCommand):
    """What the demo does before it starts its processes. Where DATABASE_URL is set, that database is used."""

    help = "Migrate the database and, when it is empty, seed the demonstration company."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        folder = commands.desk_folder()
        folder.prepare()
        company.prepare(folder, self.say)

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
