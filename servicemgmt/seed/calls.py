"""Customers call: requests that wait, and requests that became orders."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from agreements.models import ServiceObject, ServiceTask
from orders.models import ServiceRequest
from orders.operations import add_line, close_request, order_from_request, receive_request, relate_task
from servicemgmt.projects.models import Category

from . import faults
from .crew import Crew, Job
from .days import LATE, ONE_DAY, Called, at_wall, slot_at, workdays

#: One call in so many has its hours and task planned by the dispatcher; the others last as long as they last.
PLANNED_EVERY = 3


def open_requests(crew: Crew) -> None:
    """Calls that nobody has dealt with yet, and one that was answered on the phone."""
    for team, minutes in (("LIFTS", 190), ("CLIMATE", 95), ("LONDON", 40), ("CLIMATE", 12)):
        receive(crew, crew.dice.choice(crew.objects_of(team)), crew.now - timedelta(minutes=minutes))
    answered = receive(crew, crew.objects_of("CLIMATE")[0], crew.now - timedelta(hours=20))
    close_request(
        answered.pk,
        version=answered.version,
        by=crew.user("Dispatcher"),
        answer="The caretaker switched it on again at the panel; it runs.",
    )


def receive(
    crew: Crew, service_object: ServiceObject, received: datetime, day: date | None = None
) -> ServiceRequest:
    """A customer reports a fault of one of his objects."""
    customer = service_object.customer
    fault = crew.dice.choice(faults.OF_GROUP[service_object.group.code])
    return receive_request(
        by=crew.user("Dispatcher"),
        at=received,
        customer=customer,
        site=service_object.site,
        service_object=service_object,
        caller=crew.base.contacts[customer.pk].name,
        phone=customer.phone,
        summary=f"{service_object.description}: {fault}",
        priority=crew.dice.choice(["HIGH", "NORMAL", "NORMAL", "NORMAL", "LOW"]),
        preferred_on=day,
    )


def take_call(crew: Crew, call: Called) -> Job:
    """A call that came in early enough for its slot. What nobody has planned has no SLA to break meanwhile."""
    rows = crew.objects_of(call.team)
    if call.slot is None or call.fate == LATE:
        rows = [row for row in rows if not crew.is_bound(row)]
    else:
        rows = [row for row in rows if not crew.is_urgent(row) or in_time(row, call) < crew.now]
    service_object = crew.dice.choice(rows)
    received = in_time(service_object, call)
    if received >= crew.now:
        received = crew.now - timedelta(minutes=crew.dice.randrange(15, 300))
    return make_order(crew, service_object, received, call.day)


def in_time(service_object: ServiceObject, call: Called) -> datetime:
    """When the customer called, for the visit to be in time: that morning, or in the evening of the workday before."""
    zone = service_object.site.time_zone
    start, _minutes = slot_at(zone, call.day, call.slot or 0)
    if service_object.group.code == "LIFT":
        return start - timedelta(hours=1)
    if call.slot:
        return start - timedelta(hours=2.5 if call.slot == 1 else 4)
    day_before = next(workdays(call.day - ONE_DAY, -ONE_DAY))
    return at_wall(zone, day_before, 17 * 60 + 20)


def make_order(crew: Crew, service_object: ServiceObject, received: datetime, day: date) -> Job:
    """The request and its order; for some of them the dispatcher also says what is to be done, and how long."""
    by = crew.user("Dispatcher")
    request = receive(crew, service_object, received, day)
    moment = min(received + timedelta(minutes=4), crew.now)
    order = order_from_request(request.pk, version=request.version, by=by, at=moment)
    if order.pk % PLANNED_EVERY == 0:
        relation = relate_task(order.pk, crew.masters(ServiceTask, "REPAIR"), by=by)
        add_line(
            order.pk,
            version=None,
            by=by,
            at=moment,
            kind="HOUR",
            description=request.summary,
            quantity=Decimal(crew.dice.choice(["1", "1.5", "2"])),
            category=crew.masters(Category, "LABOUR"),
            task_relation=relation,
            service_object=service_object,
        )
    return Job(order, service_object)
