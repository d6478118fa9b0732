from celery import shared_task

from servicemgmt.masterdata.queries import company_today

from .operations import arrive
from .renewal.run import start_renewing


@shared_task
def renew_due() -> None:
    start_renewing(on=company_today(), by=None)


@shared_task
def move_objects() -> None:
    arrive(today=company_today())
