"""`manage.py renew`: renew agreements that are due and remind of those that end, as the worker does every night."""

from typing import Any

from django.core.management.base import BaseCommand

from agreements.renewal.run import start_renewing
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.masterdata.queries import company_today


class Command(BaseCommand):
    help = "Renew agreements that are due and remind of those that end, as the worker does every night."

    def handle(self, *args: Any, **options: Any) -> None:
        run = execute_to_end(start_renewing(on=company_today(), by=None, enqueue=False))
        counts = progress(run).counts
        self.stdout.write(f"{counts.get('renewed', 0)} renewed, {counts.get('reminded', 0)} reminded")
