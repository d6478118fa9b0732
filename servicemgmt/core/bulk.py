"""Writing many rows at once, in a number of statements that does not grow with them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb
from psycopg.types.range import Range

from .arrays import SIMPLE, array_of, array_type


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
    for field in fields:
        if sets_itself(field):
            for row in rows:
                field.pre_save(row, add=True)
    names = [field.attname for field in fields]
    insert_values(model, names, ([getattr(row, name) for name in names] for row in rows))
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values with COPY, without an object for each; `names` are the fields (`voucher_id`).

    Fields that are not named get the database's default, not the model's. See `insert_rows`.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    special = [(at, field) for at, field in enumerate(fields) if type(field) not in SIMPLE]
    # Django wraps the errors of what it executes itself, not of COPY.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            written = list(row)
            for at, field in special:
                written[at] = None if row[at] is None else field.get_db_prep_save(row[at], connection)
            if not FORMS.issuperset(map(type, written)):
                written = [
                    value if type(value) in FORMS else field.get_db_prep_save(value, connection)
                    for value, field in zip(written, fields, strict=True)
                ]
            copy.write_row(written)


def inserted(model: type[models.Model], row: Any) -> Any:
    """The row of values (a named tuple of fields) that was inserted, as an object for who wants one."""
    made = model(**row._asdict())
    made._state.adding, made._state.db = False, connection.alias
    return made


#: Values that fields of the `SIMPLE` types write as they are; for all others the field is asked.
PLAIN = frozenset({type(None), bool, int, str, Decimal, date, datetime})
#: What PostgreSQL's fields give for theirs.
FORMS = PLAIN | {Jsonb, Range, list}


def sets_itself(field: Any) -> bool:
    """Whether the field makes up its value while it is saved, as a file's name or the time of the last change."""
    return (
        isinstance(field, models.FileField)
        or getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
    )


def is_left_to_database(field: Any, row: models.Model) -> bool:
    value = getattr(row, field.attname)
    return field.generated or isinstance(value, DatabaseDefault) or (field.primary_key and value is None)


def check_early(*written: type[models.Model], but: Collection[type[models.Model]]) -> None:
    """Check now what these tables' constraints leave to the commit, but for keys of rows that come later.

    For who takes a gapless number last: its counter is locked until the commit, and what is checked before it
    stops nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE condeferrable AND conrelid = ANY(%s::regclass[])"
            " AND confrelid <> ALL(%s::regclass[]) ORDER BY conname",
            [[model._meta.db_table for model in models_] for models_ in (written, but)],
        )
        names = ", ".join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
        if names:
            cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")
            cursor.execute(f"SET CONSTRAINTS {names} DEFERRED")


def update_rows(rows: Collection[models.Model], fields: Collection[str]) -> None:
    """Write these fields of rows of one model, in one statement however many there are; see `update_values`."""
    if rows:
        model = type(next(iter(rows)))
        written: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in fields)]
        columns = [[getattr(row, field.attname) for row in rows] for field in written]
        update_values(model, fields, zip(*columns, strict=True))


def update_values(model: type[models.Model], fields: Collection[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write these fields of rows given as key and values, in one statement; gives how many rows there were.

    Django's `bulk_update` compares every row with every key in a CASE per field; this joins the values instead. As
    there, no `save()` and no signals. A name may be a foreign key's. Rows that are gone meanwhile are passed over.
    """
    given = list(zip(*rows, strict=True))
    if not given:
        return 0
    quote = connection.ops.quote_name
    key: Any = model._meta.pk
    others: list[Any] = [model._meta.get_field(name) for name in fields]
    joined = [(quote(key.column), array_type(key), array_of(key, given[0]))]
    changes, constants = [], []
    for field, values in zip(others, given[1:], strict=True):
        name = quote(field.column)
        if all(value is values[0] or value == values[0] for value in values):
            changes.append(f"{name} = %s")
            constants.append(field.get_db_prep_save(values[0], connection))
        else:
            changes.append(f"{name} = v.{name}")
            joined.append((name, array_type(field), array_of(field, values)))
    names, kinds, arrays = zip(*joined, strict=True)
    source = ", ".join(f"%s::{kind}" for kind in kinds)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} t SET {', '.join(changes)}"  # noqa: S608 — our own names
            f" FROM unnest({source}) AS v({', '.join(names)}) WHERE t.{names[0]} = v.{names[0]}",
            [*constants, *arrays],
        )
        return int(cursor.rowcount)
