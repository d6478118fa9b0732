"""Columns of values on their way into the database, as arrays of text: quicker put together than lists are adapted."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

#: Fields that write plain values as they are.
SIMPLE = frozenset(
    {
        models.BigAutoField, models.BooleanField, models.CharField, models.DateField, models.DateTimeField,
        models.DecimalField, models.ForeignKey, models.IntegerField, models.OneToOneField,
        models.PositiveIntegerField, models.PositiveSmallIntegerField, models.TextField,
    }
)  # fmt: skip


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
