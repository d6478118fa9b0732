"""Keyset paging: a page begins after the last row of the one before, so the thousandth is as fast as the first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import CharField, F, Field, Model, QuerySet, TextField
from django.db.models.expressions import Expression
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Collate, Lower

from .spec import Row

#: The name under which the sort value is selected.
SORT = "list_sort"
SIGNER = signing.Signer(salt="list cursor")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: its sort value (None where it has none), its key, and how many rows came before."""

    value: Any
    pk: Any
    position: int


@dataclass(frozen=True)
class Order:
    """A sort: by one path, either way, then by the key the same way. Rows without a value always come last."""

    path: str
    descending: bool

    @classmethod
    def parse(cls, text: str) -> "Order":
        return cls(text.removeprefix("-"), text.startswith("-"))

    @property
    def text(self) -> str:
        return f"-{self.path}" if self.descending else self.path


def field_at(model: type[Model], path: str) -> "tuple[Field[Any, Any] | None, bool]":
    """The model field at the path and whether it may be NULL on the way; (None, True) for an annotation."""
    nullable = False
    found: Any = None
    for name in path.split("__"):
        try:
            found = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist:
            return None, True
        nullable = nullable or getattr(found, "null", True) or not found.concrete
        if found.is_relation:
            model = found.related_model
    return (found, nullable) if getattr(found, "concrete", False) else (None, True)


def expression(model: type[Model], path: str) -> F | Expression:
    """What the database sorts by. Text is compared without regard to case in a named collation; unique texts such as
    numbers and codes are compared as they are, so that their index serves the page."""
    found, _nullable = field_at(model, path)
    is_text = isinstance(found, CharField | TextField) and not found.choices
    if is_text and not (found and found.unique and "__" not in path):
        return Collate(Lower(path), "C")
    return F(path)


def parts(queryset: QuerySet[Any], order: Order) -> list[QuerySet[Any]]:
    """The rows with a sort value in order, then those without, each in the order of its key."""
    pk = "-pk" if order.descending else "pk"
    sorted_by = queryset.annotate(**{SORT: expression(queryset.model, order.path)})
    by_value = sorted_by.order_by(f"-{SORT}" if order.descending else SORT, pk)
    if order.path in {"pk", "id"} or not field_at(queryset.model, order.path)[1]:
        return [by_value]
    without = sorted_by.filter(**{f"{SORT}__isnull": True}).order_by(pk)
    return [by_value.filter(**{f"{SORT}__isnull": False}), without]


def page_of(
    queryset: QuerySet[Any], order: Order, cursor: Cursor | None, size: int, paths: list[str]
) -> tuple[list[Row], Cursor | None]:
    """The rows after the cursor, at most `size`, and the cursor of the next page if there is one."""
    rows: list[Row] = []
    for part in after(parts(queryset, order), order, cursor):
        rows += part.values(*paths, SORT)[: size + 1 - len(rows)]
        if len(rows) > size:
            break
    if len(rows) <= size:
        return rows, None
    rows = rows[:size]
    position = (cursor.position if cursor else 0) + size
    return rows, Cursor(rows[-1][SORT], rows[-1]["pk"], position)


def after(found: list[QuerySet[Any]], order: Order, cursor: Cursor | None) -> list[QuerySet[Any]]:
    """What of the parts comes after the cursor, compared as a row value so that an index can begin there."""
    if cursor is None:
        return found
    beyond = TupleLessThan if order.descending else TupleGreaterThan
    if cursor.value is not None:
        return [found[0].filter(beyond((F(SORT), F("pk")), (cursor.value, cursor.pk))), *found[1:]]
    comparison = "lt" if order.descending else "gt"
    return [part.filter(**{f"pk__{comparison}": cursor.pk}) for part in found[1:]]


def all_rows(queryset: QuerySet[Any], order: Order, paths: list[str]) -> Iterator[Row]:
    """Every row in order, read from the database in pieces."""
    found = parts(queryset, order)
    return chain.from_iterable(part.values(*paths, SORT).iterator(chunk_size=2000) for part in found)


def pack(cursor: Cursor, order: Order) -> str:
    """The cursor as it stands in the URL, signed together with the sort it belongs to."""
    return SIGNER.sign_object([order.text, plain(cursor.value), plain(cursor.pk), cursor.position])


def unpack(text: str, order: Order, queryset: QuerySet[Any]) -> Cursor | None:
    """The cursor from the URL, or None where it is not ours or belongs to another sort."""
    try:
        sort, value, pk, position = SIGNER.unsign_object(text)
        if sort != order.text:
            return None
        kind = parts(queryset, order)[0].query.annotations[SORT].output_field
        return Cursor(kind.to_python(value), queryset.model._meta.pk.to_python(pk), position)
    except (signing.BadSignature, ValidationError, ValueError, TypeError, AttributeError):
        return None


def plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if value is None or isinstance(value, bool | int | str | float) else str(value)
