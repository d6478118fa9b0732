"""Activities of an order: its planned lines grouped by worker and task (DB-02)."""

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
    """Bring the activities of an order in line with its planned lines and return them; see `in_step`."""
    lock_order(order.pk)
    return [thing.activity for thing in in_step(order)]


def in_step(order: ServiceOrder) -> list[Held]:
    """The activities of the locked order, brought in line with its planned lines.

    Lines of the same worker and task share an activity of Σ planned hours × 60 minutes; an order without planned hours
    has one of the company's usual length. What is booked keeps its activity, even when its last line left; what is
    not booked is merged again or deleted. Called by bookings, in their transaction; leaves no Event of its own.
    """
    lines = planned_lines([order.pk]).get(order.pk, [])
    rows = list(Activity.objects.filter(order=order).order_by("pk"))
    homes = _homes(order) if rows else {}
    held = _held(order, rows, lines, homes) if rows else []
    _share_out(order, lines, held)
    for thing in held:
        if not thing.lines and not thing.workers and (lines or not thing.activity.is_default):
            thing.activity.delete()
    held = [thing for thing in held if thing.activity.pk or thing.lines]
    if not held:
        usual = _new(order, None)
        usual.planned_minutes, usual.is_default = parameters().default_minutes, True
        held.append(Held(usual))
    _save(held, homes)
    return sorted(held, key=lambda thing: thing.activity.pk)


def _homes(order: ServiceOrder) -> dict[int, int]:
    """The activity of each line that has one."""
    return dict(ActivityLine.objects.filter(activity__order=order).values_list("line_id", "activity_id"))


def _held(
    order: ServiceOrder, rows: list[Activity], lines: list[PlannedLine], homes: dict[int, int]
) -> list[Held]:
    """The order's activities, booked ones first: they keep their lines where there is a choice."""
    found = {row.pk: Held(row) for row in rows}
    for line in lines:
        if line.pk in homes:
            found[homes[line.pk]].lines.append(line)
    live = Booking.objects.live().filter(activity__order=order)
    for activity_id, worker_id in live.values_list("activity_id", "worker_id"):
        found[activity_id].workers.add(worker_id)
    return sorted(found.values(), key=lambda thing: (not thing.workers, thing.activity.pk))


def _share_out(order: ServiceOrder, lines: list[PlannedLine], held: list[Held]) -> None:
    """Give each activity the lines it shall have; for keys that have none, new ones are added, unsaved."""
    homes: dict[Key, Held] = {}
    for thing in held:
        for key in thing.keys:
            homes.setdefault(key, thing)
    stays = {
        line.pk: thing for thing in held if thing.workers for line in thing.lines if line.key in thing.keys
    }
    for thing in held:
        thing.lines = []
    for line in lines:
        home = stays.get(line.pk) or homes.get(line.key)
        if home is None:
            home = homes[line.key] = Held(_new(order, line.task_id))
            held.append(home)
        home.lines.append(line)


def _save(held: list[Held], homes: dict[int, int]) -> None:
    """Write what differs: the activities with their lengths, and whose line is where."""
    for thing in held:
        if not thing.lines:
            continue
        row, before = thing.activity, (thing.activity.planned_minutes, thing.activity.is_default)
        row.planned_minutes, row.is_default = minutes_of(thing.lines), False
        if row.pk and before != (row.planned_minutes, False):
            row.save(update_fields=["planned_minutes", "is_default"])
    Activity.objects.bulk_create([thing.activity for thing in held if thing.activity.pk is None])
    wanted = {line.pk: thing.activity.pk for thing in held for line in thing.lines}
    filled = set(wanted.values())
    if gone := [line for line, home in homes.items() if line not in wanted and home in filled]:
        ActivityLine.objects.filter(line__in=gone).delete()
    ActivityLine.objects.bulk_create(
        [ActivityLine(line_id=pk, activity_id=home) for pk, home in wanted.items() if homes.get(pk) != home],
        update_conflicts=True,
        unique_fields=["line"],
        update_fields=["activity"],
    )


def _new(order: ServiceOrder, task_id: int | None) -> Activity:
    return Activity(
        order=order,
        task_relation_id=task_id,
        type_id=order.activity_type_id or parameters().activity_type_id,
    )
