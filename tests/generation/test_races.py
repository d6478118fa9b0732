"""Two runs at once equal one; a run whose worker is killed goes on and comes to the same end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connection

from agreements.models import ServiceAgreement
from orders.generation import run as generation_run
from orders.generation import start_generation
from orders.models import ServiceOrder, ServiceOrderLine
from orders.planning import Options
from servicemgmt.core.models import Run, RunChunk
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute, execute_to_end, progress
from tests.make_agreements import make_agreement, make_initial_stage, make_interval, make_line

pytestmark = pytest.mark.django_db(transaction=True)

YEAR = Options(Period(date(2026, 1, 1), date(2026, 12, 31)))


def contracts(count: int, lines: int = 2) -> list[ServiceAgreement]:
    make_initial_stage()
    made = [make_agreement(f"Agreement {n}") for n in range(count)]
    for agreement in made:
        for _n in range(lines):
            make_line(agreement, interval=make_interval("WEEK"))
    return made


def queued(agreements: list[ServiceAgreement]) -> Run:
    return start_generation([agreement.pk for agreement in agreements], YEAR, by=None, enqueue=False)


def created() -> list[tuple[int, date, date]]:
    rows = ServiceOrderLine.objects.order_by("agreement_line", "date_calculated")
    return list(rows.values_list("agreement_line", "date_calculated", "order__service_on"))


def undisturbed(agreements: list[ServiceAgreement]) -> list[tuple[int, date, date]]:
    """What one quiet run creates; taken away again."""
    execute_to_end(queued(agreements))
    found = created()
    ServiceOrderLine.objects.all().delete()
    ServiceOrder.objects.all().delete()
    return found


def test_two_runs_at_once_equal_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation_run, "CHUNK", 2)
    agreements = contracts(6)
    expected = undisturbed(agreements)
    runs = [queued(agreements), queued(list(reversed(agreements)))]
    start = Barrier(2)

    def work(run: Run) -> None:
        start.wait()
        execute(run.pk)
        connection.close()

    threads = [Thread(target=work, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert created() == expected
    assert sum(progress(run).counts.get("lines", 0) for run in runs) == len(expected)
    assert all(not progress(run).messages.get("ERROR") for run in runs)


def test_two_workers_on_one_run_do_each_piece_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation_run, "CHUNK", 1)
    agreements = contracts(6)
    expected = undisturbed(agreements)
    run = queued(agreements)

    def work() -> None:
        execute(run.pk)
        connection.close()

    threads = [Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert created() == expected
    run.refresh_from_db()
    assert run.status == "DONE" and progress(run).counts["lines"] == len(expected)


def test_a_run_whose_worker_is_killed_goes_on(
    start_celery_worker: Callable[..., "subprocess.Popen[str]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation_run, "CHUNK", 1)
    agreements = contracts(30)
    expected = undisturbed(agreements)
    run = start_generation([agreement.pk for agreement in agreements], YEAR, by=None, enqueue=False)
    # The pieces are cut here, where a piece is one agreement; the worker finds them cut.
    from servicemgmt.core.runs import KINDS
    from servicemgmt.core.runs.work import plan

    plan(run, KINDS[run.kind])
    worker = start_celery_worker("--pool=solo")
    from servicemgmt.core.tasks import execute_run

    execute_run.delay(run.pk)
    done = RunChunk.objects.filter(run=run, done_at__isnull=False)
    deadline = time.monotonic() + 60
    while done.count() < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    half = done.count()
    assert 3 <= half < 30, "killed in the middle"
    assert ServiceOrder.objects.values("agreement").distinct().count() == half
    execute_to_end(run)
    assert created() == expected and progress(run).counts["lines"] == len(expected)
