"""Counting without paying for it: several counts in one query, each only up to a cap."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from ..display import number

CAP = 999


def capped_counts(querysets: Sequence[QuerySet[Any]]) -> list[str]:
    """How many rows each has, as text, in one query; beyond 999 only that there are more (“999+”)."""
    if not querysets:
        return []
    selects: list[str] = []
    params: list[Any] = []
    for queryset in querysets:
        try:
            sql, values = queryset.order_by().values("pk")[: CAP + 1].query.sql_with_params()
        except EmptyResultSet:
            sql, values = "SELECT 1 WHERE FALSE", ()
        selects.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 (Django's own SQL, parameters apart)
        params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(selects)}", params)
        return [f"{number(CAP)}+" if n > CAP else number(n) for n in cursor.fetchone()]
