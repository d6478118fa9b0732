"""`manage.py move_objects`: let planned moves of service objects take effect, as the worker does every hour."""

from typing import Any

from django.core.management.base import BaseCommand

from agreements.operations import arrive
from servicemgmt.masterdata.queries import company_today


class Command(BaseCommand):
    help = (
        "Let moves of service objects that were planned for today take effect, as the worker does every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{arrive(today=company_today())} moved")
