"""What every step of the work needs: who is there, what stands where, and which slots are still free."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from agreements.models import ServiceObject
from orders.models import ServiceOrder
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Employee

from .contracts import Contracts, team_for
from .customers import Base
from .days import SLOTS, Span
from .masters import Masters
from .people import AWAY_DAYS, People


@dataclass
class Crew:
    """The company at work at the moment `now`; `today` is the date on its clocks."""

    masters: Masters
    people: People
    base: Base
    contracts: Contracts
    today: date
    now: datetime
    span: Span
    dice: random.Random
    taken: set[tuple[int, date, int]] = field(default_factory=set)

    def user(self, role: str) -> User:
        return self.people.users[role]

    def key(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128), version=4)

    def is_away(self, worker: Employee, day: date) -> bool:
        """Whether it is the one on holiday."""
        first, last = (self.today + timedelta(days=days) for days in AWAY_DAYS)
        return worker == self.people.technicians["CLIMATE"][3] and first <= day < last

    def claim(self, worker: Employee, day: date, slot: int) -> bool:
        """Take a slot of a worker; False where it is taken or he is away."""
        place = (worker.pk, day, slot)
        if place in self.taken or self.is_away(worker, day):
            return False
        self.taken.add(place)
        return True

    def anybody(self, team: str, day: date, slots: list[int] | None = None) -> tuple[Employee, int] | None:
        """Somebody of the team with a free slot on the day, and that slot, claimed."""
        workers = self.people.technicians[team]
        for slot in slots or range(len(SLOTS)):
            for worker in self.dice.sample(workers, len(workers)):
                if self.claim(worker, day, slot):
                    return worker, slot
        return None

    def is_urgent(self, service_object: ServiceObject) -> bool:
        """Whether an SLA wants somebody there within hours."""
        customer = service_object.customer_id
        return service_object.group.code == "LIFT" or any(
            agreement.customer_id == customer and agreement.group.code == "GOLD"
            for agreement in self.contracts.agreements
        )

    def is_bound(self, service_object: ServiceObject) -> bool:
        """Whether any SLA stands behind it."""
        return self.is_urgent(service_object) or any(
            agreement.customer_id == service_object.customer_id for agreement in self.contracts.agreements
        )

    def objects_of(self, team: str) -> list[ServiceObject]:
        """What the team looks after."""
        return [row for rows in self.base.objects.values() for row in rows if team_for(row) == team]


@dataclass(frozen=True)
class Job:
    """An order with the object it is about."""

    order: ServiceOrder
    service_object: ServiceObject

    @property
    def zone(self) -> str:
        return self.service_object.site.time_zone

    @property
    def is_call(self) -> bool:
        return self.order.origin == "REQUEST"
