from celery import shared_task

from servicemgmt.masterdata.queries import company_today

from . import generation


@shared_task
def night() -> None:
    generation.night(on=company_today())
