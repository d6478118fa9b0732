"""Writing many rows that share most of their values, while Python puts the next ones together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from .arrays import array_of, array_type, plain_array


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
