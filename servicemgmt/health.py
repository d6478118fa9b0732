"""`python -m servicemgmt.health web|worker|beat`: exit code 0 while that process of this container does its work."""

import os
import socket
import sys
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta

PORT = 8000
SECONDS = 5
BEAT_IS_LATE = timedelta(minutes=2)


def web() -> bool:
    """The web server answers to a name it is allowed to answer to."""
    name = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/healthz", headers={"Host": name})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return bool(answer.status == 200)


def worker() -> bool:
    """The worker on this host answers over the broker."""
    from servicemgmt.celery import app

    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=SECONDS))


def beat() -> bool:
    """What beat sends twice a minute has lately been worked on."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicemgmt.settings")
    django.setup()
    from django.core.cache import cache
    from django.utils import timezone

    last = cache.get("beat")
    return bool(last) and timezone.now() - datetime.fromisoformat(last) < BEAT_IS_LATE


CHECKS: dict[str, Callable[[], bool]] = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
