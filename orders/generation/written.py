"""An order between plan and database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from agreements.models import ServiceAgreementLine
from orders.models import OrderObject, OrderTask, ServiceOrder
from orders.planning import PlannedLine, PlannedOrder

from .load import Loaded


@dataclass
class Written:
    """An order on its way into the database, or one that lines join, with what its lines were made from."""

    loaded: Loaded
    planned: PlannedOrder
    order: ServiceOrder
    objects: dict[tuple[int, str], OrderObject] = field(default_factory=dict)
    tasks: dict[int, OrderTask] = field(default_factory=dict)
    clock_from: datetime | None = None
    last_line: int = 0

    @property
    def sources(self) -> Iterator[tuple[PlannedLine, ServiceAgreementLine]]:
        for item in self.planned.lines:
            yield item, self.loaded.lines[item.line.id]
