"""Creating a year of orders from agreements beside bare `INSERT … SELECT` of the same rows, and beside `save()`.

`manage.py bench agreements [AGREEMENTS]` copies one agreement of four lines (monthly, quarterly and half-yearly, with
time windows, an SLA, an object and a task) in a scratch database, 10,000 in all, a third of them a round; it works Runs
over them as a person would start them. The bare SQL inserts copies of everything that the product wrote for one
agreement, one statement a table, into the same tables with the same constraints. `save()` writes the same rows one by
one, an agreement a transaction, on a sample. Figures are microseconds an order line, statements a chunk, milliseconds a
preview and megabytes of the process.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import psutil
from django.db import connection, transaction
from django.utils import timezone

from agreements.models import (
    AgreementObject,
    AgreementTask,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceInterval,
    ServiceLevelAgreement,
    ServiceObject,
    ServiceTask,
    TimeWindow,
)
from agreements.operations import add_line, create_agreement, relate_object, relate_task
from bench import LEAST_ROUNDS, Comparison
from bench._scratch import scratch_company
from bench._stamp import Copies, Model, Stamp, newest, rows_after
from orders.generation import load, start_generation
from orders.generation import run as generation
from orders.models import OrderObject, OrderTask, ServiceOrder, ServiceOrderLine, SlaTimeLog
from orders.planning import Options
from servicemgmt.core.models import Event, Run, RunMessage
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end
from servicemgmt.projects.models import Category

AGREEMENTS, SAMPLE, PREVIEWS = 10_000, 20, 20
#: Interval and category of each line.
LINES = [("MONTHLY", "LABOUR"), ("MONTHLY", "TRAVEL"), ("QUARTERLY", "CALLOUT"), ("HALFYEAR", "LABOUR")]
WRITTEN: list[Model] = [
    ServiceOrder, OrderObject, OrderTask, ServiceOrderLine, SlaTimeLog, Event, RunMessage,
]  # fmt: skip
TEXTS = {ServiceAgreement: ["number"], ServiceOrder: ["number"]}


def measure(agreements: str = "") -> Iterable[Comparison]:
    with scratch_company():
        return compare(max(30, int(agreements or AGREEMENTS)))


def compare(size: int) -> list[Comparison]:
    scene, took = Scene(timezone.localdate()), dict[str, list[float]]()
    sides: list[tuple[str, Callable[[], float]]] = [
        ("create", lambda: scene.create(size // LEAST_ROUNDS)),
        ("again", scene.again),
        ("bare", lambda: scene.bare(size // LEAST_ROUNDS)),
        ("save", lambda: scene.save(SAMPLE)),
        ("few", lambda: scene.statements(1)),
        ("many", lambda: scene.statements(generation.CHUNK)),
        ("preview", scene.preview),
    ]
    memory = [megabytes()]
    for _round in range(LEAST_ROUNDS):
        for name, act in sides:
            took.setdefault(name, []).append(act())
            if name == "create":
                memory.append(megabytes())
    line = "µs"
    first = [memory[1]] * LEAST_ROUNDS
    return [
        Comparison("creating, a line : save()", took["create"], took["save"], at_most=1 / 15, unit=line),
        Comparison("creating, a line : INSERT … SELECT", took["create"], took["bare"], at_most=1 / 0.3, unit=line),
        Comparison("creating nothing again : first", took["again"], took["create"], at_most=1 / 4, unit=line),
        Comparison("statements, a full chunk : 1 agreement", took["many"], took["few"], at_most=1, unit=""),
        Comparison("preview of a year : half a second", took["preview"], [500.0] * LEAST_ROUNDS, at_most=1),
        Comparison("memory after each round : first", memory[1:], first, at_most=1.1, unit="MB"),
    ]  # fmt: skip


class Scene:
    """One agreement to copy, and what the product wrote when it planned a year of it."""

    def __init__(self, day: date) -> None:
        start = day.replace(day=1) + timedelta(days=32)
        self.options = Options(Period(start, start + timedelta(days=364)))
        agreement = contract(start)
        self.agreement = Stamp(
            {
                ServiceAgreement: [agreement.pk],
                AgreementObject: keys_of(agreement.object_relations),
                AgreementTask: keys_of(agreement.task_relations),
                ServiceAgreementLine: keys_of(agreement.lines),
            },
            TEXTS,
        )
        before = newest(WRITTEN)
        self.run([agreement.pk])
        self.rows = rows_after(before)
        # The run's own beginning and end are not an agreement's.
        of_agreement = Event.objects.filter(pk__in=self.rows[Event]).exclude(subject__startswith="run:")
        self.rows[Event] = keys_of(of_agreement)
        self.size = len(self.rows[ServiceOrderLine])
        self.written = Stamp(self.rows, TEXTS)
        self.latest: list[int] = []
        self.links: Copies = {}
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def fresh(self, count: int) -> list[int]:
        """Agreements without orders."""
        self.links = self.agreement.copy(count)
        first = self.links[ServiceAgreement][1]
        return list(range(first, first + count))

    def run(self, keys: list[int]) -> None:
        run = start_generation(keys, self.options, by=None, enqueue=False)
        done = execute_to_end(Run.objects.get(pk=run.pk))
        if done.status != "DONE" or done.messages.filter(level="ERROR").exists():
            raise RuntimeError(done.error or done.messages.filter(level="ERROR")[0].text)

    def create(self, count: int) -> float:
        self.latest = self.fresh(count)
        return timed(lambda: self.run(self.latest), count * self.size)

    def again(self) -> float:
        return timed(lambda: self.run(self.latest), len(self.latest) * self.size)

    def bare(self, count: int) -> float:
        self.fresh(count)

        @transaction.atomic
        def act() -> None:
            self.written.copy(count, self.links)

        return timed(act, count * self.size)

    def save(self, count: int) -> float:
        """The rows of one agreement so often over, ten years later each round, so that no date comes twice."""
        took = 0.0
        for _time in range(count):
            self.later = getattr(self, "later", 0) + 1
            rows = self.copies(timedelta(days=3660 * self.later % 2_000_000))
            start = time.perf_counter()
            with transaction.atomic():
                for row in rows:
                    row.save(force_insert=True)
            took += time.perf_counter() - start
        return took * 1_000_000 / (count * self.size)

    def copies(self, later: timedelta) -> list[Any]:
        """The rows as new ones that name each other, not saved yet."""
        found: dict[tuple[Model, int], Any] = {}
        for model, keys in self.rows.items():
            for row in model._default_manager.filter(pk__in=keys).order_by("pk"):
                key, row.pk, row._state.adding = row.pk, None, True
                for field in model._meta.concrete_fields:
                    target = field.remote_field.model if field.remote_field else None
                    if target in self.rows and getattr(row, field.attname):
                        setattr(row, field.name, found[target, getattr(row, field.attname)])
                if isinstance(row, ServiceOrder):
                    row.number = uuid4().hex[:20]
                if isinstance(row, ServiceOrderLine) and row.date_calculated:
                    row.date_calculated += later
                found[model, key] = row
        return list(found.values())

    def statements(self, count: int) -> float:
        keys = self.fresh(count)
        with counted() as statements:
            self.run(keys)
        return float(len(statements))

    def preview(self) -> float:
        keys = self.fresh(PREVIEWS)

        def act() -> None:
            for key in keys:
                load([key], self.options.period)[0].plan(self.options)

        return timed(act, PREVIEWS) / 1000


def contract(start: date) -> ServiceAgreement:
    """An agreement of four lines with windows, an SLA, an object and a task."""
    thing = ServiceObject.objects.select_related("site__customer").order_by("pk")[0]
    sample = ServiceAgreement.objects.contracts().filter(customer=thing.site.customer).order_by("pk").first()
    sample = sample or ServiceAgreement.objects.contracts().order_by("pk")[0]
    agreement = create_agreement(
        by=None,
        description="Bench",
        project=sample.project,
        start_date=start,
        sla=ServiceLevelAgreement.objects.order_by("pk")[0],
    )
    where = relate_object(agreement.pk, thing, by=None)
    what = relate_task(agreement.pk, ServiceTask.objects.order_by("pk")[0], by=None)
    month = TimeWindow.objects.get(code="MONTH")
    for interval, code in LINES:
        category = Category.objects.get(code=code)
        add_line(
            agreement.pk, by=None, kind=category.kind, category=category, description=category.description,
            quantity=Decimal(1), interval=ServiceInterval.objects.get(code=interval), time_window=month,
            object_relation=where, task_relation=what, start_date=start,
        )  # fmt: skip
    agreement.refresh_from_db()
    return agreement


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of the block, as they are sent."""
    found: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def timed(act: Callable[[], object], count: int) -> float:
    """Microseconds for each of so many."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1_000_000 / count


def megabytes() -> float:
    return float(psutil.Process().memory_info().rss) / 1_000_000


def keys_of(rows: Any) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
