"""The order list and the dispatch board of the demonstration company beside a trivial page.

All three are answered in this process, signed in, interleaved in one run; the figures are medians of five rounds of
server time without the network. The trivial page renders the shell around nothing: what every page costs at least.
"""

import statistics
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from bench import Comparison
from servicemgmt.core.models import User

ROUNDS, REQUESTS = 5, 8


def answer(client: Client, url: str) -> float:
    """Milliseconds for one answer."""
    start = time.perf_counter()
    response: Any = client.get(url, secure=True)
    if response.streaming:
        b"".join(response)
    taken = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return taken


def measure() -> Iterable[Comparison]:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = Client()
    client.force_login(User.objects.filter(groups__name="Dispatcher").order_by("pk")[0])
    urls = {
        "trivial": reverse("core:setup"),
        "list": reverse("orders:orders"),
        "rows": reverse("orders:orders") + "?tab=all",
        "board": reverse("dispatch:board"),
    }
    for url in urls.values():
        answer(client, url)
    rounds: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(ROUNDS):
        for name, url in urls.items():
            rounds[name].append(statistics.median(answer(client, url) for _ in range(REQUESTS)))
    trivial = rounds["trivial"]
    yield Comparison("order list : trivial page", rounds["list"], trivial, at_most=6)
    yield Comparison("all orders : trivial page", rounds["rows"], trivial, at_most=6)
    yield Comparison("dispatch board : trivial page", rounds["board"], trivial, at_most=8)
