"""Rows of several tables, copied together as often as wanted: scale data, and bare SQL to measure against."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

type Model = type[models.Model]


class Stamp:
    """Rows to copy. Links between them follow; the columns in `texts`, which have to differ, get a number behind.

    `values` are what columns get instead of what the rows have (by now).
    """

    def __init__(
        self,
        rows: Mapping[Model, Sequence[int]],
        texts: Mapping[Model, Sequence[str]],
        values: Mapping[Model, Mapping[str, object]] | None = None,
    ) -> None:
        self.rows = {model: sorted(keys) for model, keys in rows.items() if keys}
        self.texts, self.values = texts, values or {}

    def copy(self, times: int, others: "Copies | None" = None) -> "Copies":
        """Make the copies, one INSERT … SELECT a table. `others` were made as often before; links to them follow."""
        made = self.keys(times)
        for model in self.rows:
            self.insert(model, (others or {}) | made, times)
        return made

    def keys(self, times: int) -> "Copies":
        """Keys for so many copies."""
        return {model: (keys, take(model, times * len(keys))) for model, keys in self.rows.items()}

    def insert(self, model: Model, made: "Copies", times: int) -> None:
        keys, parameters, columns = self.rows[model], [], []
        for field in model._meta.concrete_fields:
            if not getattr(field, "generated", False):
                expression, values = self.expression(model, field, made)
                columns.append((field.column, expression))
                parameters += values
        names = ", ".join(f'"{column}"' for column, _expression in columns)
        chosen = ", ".join(expression for _column, expression in columns)
        table, pk = model._meta.db_table, model._meta.pk.column
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT {chosen} FROM ('  # noqa: S608 — names of our own models
                f' SELECT t.*, array_position(%s::bigint[], t."{pk}"::bigint) - 1 AS rank FROM "{table}" t'
                f' WHERE t."{pk}" = ANY(%s)) r CROSS JOIN generate_series(1, %s) g ORDER BY g, r.rank',
                [*parameters, keys, keys, times],
            )

    def expression(self, model: Model, field: Any, made: "Copies") -> tuple[str, list[Any]]:
        column = f'r."{field.column}"'
        own = self.values.get(model, {})
        if field.attname in own:
            return "%s", [own[field.attname]]
        if field.primary_key and not field.remote_field:
            return f"{made[model][1]} + (g - 1) * {len(self.rows[model])} + r.rank", []
        target = field.remote_field.model if field.remote_field else None
        if target in made:
            keys, first = made[target]
            place = f"array_position(%s::bigint[], {column}::bigint) - 1"
            return f"coalesce({first} + (g - 1) * {len(keys)} + {place}, {column})", [list(keys)]
        if field.column in self.texts.get(model, ()):
            end = f"'-' || ({made[model][1]} + (g - 1) * {len(self.rows[model])} + r.rank)"
            return f"left({column}, {field.max_length} - length({end})) || {end}", []
        return column, []


#: Of each table the keys that were copied, and the first key of the copies.
type Copies = dict[Model, tuple[Sequence[int], int]]


def take(model: Model, count: int) -> int:
    """The first of so many keys in a row that nobody else gets."""
    sequence = "pg_get_serial_sequence(%s, %s)"
    with connection.cursor() as cursor:
        names = [model._meta.db_table, model._meta.pk.column]
        cursor.execute(f"SELECT setval({sequence}, nextval({sequence}) + %s)", [*names, *names, count])
        return int(cursor.fetchone()[0]) - count


def rows_after(before: Mapping[Model, int]) -> dict[Model, list[int]]:
    """The keys of the rows that came since `newest` was asked."""
    return {
        model: list(model._default_manager.filter(pk__gt=key).order_by("pk").values_list("pk", flat=True))
        for model, key in before.items()
    }


def newest(models_: Sequence[Model]) -> dict[Model, int]:
    """The highest key of each table."""
    return {
        model: model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
        for model in models_
    }


def nth(keys: tuple[Sequence[int], int], original: int, n: int) -> int:
    """The key of the n-th copy of a row."""
    originals, first = keys
    return first + n * len(originals) + list(originals).index(original)
