from celery import shared_task

from servicemgmt.masterdata.queries import company_today

from .operations import arrive


@shared_task
def move_objects() -> None:
    arrive(today=company_today())
