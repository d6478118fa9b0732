"""Reading repairs: what helped before, and what is not finished yet."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, F, QuerySet

from orders.models import Condition, RepairLine, ServiceOrder, SymptomCode

#: How many past resolutions are suggested.
SUGGESTED = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A resolution that helped with a symptom before, how often, and how long it took on average."""

    resolution_id: int
    resolution: str
    count: int
    took: timedelta | None


def suggestions(symptom: SymptomCode, condition: Condition | None = None) -> list[Suggestion]:
    """RP-05: past resolutions of a symptom (under a condition), the most frequent first."""
    lines = RepairLine.objects.filter(symptom=symptom, resolution__isnull=False)
    if condition:
        lines = lines.filter(condition=condition)
    rows = (
        lines.order_by()
        .values("resolution", "resolution__description")
        .annotate(count=Count("pk"), took=Avg(F("finished_at") - F("created_at")))
        .order_by("-count", "resolution__description")[:SUGGESTED]
    )
    return [
        Suggestion(row["resolution"], row["resolution__description"], row["count"], row["took"])
        for row in rows
    ]


def unfinished_repairs(order: ServiceOrder) -> QuerySet[RepairLine]:
    """RP-08: repair lines that a sign-off should warn about."""
    return order.repair_lines.filter(finished_at__isnull=True)
