"""An order between plan and database, and rows as plain values: an object for each took most of the time of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models.expressions import DatabaseDefault

from agreements.models import ServiceAgreementLine
from orders.models import ServiceOrder
from orders.planning import WHOLE_DAY, PlannedLine, PlannedOrder
from servicemgmt.core.bulk import insert_values
from servicemgmt.masterdata.models import Site
from servicemgmt.masterdata.worktime import instant

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
    zone, hours = ZoneInfo(written.site.time_zone), written.planned.hours
    if hours == WHOLE_DAY:
        return None
    return DateTimeTZRange(*(instant(written.planned.day, minutes, zone) for minutes in hours))


def values_of(row: models.Model) -> Values:
    """The row's values by the names of its fields, its key too: what rows alike have in common.

    What the database fills in is left out.
    """
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {
        name: value.value if isinstance(value, Enum) else value
        for name, value in values.items()
        if not isinstance(value, DatabaseDefault)
    }


def insert(model: type[models.Model], rows: Sequence[Values]) -> None:
    """Insert rows made from one `values_of`; see `insert_values`."""
    if rows:
        insert_values(model, list(rows[0]), [list(row.values()) for row in rows])
