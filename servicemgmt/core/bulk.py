"""Writing many rows at once, in a number of statements that does not grow with them."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault


def take_keys(model: type[models.Model], count: int) -> list[int]:
    """The next `count` primary keys of the model's table; keys that are not used after all leave gaps, harmlessly.

    So rows which name each other can be inserted in any order (foreign keys are checked at commit): a voucher takes its
    gapless number last in the transaction and is frozen at once, so what it belongs to is inserted before it.
    """
    if not count:
        return []
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def give_keys(rows: Sequence[models.Model]) -> None:
    """Give new rows of one model the keys that they will be inserted with."""
    if rows:
        for row, key in zip(rows, take_keys(type(rows[0]), len(rows)), strict=True):
            row.pk = key


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model with COPY. Rows without a key get one there and do not learn it: see `give_keys`.

    As `bulk_create` it calls no `save()` and no signals; constraints and triggers hold as for every insert. A column
    whose default the database has is left to it where the first row leaves it. A thousand rows by `bulk_create` are
    one text with tens of thousands of values, which takes longer to put together than to carry out.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if not is_left_to_database(field, rows[0])]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"COPY {table} ({columns}) FROM STDIN"
    # Django wraps the errors of what it executes itself, not of COPY.
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
            copy.write_row(values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def is_left_to_database(field: Any, row: models.Model) -> bool:
    value = getattr(row, field.attname)
    return field.generated or isinstance(value, DatabaseDefault) or (field.primary_key and value is None)


def update_rows(rows: Collection[models.Model], fields: Collection[str]) -> None:
    """Write these fields of rows of one model, in one statement however many there are.

    Django's `bulk_update` compares every row with every key in a CASE per field; this joins the values instead. As
    there, no `save()` and no signals. A name may be a foreign key's. Rows that are gone meanwhile are passed over.
    """
    if not rows:
        return
    model = type(next(iter(rows)))
    written: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in fields)]
    names = [connection.ops.quote_name(field.column) for field in written]
    kinds = [model._meta.pk.rel_db_type(connection), *(field.db_type(connection) for field in written[1:])]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    changes = ", ".join(f"{name} = v.{name}" for name in names[1:])
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {changes} FROM unnest({arrays}) AS v({', '.join(names)})"  # noqa: S608 — our own names
            f" WHERE t.{names[0]} = v.{names[0]}",
            [
                [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
                for field in written
            ],
        )
