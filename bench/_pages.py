"""Pages answered in this process, signed in, and timed: server time without the network."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from servicemgmt.core.models import User


def signed_in(role: str) -> Client:
    """A client of somebody in that role; the static files that pages name are collected."""
    call_command("collectstatic", verbosity=0, interactive=False)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    client = Client()
    client.force_login(User.objects.filter(groups__name=role).order_by("pk")[0])
    return client


def answer(client: Client, url: str, **headers: str) -> float:
    """Milliseconds for one answer."""
    start = time.perf_counter()
    response: Any = client.get(url, secure=True, headers=headers)
    if response.streaming:
        b"".join(response)
    taken = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return taken


def interleaved(
    actions: Mapping[str, Callable[[], float]], *, rounds: int, requests: int
) -> dict[str, list[float]]:
    """What each action took: in each round the least of its requests, because what else the machine does only adds.

    The actions take turns; each is done once before, untimed.
    """
    for act in actions.values():
        act()
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        turns = [[act() for act in actions.values()] for _ in range(requests)]
        for name, figures in zip(actions, zip(*turns, strict=True), strict=True):
            taken[name].append(min(figures))
    return taken
