"""Writing many rows that share most of their values, while Python puts the next ones together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from .bulk import SIMPLE


@contextmanager
def without_waiting() -> Iterator[None]:
    """Statements of the block are sent without waiting for the answer to the one before: Python prepares the next while
    the database is at it. What goes wrong is raised at a later statement or at the end of the block."""
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def insert_alike(
    model: type[models.Model],
    alike: Sequence[Mapping[str, Any]],
    own: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows that share most of their values, in one INSERT … SELECT.

    A row is the number of what it shares in `alike`, and its own values of the fields `own`; a name in both is the
    row's own. What rows share is sent, read and converted once. All of `alike` have the same names. Fields that are
    not named get the database's default, not the model's. See `bulk.insert_rows`.
    """
    if not rows:
        return
    which, *values = zip(*rows, strict=True)
    shared: list[Any] = [model._meta.get_field(name) for name in alike[0] if name not in own]
    written: list[Any] = [model._meta.get_field(name) for name in own]
    quote = connection.ops.quote_name
    of_own = ", ".join([*(quote(field.column) for field in written), "which_"])
    of_shared = ", ".join([*(quote(field.column) for field in shared), "place_"])
    names = ", ".join(quote(field.column) for field in [*shared, *written])
    own_arrays = ", ".join([*(f"%s::{array_type(field)}" for field in written), "%s::int[]"])
    shared_arrays = ", ".join([*(f"%s::{array_type(field)}" for field in shared), "%s::int[]"])
    used = sorted(set(which))
    parameters = [array_of(field, column) for field, column in zip(written, values, strict=True)]
    parameters += [plain_array(which)]
    parameters += [array_of(field, [alike[at][field.attname] for at in used]) for field in shared]
    parameters += [plain_array(used)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {names}"  # noqa: S608 — our own names
            f" FROM unnest({own_arrays}) AS o({of_own})"
            f" JOIN unnest({shared_arrays}) AS s({of_shared}) ON s.place_ = o.which_",
            parameters,
        )


def array_type(field: Any) -> str:
    """The type of an array of the field's values."""
    kind = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return f"{kind}[]"


def array_of(field: Any, values: Sequence[Any]) -> Any:
    """The values of a field as a parameter: as PostgreSQL writes arrays where that is simple, else for the adapter."""
    if type(field) in SIMPLE:
        kinds = {type(value) for value in values}
        if kinds <= UNQUOTED:
            return plain_array(values)
        if kinds == {str}:
            return f"{{{','.join([quoted(value) for value in values])}}}"
    elif (
        isinstance(field, models.JSONField) and field.encoder is None and {type(v) for v in values} == {dict}
    ):
        texts = {id(value): quoted(json.dumps(value)) for value in {id(v): v for v in values}.values()}
        return f"{{{','.join([texts[id(value)] for value in values])}}}"
    return [field.get_db_prep_save(value, connection) for value in values]


def plain_array(values: Sequence[Any]) -> str:
    """An array of values whose text needs no quotes."""
    if None in values:
        return f"{{{','.join(['NULL' if value is None else str(value) for value in values])}}}"
    return f"{{{','.join(map(str, values))}}}"


def quoted(text: str) -> str:
    """A text as it stands in an array."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


#: Types whose text is the same in an array: without quotes, commas and braces.
UNQUOTED = frozenset({type(None), bool, int, Decimal, date, datetime})
