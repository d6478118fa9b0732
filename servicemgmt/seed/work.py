"""About 250 orders around today: done and posted, late, on hold, cancelled, in work, planned and unscheduled."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from agreements.models import ServiceTask
from dispatch.models import Booking, BookingStatus
from dispatch.operations import book, press
from orders.generation import start_generation
from orders.models import ServiceOrder, ServiceRequest, ServiceStage, StageReasonCode
from orders.operations import (
    add_line,
    add_repair_line,
    cancel_order,
    change_stage,
    order_from_request,
    receive_request,
    relate_task,
    sign_off,
)
from orders.planning import Options
from orders.queries.related import objects_of
from servicemgmt.core.models import User
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end
from servicemgmt.masterdata.models import Employee, Item
from servicemgmt.projects.models import Category

from . import faults
from .contracts import Contracts
from .customers import IN_VANS, Base
from .masters import Masters
from .people import People

PAST_DAYS, FUTURE_DAYS = 60, 30
#: Where a working day's visits begin, in minutes from midnight, and how long they are.
SLOTS = [(8 * 60, 90), (10 * 60, 120), (13 * 60, 90), (15 * 60, 90)]
SIGNATURE = [
    [[12, 60], [20, 30], [28, 58], [36, 28], [44, 60]],
    [[52, 50], [60, 42], [66, 54], [74, 40], [86, 56], [120, 44]],
]


@dataclass
class Seeder:
    """What every step needs, and which slots are still free."""

    masters: Masters
    people: People
    base: Base
    contracts: Contracts
    today: date
    now: datetime
    dice: random.Random
    taken: set[tuple[int, date, int]] = field(default_factory=set)

    def user(self, role: str) -> User:
        return self.people.users[role]

    def key(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128), version=4)

    def workers_for(self, order: ServiceOrder) -> list[Employee]:
        teams = self.people.technicians
        if order.site.time_zone == "Europe/London":
            return teams["LONDON"]
        return teams["CLIMATE"] + teams["LIFTS"]

    def free_slot(self, order: ServiceOrder) -> tuple[Employee, int, int] | None:
        """A worker of the right city with a free slot on the order's day, and the slot.

        On the days at hand whoever has a login of the demonstration comes first: he finds work when he signs in.
        """
        workers = self.workers_for(order)
        workers = self.dice.sample(workers, len(workers))
        if 0 <= (order.service_on - self.today).days <= 4:
            workers.sort(key=lambda worker: worker.user_id != self.user("Technician").pk)
        for worker in workers:
            for number, (minute, minutes) in enumerate(SLOTS):
                if (worker.pk, order.service_on, number) not in self.taken:
                    self.taken.add((worker.pk, order.service_on, number))
                    return worker, minute, minutes
        return None


def seed_work(seeder: Seeder) -> None:
    """Create the orders and bring each as far as its day says."""
    refresh_statistics()
    open_requests(seeder)
    orders = generated(seeder) + entered(seeder)
    for number, order in enumerate(sorted(orders, key=lambda o: (o.service_on, o.pk))):
        if number % 50 == 0:
            refresh_statistics()
        bring_along(seeder, order)


def refresh_statistics() -> None:
    """Tell the planner of PostgreSQL what this transaction has written so far; autovacuum cannot see it yet."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def generated(seeder: Seeder) -> list[ServiceOrder]:
    """What the agreements ask for, through the same run that planners start."""
    period = Period(seeder.today - timedelta(days=PAST_DAYS), seeder.today + timedelta(days=FUTURE_DAYS))
    run = start_generation(
        [agreement.pk for agreement in seeder.contracts.agreements],
        Options(period),
        by=seeder.user("Planner"),
        enqueue=False,
    )
    execute_to_end(run)
    return list(ServiceOrder.objects.filter(run=run).select_related("site", "agreement", "customer"))


def entered(seeder: Seeder) -> list[ServiceOrder]:
    """Calls of customers, spread over the working days."""
    orders = []
    for offset in range(-PAST_DAYS, FUTURE_DAYS):
        day = seeder.today + timedelta(days=offset)
        if day.weekday() >= 5:
            continue
        orders += [call(seeder, day) for _ in range(seeder.dice.choice(calls_on(offset)))]
    return orders


def calls_on(offset: int) -> list[int]:
    """How many calls a day that far from today may have: the days at hand are the busy ones."""
    if 0 <= offset <= 3:
        return [9, 10, 11]
    return [2, 2, 3] if offset < 0 else [1, 2]


