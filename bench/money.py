"""Posting order lines and invoicing orders beside bare set-based SQL that writes the same rows, and beside an ORM loop.

Both happen in a scratch database whose orders are copies of one signed order of five lines, each of a customer and a
project of its own. The product works Runs, as a person would start them. The bare SQL inserts copies of everything the
product wrote for one order – transactions, vouchers and entries, proposals, invoices, open items, mails, events – with
one statement a table, into the same tables with the same constraints, and updates the same rows. The loop saves the
same rows one by one, an order a transaction, on a sample. Figures are microseconds a line or an order.

The PDFs of the invoices are written from the same HTML, by our engine and by WeasyPrint as its manual begins;
milliseconds of processor time a document.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from bench import Comparison
from bench._papers import invoice_papers
from bench._runs import (
    invoice_run,
    keys_of,
    post_run,
    require_done,
    signed_order,
    sql,
    started,
    two_workers,
    work_apart,
)
from bench._scratch import scratch_company
from bench._stamp import Copies, Model, Stamp, newest, nth, rows_after
from orders.models import ServiceOrder, ServiceOrderLine
from servicemgmt.core.documents import only_when_asked
from servicemgmt.core.models import Event, Outbox, Run
from servicemgmt.ledger.models import Entry, Voucher
from servicemgmt.masterdata.models import Customer
from servicemgmt.projects.models import (
    CustomerItem,
    Invoice,
    InvoiceLine,
    InvoiceProposal,
    InvoiceTax,
    Project,
    ProposalLine,
    Transaction,
)

ROUNDS = 3
#: Orders a round: the product and the bare SQL, and the loop's sample.
ORDERS, SAMPLE = 4000, 100
POSTED: list[Model] = [Voucher, Entry, Transaction, Event]
#: Lines and taxes before what they are of: a posted document takes no more of them.
INVOICED: list[Model] = [
    *(Voucher, Entry, ProposalLine, InvoiceProposal, InvoiceLine, InvoiceTax, Invoice, CustomerItem),
    *(Outbox, Event),
]
#: The sample's transactions are invoiced by now; its copies are not.
AS_POSTED = {"status": "POSTED", "proposal_id": None, "invoice_id": None}
#: What has to differ from copy to copy.
TEXTS: dict[Model, Sequence[str]] = {
    Customer: ["number"],
    Project: ["number"],
    ServiceOrder: ["number"],
    Voucher: ["number"],
    InvoiceProposal: ["number"],
    Invoice: ["number"],
    Outbox: ["message_id"],
}


def measure(orders: str = "") -> Iterable[Comparison]:
    size = int(orders or ORDERS)
    with scratch_company(), only_when_asked():
        yield from compare(size)


def compare(size: int) -> list[Comparison]:
    day = timezone.localdate()
    scene = Scene(day)
    with two_workers() as workers:
        return measured(scene, size, workers)


def measured(scene: "Scene", size: int, workers: ProcessPoolExecutor) -> list[Comparison]:
    scene.workers = workers
    took: dict[str, list[float]] = {}
    for _round in range(ROUNDS):
        for name, act, count in sides(scene, size):
            took.setdefault(name, []).append(act(count))
    lines = "µs"
    paper = invoice_papers()
    return [
        Comparison("posting, a line : bare SQL", took["post"], took["post sql"], at_most=2, unit=lines),
        Comparison("posting, a line : ORM loop", took["post"], took["post loop"], at_most=1 / 20, unit=lines),
        Comparison("posting, two workers : one", took["post two"], took["post"], at_most=1 / 1.4, unit=lines),
        Comparison("invoicing, an order : bare SQL", took["invoice"], took["invoice sql"], at_most=2, unit=lines),
        Comparison("invoicing, an order : ORM loop", took["invoice"], took["invoice loop"], at_most=1 / 20, unit=lines),
        Comparison("invoicing, two workers : one", took["invoice two"], took["invoice"], at_most=1 / 1.4, unit=lines),
        Comparison("invoice PDF : naive WeasyPrint", paper["ours"], paper["naive"], at_most=1 / 1.3),
    ]  # fmt: skip


def sides(scene: "Scene", size: int) -> list[tuple[str, Callable[[int], float], int]]:
    """What is done in a round. Posted orders are invoiced at once, so that no other side finds them."""
    return [
        ("post", scene.post, size),
        ("invoice", scene.invoice, size),
        ("post sql", scene.post_bare, size),
        ("invoice sql", scene.invoice_bare, size),
        ("post two", scene.post_two, size),
        ("invoice two", scene.invoice_two, size),
        ("post loop", scene.post_loop, SAMPLE),
        ("invoice loop", scene.invoice_loop, SAMPLE),
    ]


class Scene:
    """One signed order to copy, and what the product wrote when it posted and invoiced another like it."""

    workers: ProcessPoolExecutor
    #: What the loop saved last, order by order, and the keys it took.
    looped: list[list[Transaction]]
    loop_keys: Copies

    def __init__(self, day: date) -> None:
        self.day = day
        invoice_run(day)  # what the company has left
        template = signed_order(day)
        self.order = Stamp(
            {
                Customer: [template.customer_id],
                Project: [template.project_id],
                ServiceOrder: [template.pk],
                ServiceOrderLine: keys_of(template.lines),
            },
            TEXTS,
        )
        self.size = template.lines.count()
        self.copies: Copies = {}
        before = newest(POSTED)
        post_run(self.fresh(1))
        self.original = self.copies
        self.posted = Stamp(rows_after(before), TEXTS, {Transaction: AS_POSTED})
        before = newest(INVOICED)
        invoice_run(day)
        self.invoiced = Stamp(rows_after(before), TEXTS)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def fresh(self, count: int) -> range:
        """Signed orders, each of a project and a customer of its own."""
        self.copies = self.order.copy(count)
        first = self.copies[ServiceOrder][1]
        return range(first, first + count)

    @property
    def links(self) -> Copies:
        """From what the sample's rows name to the copies that are worked now."""
        found: Copies = {}
        for model, (keys, first) in self.original.items():
            found[model] = range(first, first + len(keys)), self.copies[model][1]
        return found

    def post(self, count: int) -> float:
        keys = self.fresh(count)
        return timed(lambda: post_run(keys), count * self.size)

    def post_two(self, count: int) -> float:
        run = started("post_orders", orders=list(self.fresh(count)))
        return timed(lambda: self.by_two(run), count * self.size)

    def invoice(self, count: int) -> float:
        return timed(lambda: invoice_run(self.day), count)

    def invoice_two(self, count: int) -> float:
        return timed(lambda: invoice_run(self.day, work=self.by_two), count)

    def by_two(self, run: int) -> None:
        """Two processes share the run, as two workers do: each goes when nothing is left for it."""
        for gone in [self.workers.submit(work_apart, run) for _worker in range(2)]:
            gone.result()
        require_done(Run.objects.get(pk=run))

    def post_bare(self, count: int) -> float:
        self.fresh(count)
        return timed(lambda: self.post_sql(count), count * self.size)

    @transaction.atomic
    def post_sql(self, count: int) -> None:
        made = self.posted.copy(count, self.links)
        self.copies |= made
        lines, orders, rows = (
            self.copies[model][1] for model in (ServiceOrderLine, ServiceOrder, Transaction)
        )
        sql(
            "UPDATE orders_serviceorderline SET status = 'POSTED', version = version + 1, transaction_id = id - %s + %s"
            " WHERE id >= %s AND id < %s",
            [lines, rows, lines, lines + count * self.size],
        )
        sql(
            "UPDATE orders_serviceorder SET progress = 'POSTED', version = version + 1 WHERE id >= %s AND id < %s",
            [orders, orders + count],
        )

    def invoice_bare(self, count: int) -> float:
        return timed(lambda: self.invoice_sql(count), count)

    @transaction.atomic
    def invoice_sql(self, count: int) -> None:
        links = self.links | {Transaction: (self.posted.rows[Transaction], self.copies[Transaction][1])}
        made = self.invoiced.copy(count, links)
        rows = self.copies[Transaction][1]
        for status, column, model in (
            ("IN_PROPOSAL", "proposal_id", InvoiceProposal),
            ("INVOICED", "invoice_id", Invoice),
        ):
            sql(
                f"UPDATE projects_transaction SET status = %s, {column} = %s + (id - %s) / %s"  # noqa: S608
                " WHERE id >= %s AND id < %s",
                [status, made[model][1], rows, self.size, rows, rows + count * self.size],
            )

    def post_loop(self, count: int) -> float:
        keys, self.looped = self.fresh(count), []
        self.loop_keys = self.posted.keys(count)
        return timed(lambda: [self.post_one(key, n) for n, key in enumerate(keys)], count * self.size)

    @transaction.atomic
    def post_one(self, key: int, n: int) -> None:
        order = ServiceOrder.objects.select_for_update().get(pk=key)
        rows = saved(self.posted, self.loop_keys, n)[Transaction]
        self.looped.append(rows)
        for line, row in zip(order.lines.order_by("pk"), rows, strict=True):
            line.status, line.transaction = "POSTED", row
            line.version += 1
            line.save()
        order.progress = "POSTED"
        order.save()

    def invoice_loop(self, count: int) -> float:
        keys = self.invoiced.keys(count) | {Transaction: self.loop_keys[Transaction]}
        return timed(lambda: [self.invoice_one(keys, n) for n in range(count)], count)

    @transaction.atomic
    def invoice_one(self, keys: Copies, n: int) -> None:
        made = saved(self.invoiced, keys, n)
        for row in self.looped[n]:
            row.status, row.proposal = "IN_PROPOSAL", made[InvoiceProposal][0]
            row.save(update_fields=["status", "proposal"])
            row.status, row.invoice = "INVOICED", made[Invoice][0]
            row.save(update_fields=["status", "invoice"])


