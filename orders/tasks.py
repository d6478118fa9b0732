from celery import shared_task

from servicemgmt.core.tasks import PATIENT
from servicemgmt.masterdata.queries import company_today

from . import generation


@shared_task(**PATIENT)
def night() -> None:
    generation.night(on=company_today())
