"""A visit from its booking to the signature, as far as the clock has come."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dispatch.models import Booking, BookingStatus
from dispatch.operations import book, press
from orders.models import ServiceStage, StageReasonCode
from orders.operations import add_line, add_repair_line, cancel_order, change_stage, sign_off
from servicemgmt.masterdata.models import Employee
from servicemgmt.projects.models import Category, LineProperty

from . import faults
from .crew import Crew, Job
from .customers import IN_VAN, IN_VANS
from .days import CANCELLED, HOLD, LATE, at_wall, slot_at
from .faults import SIGNATURE

#: One visit in so many ends without a signature, needs a part, costs a call-out fee, costs a trip, is coded.
UNSIGNED, PART, FEE, TRIP, CODED = 17, 4, 3, 6, 2


def go(crew: Crew, job: Job, fate: str, worker: Employee, slot: int) -> None:
    """Plan the visit in a slot of its day and bring it as far as its fate, or the clock, allows."""
    start, minutes = slot_at(job.zone, job.order.service_on, slot)
    end = start + timedelta(minutes=minutes)
    if fate == LATE:
        return
    if fate == CANCELLED:
        cancel(crew, job)
        return
    if fate == HOLD and job.is_call:
        wait_for_part(crew, job, start)
        return
    booking = plan(crew, job, worker, start, minutes)
    if fate == HOLD:
        pause(crew, booking, worker, start)
    elif end <= crew.now:
        work(crew, job, booking, worker, start, end)
    elif start <= crew.now:
        tell(crew, booking, worker, BookingStatus.WORKING, start)


def plan(crew: Crew, job: Job, worker: Employee, start: datetime, minutes: int) -> Booking:
    """As the dispatcher did the day before."""
    at = min(start - timedelta(hours=16), crew.now)
    return book(job.order, worker, start, minutes, by=crew.user("Dispatcher"), at=at)


def tell(
    crew: Crew,
    booking: Booking,
    worker: Employee,
    status: BookingStatus,
    moment: datetime,
    reason: StageReasonCode | None = None,
) -> None:
    """A press on the technician's clock."""
    press(
        booking.pk,
        to=status,
        key=crew.key(),
        device_at=moment,
        by=worker.user,
        at=moment,
        reason=reason,
    )


def work(
    crew: Crew,
    job: Job,
    booking: Booking,
    worker: Employee,
    start: datetime,
    end: datetime,
    enter: Callable[[Crew, Job, Employee, datetime], None] | None = None,
) -> None:
    """The visit as it went: started, entered what was used, coded, signed, finished."""
    tell(crew, booking, worker, BookingStatus.WORKING, start)
    (enter or used)(crew, job, worker, end)
    if job.is_call and job.order.pk % CODED == 0:
        code_fault(crew, job, worker, end)
    if enter or job.order.pk % UNSIGNED:
        sign(crew, job, worker, end)
    tell(crew, booking, worker, BookingStatus.DONE, end)


def used(crew: Crew, job: Job, worker: Employee, at: datetime) -> None:
    """The hours of a call, and what some visits need: a part, a call-out fee, a trip."""
    number, dice = job.order.pk, crew.dice
    if job.is_call:
        enter(
            crew, job, worker, at, "LABOUR", dice.choice(["0.75", "1", "1.25", "1.5"]), description="Repair"
        )
    if number % PART == 0:
        enter(crew, job, worker, at, "PARTS", dice.choice("112"), item=dice.choice(crew.base.items[:IN_VANS]))
    if job.is_call and number % FEE == 0:
        enter(crew, job, worker, at, "CALLOUT", "1", **given_away(crew, number))
    if number % TRIP == 0:
        enter(crew, job, worker, at, "TRAVELCOST", "1", description="Parking and toll")


def given_away(crew: Crew, number: int) -> dict[str, Any]:
    """Every other call-out is not charged, with the reason; the others cost a little less."""
    if number % (2 * FEE):
        return {"discount": Decimal(10)}
    goodwill = crew.masters(LineProperty, "GOODWILL")
    return {"line_property": goodwill, "coverage_reason": "Second call in a month for the same fault"}


def too_many_parts(crew: Crew, job: Job, worker: Employee, at: datetime) -> None:
    """More of a part than a van holds: posting it will be refused with a sentence."""
    enter(crew, job, worker, at, "PARTS", str(IN_VAN + 15), item=crew.base.items[0])


def enter(
    crew: Crew, job: Job, worker: Employee, at: datetime, category: str, quantity: str, **fields: Any
) -> None:
    """A line that the technician adds."""
    row = crew.masters(Category, category)
    add_line(
        job.order.pk,
        version=None,
        by=worker.user,
        at=at,
        kind=row.kind,
        category=row,
        quantity=Decimal(quantity),
        worker=worker,
        **fields,
    )


def code_fault(crew: Crew, job: Job, worker: Employee, at: datetime) -> None:
    """Symptom, diagnosis and resolution of a called-in fault."""
    fault = crew.dice.choice(faults.CODED)
    add_repair_line(
        job.order.pk,
        version=None,
        by=worker.user,
        at=at,
        service_object=job.service_object,
        name=job.order.description[:160],
        worker=worker,
        **{name: crew.masters(model, code) for name, model, code in fault},
    )


def sign(crew: Crew, job: Job, worker: Employee, at: datetime) -> None:
    """The customer's signature on the technician's tablet."""
    sign_off(
        job.order.pk,
        version=None,
        by=worker.user,
        at=at,
        device_at=at,
        signer_name=crew.base.contacts[job.order.customer_id].name,
        signer_role="Facility manager",
        strokes=SIGNATURE,
        key=crew.key(),
    )


def pause(crew: Crew, booking: Booking, worker: Employee, start: datetime) -> None:
    """Begun, then waiting for a part: the technician stops his clock."""
    tell(crew, booking, worker, BookingStatus.WORKING, start)
    reason = crew.masters(StageReasonCode, "PARTS")
    tell(crew, booking, worker, BookingStatus.PAUSED, start + timedelta(minutes=20), reason)


def wait_for_part(crew: Crew, job: Job, at: datetime) -> None:
    """Looked into on the phone, then waiting for a part; the dispatcher plans it when the part is there."""
    move(crew, job, "INPROCESS", at)
    move(crew, job, "ONHOLD", at + timedelta(minutes=20), "PARTS")


def cancel(crew: Crew, job: Job) -> None:
    """Called off by the customer that morning."""
    moment = at_wall(job.zone, job.order.service_on, 7 * 60)
    cancel_order(job.order.pk, version=None, by=crew.user("Dispatcher"), at=moment)
    move(crew, job, "CANCEL", moment, "CUSTOMER")


def move(crew: Crew, job: Job, stage: str, at: datetime, reason: str = "") -> None:
    """The dispatcher moves the order."""
    change_stage(
        job.order.pk,
        to=crew.masters(ServiceStage, stage),
        version=None,
        by=crew.user("Dispatcher"),
        at=at,
        reason=crew.masters(StageReasonCode, reason),
    )
