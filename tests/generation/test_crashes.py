"""Creating orders is killed at any moment, and ends with the rows of an undisturbed run.

A few kills here; `SOAK_KILLS=50 pytest tests/generation/test_crashes.py -n0` is the campaign.
"""

import os
import random

import pytest

from orders.generation import run as generation
from orders.generation import start_generation
from orders.models import ServiceOrder, ServiceOrderLine
from servicemgmt.core.models import Run
from servicemgmt.core.runs import progress
from tests.generation.test_races import YEAR, contracts, created, undisturbed
from tests.projects.test_crashes import Killer, durable

__all__ = ["durable"]

KILLS = int(os.environ.get("SOAK_KILLS", "4"))
AGREEMENTS = max(10, KILLS * 2)


def test_whenever_the_worker_is_killed_the_orders_are_those_of_an_undisturbed_run(
    durable: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "CHUNK", 1)
    agreements = contracts(AGREEMENTS, lines=2)
    expected = undisturbed(agreements)
    killer = Killer(random.Random(os.environ.get("SOAK_SEED", "11")), KILLS)
    killer.phases = 1
    run = start_generation([agreement.pk for agreement in agreements], YEAR, by=None, enqueue=False)
    killer.work(run)
    assert created() == expected
    assert progress(Run.objects.get(pk=run.pk)).counts["lines"] == ServiceOrderLine.objects.count()
    assert ServiceOrder.objects.values("number").distinct().count() == ServiceOrder.objects.count()
    assert not ServiceOrder.objects.filter(lines__isnull=True).exists()
    killer.check()
