"""From a selected row to the cells on the page and the values in a file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import display
from ..errors import Sentence
from ..models import User
from ..web import may_enter
from .paging import field_at
from .spec import RIGHT, Column, ListSpec, Row

#: Which kind a column has by the type of its field, in this order.
BY_FIELD: "list[tuple[type[models.Field[Any, Any]], str]]" = [
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.BooleanField, "bool"),
    (models.DecimalField, "quantity"),
    (models.AutoField, "text"),
    (models.IntegerField, "number"),
]


class Cells:
    """Turns rows into cells; knows kinds, labels and the names of choices, looked up and translated once per list."""

    def __init__(self, spec: ListSpec, queryset: QuerySet[Any], user: User) -> None:
        self.spec, self.user = spec, user
        self.doors: dict[str, bool] = {}
        self.kinds: dict[str, str] = {}
        self.choices: dict[str, dict[Any, str]] = {}
        self.labels = {column.name: str(column.label) for column in spec.columns}
        for column in spec.columns:
            self.learn(column, queryset)

    def learn(self, column: Column, queryset: QuerySet[Any]) -> None:
        annotation = queryset.query.annotations.get(column.name)
        found = (
            getattr(annotation, "output_field", None)
            if annotation
            else field_at(queryset.model, column.name)[0]
        )
        if column.value:
            found = None
        if found is not None and found.choices:
            self.choices[column.name] = {value: str(label) for value, label in found.flatchoices}
        by_field = next((kind for cls, kind in BY_FIELD if isinstance(found, cls)), "text")
        self.kinds[column.name] = column.kind or ("text" if column.name in self.choices else by_field)

    def value(self, column: Column, row: Row) -> Any:
        """The bare value, choices by their label."""
        value = column.value(row) if column.value else row[column.name]
        names = self.choices.get(column.name)
        return names.get(value, value) if names and value is not None else value

    def cell(self, column: Column, row: Row) -> dict[str, Any]:
        """What core/list.html shows."""
        kind, value = self.kinds[column.name], self.value(column, row)
        href = "" if value in (None, "") else self.href(column, row)
        if kind == "link" and not href and value not in (None, ""):
            href = self.row_url(row)
        return {
            "kind": kind,
            "value": self.text(column, kind, value, row),
            "href": href,
            "tone": column.tone(row) if column.tone else "",
            "sub": column.sub(row) if column.sub else "",
            "title": column.title(row) if column.title else "",
            "align": "end" if kind in RIGHT else "start",
            "label": self.labels[column.name],
        }

    def href(self, column: Column, row: Row) -> str:
        """The column's own link, or ''."""
        return self.open(column.name, column.href(row)) if column.href else ""

    def row_url(self, row: Row) -> str:
        """Where the row as a whole leads, or ''."""
        return self.open("", self.spec.row_url(row)) if self.spec.row_url else ""

    def open(self, door: str, url: str) -> str:
        """The address, where the user may go there; a column's lead to one kind of page, so one look will do."""
        if url and door not in self.doors:
            self.doors[door] = may_enter(self.user, url)
        return url if url and self.doors[door] else ""

    def text(self, column: Column, kind: str, value: Any, row: Row) -> Any:
        """The value as people read it."""
        if value is None or value == "":
            return ""
        match kind:
            case "money":
                return display.money(value, row.get(column.currency), digits=self.digits(column, row))
            case "quantity" | "number":
                return display.quantity(value)
            case "price":
                return display.unit_price(value, row.get(column.currency))
            case "duration":
                return display.duration(value)
            case "datetime" if column.zone:
                return display.zoned(value, row[column.zone])
            case "date" | "datetime":
                return display.moment(value)
        return value

    def digits(self, column: Column, row: Row) -> int:
        if column.digits is not None:
            return column.digits
        found = row.get(column.currency_digits) if column.currency_digits else None
        return found if found is not None else display.digits_of(row.get(column.currency))

    def cells(self, row: Row) -> list[dict[str, Any]]:
        return [self.cell(column, row) for column in self.spec.columns if not column.only_export]

    def headers(self) -> list[Sentence]:
        """The heads of the exported columns; a money column's currency stands in a column after it.

        Where amounts are in several currencies, all but the first name the column they belong to.
        """
        heads: list[Sentence] = []
        for column in self.spec.columns:
            heads.append(column.label)
            if column in self.currency_columns[:1]:
                heads.append(_("Currency"))
            elif column in self.currency_columns:
                heads.append(_("Currency (%(column)s)") % {"column": column.label})
        return heads

    def values(self, row: Row) -> Sequence[Any]:
        """The values of the exported columns."""
        found: list[Any] = []
        for column in self.spec.columns:
            found.append(self.exported(column, row))
            if column in self.currency_columns:
                found.append(row[column.currency])
        return found

    @property
    def currency_columns(self) -> list[Column]:
        """The first money column of each currency path."""
        first: dict[str, Column] = {}
        for column in self.spec.columns:
            if column.currency:
                first.setdefault(column.currency, column)
        return list(first.values())

    def exported(self, column: Column, row: Row) -> Any:
        value = column.export(row) if column.export else self.value(column, row)
        if isinstance(value, Decimal):
            places = self.digits(column, row) if self.kinds[column.name] == "money" else 0
            return trimmed(value, places)
        return value


def trimmed(value: Decimal, least: int) -> Decimal:
    """The value without trailing zeros beyond `least` decimals."""
    plain = value.normalize()
    places = max(least, -int(plain.as_tuple().exponent))
    return plain.quantize(Decimal(1).scaleb(-places)) if abs(plain) < Decimal(10) ** 20 else plain