def open_requests(seeder: Seeder) -> None:
    """Calls of this morning that nobody has dealt with yet."""
    for minutes in (190, 95, 40, 12):
        receive(seeder, seeder.now - timedelta(minutes=minutes), None)


def receive(seeder: Seeder, received: datetime, day: date | None) -> ServiceRequest:
    """A customer reports a fault of one of his objects."""
    customer = seeder.dice.choice([c for c in seeder.base.customers if seeder.base.objects[c.pk]])
    service_object = seeder.dice.choice(seeder.base.objects[customer.pk])
    fault = seeder.dice.choice(faults.OF_GROUP[service_object.group.code])
    return receive_request(
        by=seeder.user("Dispatcher"),
        at=received,
        customer=customer,
        site=service_object.site,
        service_object=service_object,
        caller=customer.contacts.values_list("name", flat=True).first() or "",
        phone=customer.phone,
        summary=f"{service_object.description}: {fault.summary}",
        priority=seeder.dice.choice(["HIGH", "NORMAL", "NORMAL", "NORMAL", "LOW"]),
        preferred_on=day,
    )


def call(seeder: Seeder, day: date) -> ServiceOrder:
    """A request that came in shortly before the day, turned into an order with a fault and an hour line."""
    received = min(
        at_site("Europe/Berlin", day, seeder.dice.randrange(7 * 60, 11 * 60)) - timedelta(days=1), seeder.now
    )
    request = receive(seeder, received, day)
    order = order_from_request(
        request.pk, version=request.version, by=seeder.user("Dispatcher"), at=received + timedelta(minutes=4)
    )
    relation = relate_task(order.pk, seeder.masters(ServiceTask, "REPAIR"), by=seeder.user("Dispatcher"))
    add_line(
        order.pk,
        version=None,
        by=seeder.user("Dispatcher"),
        at=received,
        kind="HOUR",
        description=request.summary,
        quantity=Decimal(seeder.dice.choice(["1", "1.5", "2"])),
        category=seeder.masters(Category, "LABOUR"),
        task_relation=relation,
        service_object=request.service_object,
    )
    order.refresh_from_db()
    return order


def at_site(zone: str, day: date, minute: int) -> datetime:
    """A wall-clock minute of a day in a zone, as an instant."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def bring_along(seeder: Seeder, order: ServiceOrder) -> None:
    """As far as an order of that day would be by now."""
    age = (seeder.today - order.service_on).days
    chance = seeder.dice.random()
    if age > 0 and chance < 0.03:
        cancel(seeder, order)
    elif age > 2 and chance < 0.06:
        return  # late: nobody planned it
    elif age > 0 and chance < 0.10:
        hold(seeder, order)
    elif age <= 0 and chance < 0.12:
        return  # unscheduled
    elif booking := plan(seeder, order):
        if age > 0:
            work(seeder, order, booking)
        elif age == 0 and booking.during.lower <= seeder.now < booking.during.upper:
            tell(seeder, booking, BookingStatus.WORKING, booking.during.lower)
        elif age == 0 and booking.during.upper <= seeder.now:
            work(seeder, order, booking)


def plan(seeder: Seeder, order: ServiceOrder) -> Booking | None:
    """Book a free slot of the day, as the dispatcher did the day before."""
    slot = seeder.free_slot(order)
    if slot is None:
        return None
    worker, minute, minutes = slot
    start = at_site(order.site.time_zone, order.service_on, minute)
    planned_at = min(start - timedelta(hours=16), seeder.now)
    return book(order, worker, start, minutes, by=seeder.user("Dispatcher"), at=planned_at)


def tell(seeder: Seeder, booking: Booking, status: BookingStatus, moment: datetime) -> None:
    """A press on the technician's clock."""
    press(
        booking.pk,
        to=status,
        key=seeder.key(),
        device_at=moment,
        by=booking.worker.user,
        at=min(moment, seeder.now),
    )


def work(seeder: Seeder, order: ServiceOrder, booking: Booking) -> None:
    """The visit as it went: started, parts and fee entered, coded, signed, finished."""
    start, end = booking.during.lower, booking.during.upper
    tell(seeder, booking, BookingStatus.WORKING, start)
    used(seeder, order, booking.worker, end)
    code_fault(seeder, order, booking.worker, end)
    if seeder.dice.random() < 0.95:
        sign(seeder, order, booking.worker, end)
    tell(seeder, booking, BookingStatus.DONE, end)


