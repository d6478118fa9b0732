"""One signed order, and runs that post and invoice: alone, or by two workers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

from django.db import connection, connections
from django.utils import timezone

from orders.models import ServiceOrder, ServiceStage
from orders.operations import add_line, change_stage, create_order, sign_off
from servicemgmt.core.documents import only_when_asked
from servicemgmt.core.models import Run, User
from servicemgmt.core.runs import execute, execute_to_end, start_run
from servicemgmt.projects.models import (
    Category,
    InvoiceProposal,
    Project,
)

#: Category and quantity of the lines of an order.
KINDS = [("LABOUR", 2), ("LABOUR", 1), ("TRAVEL", 1), ("TRAVELCOST", 1), ("CALLOUT", 1)]


def signed_order(day: date) -> ServiceOrder:
    """An order of two hours' lines, travel, an expense and a fee, signed, of a customer without others."""
    at = timezone.now()
    by = User.objects.filter(groups__name="Dispatcher").order_by("pk")[0]
    project = (
        Project.objects.filter(kind="TM", currency__code="EUR", agreements__isnull=True)
        .order_by("pk")
        .first()
        or Project.objects.order_by("pk")[0]
    )
    order = create_order(
        by=by, at=at, project=project, description="Bench", service_on=day, stage=stage("INPROCESS")
    )
    for code, quantity in KINDS:
        category = Category.objects.get(code=code)
        price = {"cost_price": Decimal(20), "sales_price": Decimal(90)}
        add_line(
            order.pk, version=None, by=by, at=at, kind=category.kind, category=category, quantity=Decimal(quantity),
            description=category.description, executed_on=day, **price,
        )  # fmt: skip
    sign_off(
        order.pk, version=None, by=by, at=at, device_at=at, signer_name="Somebody", is_typed=True, key=uuid4()
    )
    order.refresh_from_db()
    if not order.stage.can_transfer:
        change_stage(order.pk, to=stage("COMPLETED"), version=None, by=by, at=at)
    return order


def stage(code: str) -> ServiceStage:
    return ServiceStage.objects.get(code=code)


def post_run(keys: Iterable[int]) -> None:
    work_alone(started("post_orders", orders=list(keys)))


def invoice_run(day: date, work: Callable[[int], None] | None = None) -> None:
    """Proposals for everything that waits, then their invoices."""
    do = work or work_alone
    run = started("make_proposals", invoice_date=day.isoformat())
    do(run)
    proposals = list(InvoiceProposal.objects.filter(run=run).values_list("pk", flat=True))
    if proposals:
        do(started("post_invoices", proposals=proposals))


def started(kind: str, **parameters: Any) -> int:
    return start_run(kind, by=None, parameters=parameters, enqueue=False).pk


def work_alone(run: int) -> None:
    require_done(execute_to_end(Run.objects.get(pk=run)))


def require_done(run: Run) -> None:
    if run.status != "DONE":
        raise RuntimeError(f"{run.kind}: {run.error}")


@contextmanager
def two_workers() -> Iterator[ProcessPoolExecutor]:
    """Two processes that wait for work, connected."""
    connection.close()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as workers:
        list(workers.map(connect, range(2)))
        yield workers


def connect(_number: int) -> None:
    """Connect anew, and leave the other worker the time to take its turn."""
    connections.close_all()
    sql("SELECT pg_sleep(0.5)", [])


def work_apart(run: int) -> None:
    with only_when_asked():
        execute(run)


def sql(statement: str, parameters: Sequence[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def keys_of(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
