from celery import shared_task

from . import runs


@shared_task
def execute_run(run_id: int) -> None:
    runs.execute(run_id)


@shared_task
def resume_runs() -> None:
    for run_id in runs.resume_unfinished():
        execute_run.delay(run_id)


@shared_task
def heartbeat() -> None:
    runs.beat()