def sign(seeder: Seeder, order: ServiceOrder, worker: Employee, at: datetime) -> None:
    """The customer's signature on the technician's tablet."""
    sign_off(
        order.pk,
        version=None,
        by=worker.user,
        at=at,
        device_at=at,
        signer_name=order.contact.name if order.contact else faults.SIGNERS[order.pk % len(faults.SIGNERS)],
        signer_role="Facility manager",
        strokes=SIGNATURE,
        key=seeder.key(),
    )


def work_with_part(seeder: Seeder, order: ServiceOrder, item: Item, quantity: Decimal) -> ServiceOrder:
    """A visit of an order that was late, with so much of a part; signed and finished."""
    booking = plan(seeder, order)
    worker = booking.worker if booking else seeder.workers_for(order)[0]
    start = at_site(order.site.time_zone, order.service_on, 8 * 60)
    if booking:
        start = booking.during.lower
        tell(seeder, booking, BookingStatus.WORKING, start)
    else:
        move(seeder, order, "INPROCESS", start)
    end = start + timedelta(hours=1)
    add_line(
        order.pk, version=None, by=worker.user, at=end, kind="ITEM", description=item.name, item=item,
        quantity=quantity, category=seeder.masters(Category, "PARTS"), worker=worker,
    )  # fmt: skip
    sign(seeder, order, worker, end)
    if booking:
        tell(seeder, booking, BookingStatus.DONE, end)
    else:
        move(seeder, order, "COMPLETED", end)
    return order


def used(seeder: Seeder, order: ServiceOrder, worker: Employee, at: datetime) -> None:
    """Some visits need a part, a call-out fee or cost a trip."""
    by, dice, masters = worker.user, seeder.dice, seeder.masters
    if dice.random() < 0.35:
        item = dice.choice(seeder.base.items[:IN_VANS])
        add_line(
            order.pk, version=None, by=by, at=at, kind="ITEM", description=item.name, item=item,
            quantity=Decimal(dice.choice([1, 1, 2])), category=masters(Category, "PARTS"), worker=worker,
        )  # fmt: skip
    if order.origin == "REQUEST" and dice.random() < 0.6:
        add_line(
            order.pk, version=None, by=by, at=at, kind="FEE", description="Call-out", quantity=Decimal(1),
            category=masters(Category, "CALLOUT"),
        )  # fmt: skip
    if dice.random() < 0.2:
        add_line(
            order.pk, version=None, by=by, at=at, kind="EXPENSE", description="Parking and toll",
            quantity=Decimal(1), category=masters(Category, "TRAVELCOST"), worker=worker,
        )  # fmt: skip


def code_fault(seeder: Seeder, order: ServiceOrder, worker: Employee, at: datetime) -> None:
    """Symptom, diagnosis and resolution of a called-in fault."""
    relation = objects_of(order).first() if order.origin == "REQUEST" else None
    if relation is None:
        return
    fault = seeder.dice.choice(faults.CODED)
    add_repair_line(
        order.pk,
        version=None,
        by=worker.user,
        at=at,
        service_object=relation,
        name=order.description[:160],
        worker=worker,
        **{name: seeder.masters(model, code) for name, model, code in fault},
    )


def hold(seeder: Seeder, order: ServiceOrder) -> None:
    """Begun, then waiting for a part."""
    moment = min(at_site(order.site.time_zone, order.service_on, 11 * 60), seeder.now)
    move(seeder, order, "INPROCESS", moment)
    move(seeder, order, "ONHOLD", moment + timedelta(minutes=20), reason="PARTS")


def cancel(seeder: Seeder, order: ServiceOrder) -> None:
    """Called off by the customer."""
    moment = min(at_site(order.site.time_zone, order.service_on, 7 * 60), seeder.now)
    cancel_order(order.pk, version=None, by=seeder.user("Dispatcher"), at=moment)
    move(seeder, order, "CANCEL", moment, reason="CUSTOMER")


def move(seeder: Seeder, order: ServiceOrder, stage: str, at: datetime, *, reason: str = "") -> None:
    change_stage(
        order.pk,
        to=seeder.masters(ServiceStage, stage),
        version=None,
        by=seeder.user("Dispatcher"),
        at=at,
        reason=seeder.masters(StageReasonCode, reason) if reason else None,
    )
