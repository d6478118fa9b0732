"""About 250 orders around today: done and posted, late, on hold, cancelled, in work, planned and unscheduled."""

from datetime import timedelta

from django.db import connection

from agreements.models import ServiceObject
from orders.generation import start_generation
from orders.models import ServiceOrder
from orders.planning import Options
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end

from .calls import make_order, open_requests, take_call
from .contracts import team_for
from .crew import Crew, Job
from .days import DONE, FATES_OF_VISITS, Called, calls, nth_workday, slot_at
from .visits import go, plan, work

#: So many days ahead visits of agreements are planned; what lies further away waits for the dispatcher.
PLANNED_DAYS = 7


def seed_work(crew: Crew) -> None:
    """Create the orders and bring each as far as its day says."""
    refresh_statistics()
    open_requests(crew)
    visits = generated(crew)
    refresh_statistics()
    for call in calls(
        crew.today, crew.span, {team: len(crew) for team, crew in crew.people.technicians.items()}
    ):
        answer(crew, call)
    refresh_statistics()
    past = 0
    for job in visits:
        is_over = job.order.service_on < crew.today
        visit(crew, job, FATES_OF_VISITS[past % len(FATES_OF_VISITS)] if is_over else DONE)
        past += is_over
    emergencies(crew)
    refresh_statistics()


def refresh_statistics() -> None:
    """Tell the planner of PostgreSQL what this transaction has written so far; autovacuum cannot see it yet."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def generated(crew: Crew) -> list[Job]:
    """What the agreements ask for, through the same run that planners start."""
    around = Period(
        crew.today - timedelta(days=crew.span.past), crew.today + timedelta(days=crew.span.future)
    )
    agreements = [agreement.pk for agreement in crew.contracts.agreements]
    run = start_generation(agreements, Options(around), by=crew.user("Planner"), enqueue=False)
    execute_to_end(run)
    objects: dict[int, ServiceObject] = {row.pk: row for rows in crew.base.objects.values() for row in rows}
    orders = ServiceOrder.objects.filter(run=run).prefetch_related("object_relations")
    return [
        Job(order, objects[order.object_relations.all()[0].service_object_id])
        for order in orders.order_by("service_on", "pk")
    ]


def answer(crew: Crew, call: Called) -> None:
    """Take the call and send who was meant, else whoever of the team is free."""
    if call.slot is None:
        take_call(crew, call)
        return
    if call.worker is None:
        found = crew.anybody(call.team, call.day, [call.slot])
    else:
        worker = crew.people.technicians[call.team][call.worker]
        found = (worker, call.slot) if crew.claim(worker, call.day, call.slot) else None
    if found:
        go(crew, take_call(crew, call), call.fate, *found)


def visit(crew: Crew, job: Job, fate: str) -> None:
    """Send somebody to a visit that an agreement asked for, unless it is far ahead."""
    if job.order.service_on > crew.today + timedelta(days=PLANNED_DAYS):
        return
    if found := crew.anybody(team_for(job.service_object), job.order.service_on):
        go(crew, job, fate, *found)


def emergencies(crew: Crew) -> None:
    """Lifts, due in four hours by day and night: one was repaired too late, one is late by now, one will be soon."""
    lifts = [row for row in crew.objects_of("LIFTS") if row.group.code == "LIFT"]
    lifts = list({lift.customer_id: lift for lift in lifts}.values())
    day = nth_workday(crew.today, -5)
    worker, slot = crew.anybody("LIFTS", day)
    start, minutes = slot_at(lifts[0].site.time_zone, day, slot)
    job = make_order(crew, lifts[0], start - timedelta(hours=5), day)
    end = start + timedelta(minutes=minutes)
    work(crew, job, plan(crew, job, worker, start, minutes), worker, start, end)
    for lift, hours in ((lifts[1], 9), (lifts[2], 2.5)):
        make_order(crew, lift, crew.now - timedelta(hours=hours), crew.today)
