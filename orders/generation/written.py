"""An order between plan and database, and rows as plain values: an object for each took most of the time of a run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models.expressions import DatabaseDefault

from agreements.models import ServiceAgreementLine
from orders.models import ServiceOrder
from orders.planning import WHOLE_DAY, PlannedLine, PlannedOrder
from orders.promise import promise
from servicemgmt.core.alike import insert_alike
from servicemgmt.core.bulk import take_keys
from servicemgmt.masterdata.models import Site

from .load import Loaded

type Values = dict[str, Any]


@dataclass(slots=True)
class Written:
    """An order on its way into the database, or one (`order`) that lines join, with what its lines are made from.

    `objects` and `tasks` are the keys of its relations, by what they relate.
    """

    loaded: Loaded
    planned: PlannedOrder
    key: int
    number: str
    order: ServiceOrder | None = None
    objects: dict[tuple[int, str], int] = field(default_factory=dict)
    tasks: dict[int, int] = field(default_factory=dict)
    clock_from: datetime | None = None
    last_line: int = 0

    @property
    def subject(self) -> str:
        """As `subject_of` names the order."""
        return f"{ServiceOrder._meta.model_name}:{self.key}"

    @property
    def site(self) -> Site:
        return self.loaded.surroundings.sites[self.planned.site]

    @property
    def sources(self) -> Iterator[tuple[PlannedLine, ServiceAgreementLine]]:
        for item in self.planned.lines:
            yield item, self.loaded.lines[item.line.id]


def window(written: Written) -> DateTimeTZRange | None:
    """The hours that all lines allow, on the site's clock; nothing where none of them asks for any."""
    hours = written.planned.hours
    return None if hours == WHOLE_DAY else promise(written.planned.day, hours, written.site.time_zone)


def values_of(row: models.Model) -> Values:
    """The values of a new row by the names of its fields: what rows alike have in common.

    What the database fills in is left out, its key too.
    """
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    values = {field.attname: getattr(row, field.attname) for field in fields}
    return {
        name: value.value if isinstance(value, Enum) else value
        for name, value in values.items()
        if not isinstance(value, DatabaseDefault)
    }


class Rows:
    """Rows of one model on their way into the database: what they share is kept once; see `insert_alike`."""

    def __init__(self, model: type[models.Model], *own: str) -> None:
        self.model, self.own = model, own
        self.alike: list[Values] = []
        self.rows: list[tuple[Any, ...]] = []

    def share(self, values: Values) -> int:
        """What some of the rows have in common; gives how `add` calls it."""
        self.alike.append(values)
        return len(self.alike) - 1

    def add(self, shared: int, *own: Any) -> None:
        """A row with its own values, in the order of the names."""
        self.rows.append((shared, *own))

    def give_keys(self) -> list[int]:
        """Keys for the rows added so far."""
        keys = take_keys(self.model, len(self.rows))
        self.own = *self.own, "id"
        self.rows = [(*row, key) for row, key in zip(self.rows, keys, strict=True)]
        return keys

    def insert(self) -> None:
        insert_alike(self.model, self.alike, self.own, self.rows)
