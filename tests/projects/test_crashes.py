"""Posting and invoicing are killed at any moment, the worker or the database, and end as if nothing had been.

A few kills here; `SOAK_KILLS=50 pytest tests/projects/test_crashes.py -n0` is the campaign.
"""

import os
import random
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.db import OperationalError, connection
from django.db.models import Count, Sum

from orders.models import ServiceOrder
from orders.posting import run as posting_run
from orders.posting import start_posting
from servicemgmt.core.models import Run
from servicemgmt.core.runs import execute_to_end, start_run
from servicemgmt.inventory.models import OnHand, StockMove
from servicemgmt.inventory.operations import receive
from servicemgmt.ledger.models import Entry, Voucher
from servicemgmt.projects import runs as invoicing_runs
from servicemgmt.projects.models import CustomerItem, Invoice, InvoiceProposal, Transaction
from tests import make_money, plugin
from tests.make_agreements import make_project
from tests.make_money import TODAY
from tests.make_orders import make_line, make_order, move, sign

KILLS = int(os.environ.get("SOAK_KILLS", "4"))
ORDERS = max(12, KILLS * 4)
KINDS = ("HOUR", "ITEM", "FEE")
#: Whether the tests run on a database server of their own, which they may kill.
OWN_SERVER = bool(plugin.servers) and "DATABASE_URL" in os.environ.get(plugin.OURS, "").split()
CHUNK = 1


@pytest.fixture
def durable(transactional_db) -> Iterator[None]:
    """A commit is written before it is answered, as in every database but that of the tests."""

    def tell(setting: str) -> None:
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} {setting}")
        connection.close()

    tell("SET synchronous_commit = on")
    yield
    tell("RESET synchronous_commit")


def test_whatever_is_killed_the_books_end_as_undisturbed_without_gap_or_repeat(durable, monkeypatch):
    monkeypatch.setattr(posting_run, "CHUNK", CHUNK)
    monkeypatch.setattr(invoicing_runs, "CHUNK", CHUNK)
    main = make_money.warehouse()
    receive(make_money.item(), main, Decimal(1000), value=Decimal(5000), on=TODAY, by=None)
    before = state()
    through_the_books([make_done(0)], work=execute_to_end)
    one = {name: figure - before[name] for name, figure in state().items()}
    killer = Killer(random.Random(os.environ.get("SOAK_SEED", "7")), KILLS)
    through_the_books([make_done(n) for n in range(1, ORDERS)], work=killer.work)
    assert {name: figure - before[name] for name, figure in state().items()} == {
        name: figure * ORDERS for name, figure in one.items()
    }
    for model, prefix in ((Voucher, "V"), (Invoice, "INV")):
        numbers = sorted(model.objects.values_list("number", flat=True))
        assert numbers == [f"{prefix}-2026-{n:06}" for n in range(1, len(numbers) + 1)]
    killer.check()


def make_done(n: int) -> ServiceOrder:
    """An order of a project of its own, signed and completed."""
    order = make_order(project=make_project(f"Work {n}"))
    for kind in KINDS:
        make_line(order, kind)
    move(order, "INPROCESS")
    sign(order)
    return move(order, "COMPLETED")


def through_the_books(orders: list[ServiceOrder], *, work: Callable[[Run], object]) -> None:
    """Post the orders, propose what they come to by project, and post the invoices."""
    work(start_posting(by=None, orders=[order.pk for order in orders]))
    asked = {"invoice_date": TODAY.isoformat(), "grouping": "PROJECT"}
    work(start_run("make_proposals", by=None, parameters=asked))
    drafts = list(InvoiceProposal.objects.filter(status="DRAFT").values_list("pk", flat=True))
    work(start_run("post_invoices", by=None, parameters={"proposals": drafts}))


def state() -> dict[str, Decimal]:
    """What the books say, in figures that grow alike with each order."""
    figures = {
        f"account {code}": total
        for code, total in Entry.objects.order_by()
        .values_list("account__code")
        .annotate(total=Sum("company_amount"))
    }
    stock = OnHand.objects.aggregate(quantity=Sum("quantity"), value=Sum("value"))
    work = Transaction.objects.aggregate(n=Count("pk"), cost=Sum("cost_amount"), sales=Sum("sales_amount"))
    counts = {model.__name__: model.objects.count() for model in (Invoice, CustomerItem, StockMove, Voucher)}
    found = figures | {f"stock {name}": total for name, total in stock.items()} | work | counts
    found["numbers used"] = Invoice.objects.values("number").distinct().count()
    names = {f"account {row}" for row in Entry.objects.values_list("account__code", flat=True)}
    return Figures({name: Decimal(found[name] or 0) for name in {*found, *names}})


class Figures(dict[str, Decimal]):
    """Figures of which those not there are nothing."""

    def __missing__(self, name: str) -> Decimal:
        return Decimal(0)


class Killer:
    """Works runs in a process of its own and kills that, or the database, at random moments."""

    def __init__(self, dice: random.Random, kills: int) -> None:
        self.dice, self.kills, self.left = dice, kills, kills
        self.of_database = self.of_worker = 0
        self.phases = 3

    def work(self, run: Run) -> None:
        """Work the run to its end; a share of the kills falls into it."""
        share = self.left if self.phases == 1 else -(-self.left // self.phases)
        self.phases -= 1
        while share and not is_over(run):
            worker = fork(lambda: execute_to_end(Run.objects.get(pk=run.pk)))
            time.sleep(self.dice.uniform(0.02, 0.12))
            if os.waitpid(worker, os.WNOHANG)[0]:
                continue
            self.kill(worker)
            share -= 1
            self.left -= 1
        finish(run)

    def kill(self, worker: int) -> None:
        """The database each third time, whose end the worker may survive; else the worker."""
        if plugin.servers and OWN_SERVER and self.left % 3 == 0:
            server = plugin.servers.read_state()["postgres_pid"]
            os.kill(server, signal.SIGKILL)
            connection.close()
            wait_for_database()
            self.of_database += plugin.servers.read_state()["postgres_pid"] != server
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
        else:
            os.kill(worker, signal.SIGKILL)
            _worker, how = os.waitpid(worker, 0)
            self.of_worker += os.WIFSIGNALED(how) and os.WTERMSIG(how) == signal.SIGKILL

    def check(self) -> None:
        """All kills fell into the work, and hit: workers died of them, another server answered afterwards.

        A database that somebody else runs is not killed: the test then says that it did only half.
        """
        assert self.left == 0
        assert self.of_worker >= self.kills // 2
        if not OWN_SERVER:
            pytest.skip("Only the worker was killed; the database is not the tests' own.")
        assert self.of_database >= self.kills // 4


def finish(run: Run) -> None:
    """What beat does with a run that nobody works any more."""
    assert execute_to_end(Run.objects.get(pk=run.pk)).status == "DONE"


def is_over(run: Run) -> bool:
    return Run.objects.get(pk=run.pk).is_over


def fork(work: Callable[[], object]) -> int:
    """A process that does the work on a connection of its own and ends; its key."""
    connection.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads, none of which is ours
        child = os.fork()
    if child:
        return child
    try:
        work()
    finally:
        os._exit(0)


def wait_for_database() -> None:
    """Until the supervisor has it up again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
