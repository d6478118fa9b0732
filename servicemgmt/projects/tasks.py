from celery import shared_task

from servicemgmt.masterdata.queries import company_today

from .accruals.monthly import start_monthly


@shared_task
def recognise() -> None:
    start_monthly(on=company_today())
