from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from servicemgmt.masterdata.queries import company_zone

from .generation import start_nightly


@shared_task
def plan_visits() -> None:
    start_nightly(on=timezone.localdate(timezone=ZoneInfo(company_zone())))
