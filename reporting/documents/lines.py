"""The lines of an order on paper: by task, then by service object, cancelled ones left out."""

from dataclasses import dataclass, field
from decimal import Decimal

from orders.models import LineStatus, OrderObject, OrderTask, ServiceOrder
from orders.queries.detail import LineRow, line_rows


@dataclass(slots=True)
class Things:
    """The lines on one service object, or on none."""

    relation: OrderObject | None
    rows: list[LineRow] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """One task of the order with its lines; without a task, what belongs to none."""

    task: OrderTask | None
    things: list[Things] = field(default_factory=list)

    @property
    def rows(self) -> list[LineRow]:
        return [row for thing in self.things for row in thing.rows]


def groups_of(order: ServiceOrder) -> list[Group]:
    """Every task of the order, also one without lines, then the lines without a task."""
    groups = {
        task.pk: Group(task) for task in order.task_relations.select_related("service_task").order_by("pk")
    }
    rest = Group(None)
    for row in line_rows(order):
        if row.line.status != LineStatus.CANCELLED:
            _put(groups.get(row.line.task_relation_id or 0, rest), row)
    return [*groups.values(), *([rest] if rest.things else [])]


def _put(group: Group, row: LineRow) -> None:
    key = row.line.object_relation_id
    found = next((t for t in group.things if (t.relation.pk if t.relation else None) == key), None)
    if found is None:
        found = Things(row.line.object_relation)
        group.things.append(found)
        group.things.sort(key=lambda thing: thing.relation.pk if thing.relation else 0)
    found.rows.append(row)


def charged_total(groups: list[Group]) -> Decimal:
    """What the charged lines come to, before tax, in the project's currency."""
    return sum(
        (row.sales or Decimal(0) for group in groups for row in group.rows if row.is_charged), Decimal(0)
    )
