"""`manage.py plan_visits`: what the worker does each night: renew what renews by itself, then create the visits due."""

from typing import Any

from django.core.management.base import BaseCommand

from orders.generation import night
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.masterdata.queries import company_today


class Command(BaseCommand):
    help = (
        "Renew the agreements that renew by themselves and create the visits that are due within the horizon, as the "
        "worker does each night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        run = night(on=company_today(), enqueue=False)
        if run is None:
            self.stdout.write(
                "Nothing to plan: no horizon in the service parameters, or no agreement in force."
            )
            return
        done = execute_to_end(run)
        counts = progress(done).counts
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        self.stdout.write(f"Run {done.pk} {done.status}: {told or done.error or 'nothing to create'}")
