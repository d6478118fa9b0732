from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from . import documents, mail, runs

#: A task that finds the database gone for a moment tries again.
PATIENT: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_backoff": 5,
    "retry_backoff_max": 120,
    "max_retries": 5,
}


@shared_task(bind=True, **PATIENT)
def execute_run(self: Any, run_id: int) -> None:
    runs.execute(run_id)


@shared_task
def resume_runs() -> None:
    for run_id in runs.resume_unfinished():
        execute_run.delay(run_id)


@shared_task
def keep_documents(code: str, keys: list[int]) -> None:
    documents.make_documents(code, keys)


@shared_task
def send_mails() -> None:
    mail.send_due(at=timezone.now())


@shared_task
def heartbeat() -> None:
    runs.beat()