def saved(stamp: Stamp, keys: Copies, n: int) -> dict[Model, list[Any]]:
    """The stamp's rows once more, read, linked and saved one by one, under the n-th of these keys each.

    Entries are saved together: the ledger takes them only so that they balance.
    """
    made: dict[Model, list[Any]] = {}
    for model, originals in stamp.rows.items():
        rows = made[model] = [copy_of(stamp, model, original, keys, n) for original in originals]
        if model is Entry:
            Entry.objects.bulk_create(rows)
            continue
        for row in rows:
            row.save(force_insert=True)
    return made


def copy_of(stamp: Stamp, model: Model, original: int, keys: Copies, n: int) -> Any:
    """The n-th copy of a row, not saved yet."""
    row = model._default_manager.get(pk=original)
    row.pk = nth(keys[model], original, n)
    row._state.adding = True
    for column in stamp.texts.get(model, ()):
        setattr(row, column, f"{getattr(row, column)}-{uuid4().hex[:8]}"[-20:])
    for name, value in stamp.values.get(model, {}).items():
        setattr(row, name, value)
    for field in model._meta.concrete_fields:
        target = field.remote_field.model if field.remote_field else None
        value = getattr(row, field.attname)
        if target in keys and value in keys[target][0]:
            setattr(row, field.attname, nth(keys[target], value, n))
    return row


def timed(act: Callable[[], object], count: int) -> float:
    """Microseconds for each of so many."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1_000_000 / count
