from celery import shared_task

from servicemgmt.masterdata.queries import company_today

from .renewal.run import start_renewing


@shared_task
def renew_due() -> None:
    start_renewing(on=company_today(), by=None)
