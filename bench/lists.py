"""The lists of projects, invoices and transactions over a million rows each, beside a floor and their first pages.

In a scratch database with copies of one row of each. The floor is what any list costs: the shell around nothing, and as
many rows read by one bare keyset statement and put into a table by hand. Pages far down are asked for by the address
that turning the pages would have led to. `manage.py bench lists [ROWS]`.
"""

import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from bench import Comparison
from bench._pages import answer, interleaved, signed_in
from bench._scratch import scratch_company
from bench._stamp import Model, Stamp
from servicemgmt.core.lists.paging import Cursor, Order, pack
from servicemgmt.core.lists.spec import ListSpec
from servicemgmt.ledger.models import Voucher
from servicemgmt.projects.lists import INVOICES, PROJECTS, TRANSACTIONS
from servicemgmt.projects.models import Invoice, Project, Transaction

ROUNDS, REQUESTS = 5, 6
#: What the floor reads of each.
COLUMNS: dict[Model, list[str]] = {
    Project: ["number", "name", "customer__name", "kind", "group__description", "currency__code", "ended_on"],
    Invoice: ["number", "kind", "invoice_date", "due_date", "customer__name", "project__number", "net", "tax", "gross"],
    Transaction: ["executed_on", "kind", "text", "project__number", "category__code", "quantity", "sales_amount"],
}  # fmt: skip
LISTS: list[tuple[Model, ListSpec, str]] = [
    (Project, PROJECTS, "projects:projects"),
    (Invoice, INVOICES, "projects:invoices"),
    (Transaction, TRANSACTIONS, "projects:transactions"),
]
#: What most rows are, and the tab of what few are.
ORDINARY: dict[Model, dict[str, Any]] = {Invoice: {"credits": None}, Transaction: {"status": "INVOICED"}}
RARE: dict[Model, str] = {Invoice: "credit-notes", Transaction: "crediting", Project: "closed"}
NUMBERED: dict[Model, list[str]] = {Project: ["number"], Invoice: ["number"], Voucher: ["number"]}


def measure(rows: str = "") -> Iterable[Comparison]:
    with scratch_company():
        fill(int(rows or 1_000_000))
        client = signed_in("Finance")
        for model, spec, name in LISTS:
            yield from compare(client, model, spec, reverse(name))


def fill(count: int) -> None:
    """Copies of the newest row of each, without the checks that the row itself has passed."""
    with connection.cursor() as cursor:
        for model, _spec, _name in LISTS:
            row = model._default_manager.filter(**ORDINARY.get(model, {})).order_by("-pk")[0]
            rows = {model: [row.pk]} | ({Voucher: [row.voucher_id]} if isinstance(row, Invoice) else {})
            for copied in rows:
                uncheck(copied)
            Stamp(rows, NUMBERED, {Invoice: {"proposal_id": None}}).copy(count)
        # Not a million of one day, after which the planner expects none.
        cursor.execute("UPDATE projects_invoice SET invoice_date = invoice_date - (id %% 1000)::int", [])
        cursor.execute("VACUUM ANALYZE")


def uncheck(model: Model) -> None:
    """Drop the foreign keys of a table of the scratch database and switch its triggers off; the indexes stay."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table]
        )
        drops = ", ".join(f'DROP CONSTRAINT "{name}"' for (name,) in cursor.fetchall())
        cursor.execute(f'ALTER TABLE "{table}" {drops}')
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')


def compare(client: Client, model: Model, spec: ListSpec, url: str) -> list[Comparison]:
    rare, url = f"{url}?tab={RARE.get(model, 'all')}", f"{url}?tab=all"
    actions = {
        "first": partial(answer, client, url),
        "middle": partial(answer, client, deep(model, spec, url, 0.5)),
        "last": partial(answer, client, deep(model, spec, url, 0.999)),
        "rare": partial(answer, client, rare),
        "floor": partial(floor, client, model, spec),
    }
    took = interleaved(actions, rounds=ROUNDS, requests=REQUESTS)
    return [
        Comparison(f"{spec.name}, first page : floor", took["first"], took["floor"], at_most=3),
        Comparison(f"{spec.name}, middle : first page", took["middle"], took["first"], at_most=1.3),
        Comparison(f"{spec.name}, near the end : first page", took["last"], took["first"], at_most=1.3),
        Comparison(f"{spec.name}, rarest tab : first page", took["rare"], took["first"], at_most=1.3),
    ]


def deep(model: Model, spec: ListSpec, url: str, share: float) -> str:
    """The address of the page that far down the list."""
    order = Order.parse(spec.default_sort)
    rows = model._default_manager.order_by(order.text, "-pk" if order.descending else "pk")
    position = int(model._default_manager.count() * share)
    value, key = rows.values_list(order.path, "pk")[position]
    return f"{url}{'&' if '?' in url else '?'}after={pack(Cursor(value, key, position), order)}"


def floor(client: Client, model: Model, spec: ListSpec) -> float:
    """Milliseconds of what any list costs."""
    start = time.perf_counter()
    order = Order.parse(spec.default_sort)
    rows = model._default_manager.order_by(order.text, "-pk" if order.descending else "pk")
    taken = rows.values_list(*COLUMNS[model])[: spec.page_size + 1]
    "".join("<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in taken)
    return (time.perf_counter() - start) * 1000 + answer(client, reverse("core:setup"))
