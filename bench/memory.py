"""The most memory that a worker takes for posting and invoicing, at the full size and at a tenth of it.

In a scratch database with copies of one signed order of five lines (see `money`). Each run – posting, proposals,
invoices – is worked by a process of its own, which says what it took at most: one figure for each of the three.
`manage.py bench memory [ORDERS]`.
"""

import resource
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from django.db import connection, connections
from django.utils import timezone

from bench import Comparison
from bench._runs import started, work_apart
from bench._scratch import scratch_company
from bench.money import Scene
from servicemgmt.core.documents import only_when_asked
from servicemgmt.projects.models import InvoiceProposal

ORDERS = 20_000


def measure(orders: str = "") -> Iterable[Comparison]:
    full = int(orders or ORDERS)
    with scratch_company(), only_when_asked():
        scene = Scene(timezone.localdate())
        tenth, whole = (peaks(scene, size) for size in (full // 10, full))
        return [
            Comparison(f"memory of a worker, {full} : {full // 10}", whole, tenth, at_most=1.2, unit="MB")
        ]


def peaks(scene: Scene, size: int) -> list[float]:
    """Megabytes for posting so many orders, proposing and invoicing them."""
    posting, _run = worked("post_orders", orders=list(scene.fresh(size)))
    proposing, run = worked("make_proposals", invoice_date=scene.day.isoformat())
    proposals = list(InvoiceProposal.objects.filter(run=run).values_list("pk", flat=True))
    invoicing, _run = worked("post_invoices", proposals=proposals)
    return [posting, proposing, invoicing]


def worked(kind: str, **parameters: Any) -> tuple[float, int]:
    """What a new process took at most for the run, and the run."""
    run = started(kind, **parameters)
    connection.close()
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as workers:
        return workers.submit(peak_of, run).result(), run


def peak_of(run: int) -> float:
    connections.close_all()
    work_apart(run)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
