"""`manage.py plan_visits`: create the visits that are due within the horizon, as the worker does each night."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand
from django.utils import timezone

from orders.generation import start_nightly
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.masterdata.queries import company_zone


class Command(BaseCommand):
    help = "Create the visits of agreements that are due within the horizon, as the worker does each night."

    def handle(self, *args: Any, **options: Any) -> None:
        run = start_nightly(on=timezone.localdate(timezone=ZoneInfo(company_zone())), enqueue=False)
        if run is None:
            self.stdout.write(
                "Nothing to plan: no horizon in the service parameters, or no agreement in force."
            )
            return
        done = execute_to_end(run)
        counts = progress(done).counts
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        self.stdout.write(f"Run {done.pk} {done.status}: {told or done.error or 'nothing to create'}")
