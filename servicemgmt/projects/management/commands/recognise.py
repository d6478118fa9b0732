"""`manage.py recognise`: recognise deferred revenue of the months that are over, as the worker does each month."""

from typing import Any

from django.core.management.base import BaseCommand

from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.accruals.monthly import start_monthly


class Command(BaseCommand):
    help = (
        "Recognise deferred revenue of the months that are over, as the worker does on its day of the month."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        run = start_monthly(on=company_today(), enqueue=False)
        if run is None:
            self.stdout.write(
                "Nothing to start: the project parameters name no day, or this month's run was started."
            )
            return
        done = execute_to_end(run)
        told = ", ".join(f"{count} {name}" for name, count in sorted(progress(done).counts.items()))
        self.stdout.write(f"Run {done.pk} {done.status}: {told or done.error or 'nothing is due'}")
