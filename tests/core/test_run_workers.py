"""Several workers on one run, and workers that are killed."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection

from servicemgmt.core import tasks
from servicemgmt.core.models import Event, Run, RunChunk
from servicemgmt.core.models.run import RunStatus
from servicemgmt.core.runs import execute, progress, start_run
from tests.core.numbers import KIND, made, numbers_run

pytestmark = pytest.mark.usefixtures("numbers_kind")


def wait_for(condition: Callable[[], bool], *, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_two_threads_plan_once_and_share_the_pieces():
    run = numbers_run(60, width=3, seconds=0.01)
    errors: list[BaseException] = []

    def worker() -> None:
        try:
            execute(run.pk)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.refresh_from_db()
    assert not errors and run.status == RunStatus.DONE
    assert made() == set(range(60)) and run.chunks.count() == 20
    assert Event.objects.filter(run=run, action="run_finished").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_repeats_nothing(start_celery_worker):
    first = start_celery_worker("--include=tests.core.kinds")
    run = start_run(KIND, by=None, parameters={"upto": 120, "width": 4, "seconds": 0.1})
    wait_for(lambda: progress(run).done >= 20)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_for(lambda: not backends_at_work())
    state = progress(run)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING and 20 <= state.done < 120
    assert len(made()) == state.done == state.counts["made"], (
        "a piece and the mark that it is done stand together"
    )
    cache.delete(f"run-alive:{run.pk}")  # ninety seconds later
    start_celery_worker("--include=tests.core.kinds")
    tasks.resume_runs()
    wait_for(lambda: Run.objects.get(pk=run.pk).is_over)
    assert Run.objects.get(pk=run.pk).status == RunStatus.DONE
    assert made() == set(range(120)) and progress(run).counts == {"made": 120}
    assert Event.objects.filter(run=run, action="run_finished").count() == 1


def backends_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND state <> 'idle' AND pid <> pg_backend_pid() AND backend_type = 'client backend')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_run(start_celery_worker):
    for name in ("one", "two"):
        start_celery_worker("--include=tests.core.kinds", f"--hostname={name}@test")
    run = start_run(KIND, by=None, parameters={"upto": 90, "width": 3, "seconds": 0.1})
    tasks.execute_run.delay(run.pk)
    wait_for(lambda: Run.objects.get(pk=run.pk).is_over)
    assert made() == set(range(90)) and progress(run).counts == {"made": 90}
    assert len(set(run.messages.values_list("text", flat=True))) == 2, "both had a hand in it"
    assert not RunChunk.objects.filter(run=run, done_at=None).exists()
