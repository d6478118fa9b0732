"""Activities of an order: its planned lines grouped by worker and task (DB-02)."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction

from dispatch.models import Activity, ActivityLine, Booking
from dispatch.parts import Key, PlannedLine, minutes_of
from dispatch.queries.planned import planned_lines
from orders.models import ServiceOrder
from orders.operations.lock import lock_order
from orders.queries.parameters import parameters


@dataclass
class Held:
    """An activity as it stands: its lines in order, and the workers it is booked for."""

    activity: Activity
    lines: list[PlannedLine] = field(default_factory=list)
    workers: set[int] = field(default_factory=set)

    @property
    def keys(self) -> set[Key]:
        """Whose lines belong here: those of its booked workers; before it is booked, those like its first."""
        task_id = self.activity.task_relation_id
        if self.workers:
            return {(worker_id, task_id) for worker_id in self.workers}
        return {line.key for line in self.lines[:1] if line.task_id == task_id}


@transaction.atomic
def ensure_activities(order: ServiceOrder) -> list[Activity]:
    """Bring the activities in line with the planned lines and return them.

    Lines of the same worker and task share an activity of Σ planned hours × 60 minutes; an order without planned hours
    has one of the company's usual length. What is booked keeps its activity, even when its last line left; what is
    not booked is merged again or deleted. Called by bookings, in their transaction; leaves no Event of its own.
    """
    lock_order(order.pk)
    lines = planned_lines([order.pk]).get(order.pk, [])
    held = _held(order, lines)
    members = _share_out(order, lines, held)
    for activity_id, group in members.items():
        _fill(activity_id, group)
    for thing in held:
        is_empty = thing.activity.pk not in members
        if is_empty and not thing.workers and (lines or not thing.activity.is_default):
            thing.activity.delete()
    if not Activity.objects.filter(order=order).exists():
        _create(order, None, parameters().default_minutes, is_default=True)
    return list(Activity.objects.filter(order=order).order_by("pk"))


def _held(order: ServiceOrder, lines: list[PlannedLine]) -> list[Held]:
    """The order's activities, booked ones first: they keep their lines where there is a choice."""
    found = {row.pk: Held(row) for row in Activity.objects.filter(order=order).order_by("pk")}
    home = dict(ActivityLine.objects.filter(activity__order=order).values_list("line_id", "activity_id"))
    for line in lines:
        if line.pk in home:
            found[home[line.pk]].lines.append(line)
    live = Booking.objects.live().filter(activity__order=order)
    for activity_id, worker_id in live.values_list("activity_id", "worker_id"):
        found[activity_id].workers.add(worker_id)
    return sorted(found.values(), key=lambda thing: (not thing.workers, thing.activity.pk))


def _share_out(
    order: ServiceOrder, lines: list[PlannedLine], held: list[Held]
) -> dict[int, list[PlannedLine]]:
    """Which lines each activity shall have; activities are made for keys that have none."""
    homes: dict[Key, int] = {}
    for thing in held:
        for key in thing.keys:
            homes.setdefault(key, thing.activity.pk)
    stays = {
        line.pk: thing.activity.pk
        for thing in held
        if thing.workers
        for line in thing.lines
        if line.key in thing.keys
    }
    members: dict[int, list[PlannedLine]] = defaultdict(list)
    for line in lines:
        if line.pk not in stays and line.key not in homes:
            homes[line.key] = _create(order, line.task_id, minutes_of([line])).pk
        members[stays.get(line.pk) or homes[line.key]].append(line)
    return members


def _fill(activity_id: int, lines: list[PlannedLine]) -> None:
    ActivityLine.objects.filter(activity_id=activity_id).exclude(
        line__in=[line.pk for line in lines]
    ).delete()
    for line in lines:
        ActivityLine.objects.update_or_create(line_id=line.pk, defaults={"activity_id": activity_id})
    Activity.objects.filter(pk=activity_id).update(planned_minutes=minutes_of(lines), is_default=False)


def _create(order: ServiceOrder, task_id: int | None, minutes: int, *, is_default: bool = False) -> Activity:
    return Activity.objects.create(
        order=order,
        task_relation_id=task_id,
        type_id=order.activity_type_id or parameters().activity_type_id,
        planned_minutes=minutes,
        is_default=is_default,
    )
