"""The order list and the dispatch board of the demonstration company beside a trivial page.

All three are answered in this process, signed in, interleaved in one run, five rounds of server time without the
network. The trivial page renders the shell around nothing: what every page costs at least.
"""

from collections.abc import Iterable
from functools import partial

from django.urls import reverse

from bench import Comparison
from bench._pages import answer, interleaved, signed_in

ROUNDS, REQUESTS = 5, 8


def measure() -> Iterable[Comparison]:
    client = signed_in("Dispatcher")
    urls = {
        "trivial": reverse("core:setup"),
        "list": reverse("orders:orders"),
        "rows": reverse("orders:orders") + "?tab=all",
        "board": reverse("dispatch:board"),
    }
    actions = {name: partial(answer, client, url) for name, url in urls.items()}
    rounds = interleaved(actions, rounds=ROUNDS, requests=REQUESTS)
    trivial = rounds["trivial"]
    yield Comparison("order list : trivial page", rounds["list"], trivial, at_most=6)
    yield Comparison("all orders : trivial page", rounds["rows"], trivial, at_most=6)
    yield Comparison("dispatch board : trivial page", rounds["board"], trivial, at_most=8)
