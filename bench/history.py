"""The list of thousands of imported orders, and the history of the busiest object among them, beside small things.

`manage.py bench history [FILE]` imports the file (as the shipped mapping reads it), or 5,484 orders of the same shape
made up here, into a transaction that is rolled back at the end. The first page of the list is compared with the floor:
the shell around nothing, and the same rows by one bare statement put into a table by hand. Later, filtered and searched
pages are compared with the first; the pages of the busiest object with those of one that has hardly any orders.
"""

import csv
import io
import random
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from html import unescape
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from agreements.models import ServiceObject
from bench import Comparison
from bench._pages import answer, interleaved, signed_in
from orders.history.operations import import_history, run_of
from orders.models import HistoryMapping, ServiceOrder
from servicemgmt.core.runs import execute_to_end

ROUNDS, REQUESTS = 5, 6
#: How many pages are turned to get to a late one.
DEEP = 40
ASSETS = {"A": 151, "B": 1017, "C": 992, "D": 2373, "E": 951}
FIRST_DAY, LAST_DAY = date(2001, 7, 5), date(2012, 12, 13)
NEXT = re.compile(r'rel="next"\s+href="([^"]+)"')


def measure(file: str = "") -> Iterable[Comparison]:
    client = signed_in("Manager")
    with imported(Path(file).read_bytes() if file else made_up()):
        return compare(client)


def compare(client: Client) -> list[Comparison]:
    by_orders = ServiceObject.objects.annotate(orders=Count("order_relations")).filter(orders__gte=1)
    busy, quiet = by_orders.order_by("-orders", "pk")[0], by_orders.order_by("orders", "pk")[0]
    all_orders = reverse("orders:orders") + "?tab=all"
    history = reverse("orders:object_orders", args=[busy.number])
    urls = {
        "first": all_orders,
        "deep": turned(client, all_orders),
        "filtered": all_orders + "&origin=IMPORT&service_on_after=2005-01-01&service_on_before=2006-12-31",
        "searched": all_orders + "&q=bucket",
        "history": history,
        "history deep": turned(client, history),
        "busy": reverse("agreements:object", args=[busy.number]),
        "quiet": reverse("agreements:object", args=[quiet.number]),
    }
    actions = {name: partial(answer, client, url) for name, url in urls.items()}
    part = {"HX-Request": "true", "HX-Target": "visits"}
    actions["busy visits"] = partial(answer, client, history, **part)
    actions["quiet visits"] = partial(
        answer, client, reverse("orders:object_orders", args=[quiet.number]), **part
    )
    actions["floor"] = partial(floor, client)
    took = interleaved(actions, rounds=ROUNDS, requests=REQUESTS)
    return [
        Comparison("orders, first page : floor", took["first"], took["floor"], at_most=3),
        Comparison(f"orders, page {DEEP} : first page", took["deep"], took["first"], at_most=1.3),
        Comparison("orders, filtered : first page", took["filtered"], took["first"], at_most=1.3),
        Comparison("orders, searched : first page", took["searched"], took["first"], at_most=1.5),
        Comparison("busiest object, page : quiet one's", took["busy"], took["quiet"], at_most=1.3),
        Comparison("busiest object, visits : quiet one's", took["busy visits"], took["quiet visits"], at_most=1.5),
        Comparison("busiest object, history : orders", took["history"], took["first"], at_most=1.5),
        Comparison(f"history, page {DEEP} : first page", took["history deep"], took["history"], at_most=1.3),
    ]  # fmt: skip


def floor(client: Client) -> float:
    """Milliseconds of what any list costs: the shell around nothing, and the rows read and written with bare hands."""
    start = time.perf_counter()
    rows = ServiceOrder.objects.order_by("-service_on", "-pk").values_list(
        "number", "description", "customer__name", "site__name", "stage__description", "priority", "service_on",
        "deadline", "progress",
    )[:51]  # fmt: skip
    "".join("<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in rows)
    return (time.perf_counter() - start) * 1000 + answer(client, reverse("core:setup"))


def turned(client: Client, url: str) -> str:
    """The address of the page so many pages on, or of the last one."""
    for _ in range(DEEP - 1):
        page = client.get(url, secure=True).content.decode()
        found = NEXT.search(page)
        if found is None:
            break
        url = unescape(found[1])
    return url


@contextmanager
def imported(content: bytes) -> Iterator[None]:
    """The orders of a file, until the end of the block."""
    mapping = HistoryMapping.objects.order_by("pk")[0]
    with transaction.atomic():
        taken = import_history(
            io.BytesIO(content), "bench.csv", mapping, by=None, source="bench", enqueue=False
        )
        run = execute_to_end(run_of(taken))
        if run.status != "DONE":
            raise RuntimeError(run.error)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        try:
            yield
        finally:
            taken.attachment.file.delete(save=False)
            transaction.set_rollback(True)


def made_up() -> bytes:
    """5,484 work orders of five machines over eleven years, the same ones each time."""
    chance = random.Random(1)
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(["BscStartDate", "Asset", "OriginalShorttext", "PMType", "Cost"])
    parts = [
        "bucket",
        "tooth",
        "boom hose",
        "grease line",
        "swing motor",
        "track",
        "aircon",
        "hydraulic pump",
    ]
    for asset, count in ASSETS.items():
        for _ in range(count):
            day = FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days + 1))
            verb = chance.choice(["replace", "repair", "check", "fit"])
            text = f"{verb} {chance.choice(parts)} {chance.randrange(999)}"
            kind = chance.choices(["PM01", "PM02", "PM06"], [95, 3, 2])[0]
            write.writerow([day, asset, text, kind, round(chance.lognormvariate(5, 2), 2)])
    return out.getvalue().encode()
