"""How far a run is, added up from its chunks; nothing else stores it."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from ..models import Run

COUNTS = """
    SELECT counted.key, sum(counted.value::bigint)::bigint
      FROM core_runchunk AS chunk, jsonb_each_text(chunk.counts) AS counted
     WHERE chunk.run_id = %s AND chunk.done_at IS NOT NULL
     GROUP BY counted.key
"""


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    counts: dict[str, int]
    messages: dict[str, int]


def progress(run: Run) -> Progress:
    """Items done and in all, the counts added up, and the number of messages by level. Three queries, none of which
    loads a chunk."""
    sums = run.chunks.aggregate(total=Sum("size"), done=Sum("size", filter=Q(done_at__isnull=False)))
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [run.pk])
        counts = dict(cursor.fetchall())
    levels = dict(run.messages.order_by().values_list("level").annotate(n=Count("pk")))
    return Progress(sums["done"] or 0, sums["total"] or 0, counts, levels)


def beat() -> None:
    """Note that beat is alive, for /readyz and `manage.py doctor`."""
    cache.set("beat", timezone.now().isoformat(), timeout=300)
