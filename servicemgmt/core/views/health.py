"""Is the process alive, and is it of use? For load balancers, containers and `manage.py doctor`."""

from collections.abc import Callable
from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ..web import public

BEAT_LATE_SECONDS = 120


@require_safe
@never_cache
@public("load balancers ask whether the process answers")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
@public("load balancers ask whether the process can do its work")
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where database, Redis and migrations are in order, else 503.

    A late beat is told but does not make the web process unready: taking it out of service would mend nothing.
    """
    checks = {name: outcome(check) for name, check in CHECKS.items()}
    ready = all(text == "ok" for text in checks.values())
    body = {"status": "ok" if ready else "failed", "checks": checks, "beat": beat_age()}
    return JsonResponse(body, status=200 if ready else 503)


def outcome(check: Callable[[], bool]) -> str:
    """ "ok" or "failed"; what went wrong stands in the log, not in an answer open to everybody."""
    try:
        return "ok" if check() else "failed"
    except Exception:
        return "failed"


def database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def redis() -> bool:
    cache.set("readyz", "1", 10)
    return bool(cache.get("readyz") == "1")


def migrations() -> bool:
    """Whether every migration of this code has run; asked of the database until it was once so."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def beat_age() -> dict[str, object]:
    """How long ago beat was heard."""
    try:
        heard = cache.get("beat")
    except Exception:
        heard = None
    if not heard:
        return {"status": "silent", "seconds": None}
    seconds = int((timezone.now() - datetime.fromisoformat(heard)).total_seconds())
    return {"status": "ok" if seconds <= BEAT_LATE_SECONDS else "late", "seconds": seconds}


CHECKS: dict[str, Callable[[], bool]] = {"database": database, "redis": redis, "migrations": migrations}
_migrated = False
