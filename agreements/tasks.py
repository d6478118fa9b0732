from celery import shared_task
from django.utils import timezone

from .renewal.run import start_renewing


@shared_task
def renew_due() -> None:
    start_renewing(on=timezone.localdate(), by=None)
