"""Two runs at once equal one; a run whose worker is killed goes on and comes to the same end."""

import os
import signal
import subprocess
import time as clock
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from agreements.models import ItemSetup, ServiceAgreement
from agreements.operations import relate_object, relate_task
from orders.generation import run as generation_run
from orders.generation import start_generation
from orders.models import ServiceOrder, ServiceOrderLine
from orders.planning import Options
from servicemgmt.core.models import Run, RunChunk
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute, execute_to_end, progress
from servicemgmt.inventory.models import OnHand
from servicemgmt.projects.models import ItemRequirement, LineKind
from tests import make_money
from tests.make_agreements import (
    make_agreement,
    make_initial_stage,
    make_interval,
    make_line,
    make_object,
    make_sla,
    make_task,
)

pytestmark = pytest.mark.django_db(transaction=True)

YEAR = Options(Period(date(2026, 1, 1), date(2026, 12, 31)))


def contracts(count: int, lines: int = 2) -> list[ServiceAgreement]:
    make_initial_stage()
    make_money.warehouse()
    sla, task, weekly = make_sla(), make_task(), make_interval("WEEK")
    made = [make_agreement(f"Agreement {n}", sla=sla) for n in range(count)]
    for agreement in made:
        lift = relate_object(agreement.pk, make_object(), by=None)
        oil = relate_task(agreement.pk, task, by=None)
        hours = {"visit_from": time(8), "visit_until": time(12), "sales_price": Decimal(30)}
        make_line(agreement, interval=weekly, object_relation=lift, task_relation=oil, **hours)
        for _n in range(lines - 1):
            make_line(agreement, LineKind.ITEM, interval=weekly, item_setup=ItemSetup.REQUIREMENT)
    return made


def queued(agreements: list[ServiceAgreement]) -> Run:
    return start_generation([agreement.pk for agreement in agreements], YEAR, by=None, enqueue=False)


#: What makes lines and their orders, but for keys, numbers and the time of the run.
CREATED = [
    "agreement_line", "date_calculated", "date_range_from", "date_range_to", "line_number", "quantity",
    "cost_price", "sales_price", "line_property", "price_reason",
    "object_relation__service_object", "task_relation__service_task",
    "order__service_on", "order__site", "order__promised_window", "order__sla", "order__deadline",
    "order__time_logs__started_at",
]  # fmt: skip
NEEDED = ["project", "item", "needed_on", "quantity", "sales_price", "warehouse"]


def created() -> list[tuple[Any, ...]]:
    """The lines with what their orders promise and relate, then the goods that they need."""
    rows = ServiceOrderLine.objects.order_by("agreement_line", "date_calculated")
    needs = ItemRequirement.objects.order_by("project", "needed_on", "pk")
    return [*rows.values_list(*CREATED), *needs.values_list(*NEEDED)]


def undisturbed(agreements: list[ServiceAgreement]) -> list[tuple[Any, ...]]:
    """What one quiet run creates; taken away again."""
    execute_to_end(queued(agreements))
    found = created()
    assert all(found[0][-4:]) and ItemRequirement.objects.exists()
    ItemRequirement.objects.all().delete()
    OnHand.objects.update(reserved=0)
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
    assert sum(progress(run).counts.get("lines", 0) for run in runs) == ServiceOrderLine.objects.count()
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
    assert run.status == "DONE" and progress(run).counts["lines"] == ServiceOrderLine.objects.count()


def test_a_run_whose_worker_is_killed_goes_on(
    start_celery_worker: Callable[..., "subprocess.Popen[str]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation_run, "CHUNK", 1)
    agreements = contracts(20)
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
    deadline = clock.monotonic() + 60
    while done.count() < 3 and clock.monotonic() < deadline:
        clock.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    half = done.count()
    assert 3 <= half < 20, "killed in the middle"
    assert ServiceOrder.objects.values("agreement").distinct().count() == half
    execute_to_end(run)
    assert created() == expected and progress(run).counts["lines"] == ServiceOrderLine.objects.count()
