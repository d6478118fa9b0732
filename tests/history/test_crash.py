"""A crash halfway loses nothing and repeats nothing: real workers, really killed."""

import io
import signal
import time

import pytest
from django.db.models import Sum

from orders.history.operations import import_history
from orders.models import ServiceOrder, ServiceOrderLine
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.projects.models import Transaction
from tests.history.conftest import HEADER, make_mapping

ROWS = 6000


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_a_run_that_ends_as_if_undisturbed(start_celery_worker):
    mapping = make_mapping()
    text = HEADER + "".join(f"2004-07-01,A,order {n % 50},PM01,{n % 7}.25\n" for n in range(ROWS))
    worker = start_celery_worker()
    taken = import_history(io.BytesIO(text.encode()), "history.csv", mapping, by=None)
    for _ in range(400):
        if 0 < ServiceOrder.objects.count() < ROWS:
            break
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    run = execute_to_end(taken.run)
    assert run.status == "DONE"
    assert progress(run).counts["imported"] == ROWS
    assert ServiceOrder.objects.count() == ROWS == ServiceOrderLine.objects.count()
    expected = sum(n % 7 for n in range(ROWS)) + ROWS / 4
    assert float(Transaction.objects.aggregate(n=Sum("cost_amount"))["n"]) == expected
