import random
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agreements.models import ServiceObject
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Customer
from servicemgmt.projects.models import Project
from servicemgmt.seed import LOGINS
from servicemgmt.seed.contracts import Contracts, seed_contracts
from servicemgmt.seed.customers import Base, seed_customers
from servicemgmt.seed.masters import Masters, seed_masters
from servicemgmt.seed.people import People, seed_people
from servicemgmt.seed.tables import COMPANY


@dataclass(frozen=True)
class Company:
    """The demonstration company on its first day: everything but work."""

    masters: Masters
    people: People
    base: Base
    contracts: Contracts
    today: date

    def user(self, role: str) -> User:
        return self.people.users[role]

    @property
    def customer(self) -> Customer:
        """Whom the story is about: a customer without an agreement so far."""
        return self.base.customers[1]

    @property
    def service_object(self) -> ServiceObject:
        return self.base.objects[self.customer.pk][0]

    @property
    def project(self) -> Project:
        return self.contracts.projects[self.customer.pk]


@pytest.fixture
def company(transactional_db) -> Company:
    now = timezone.now()
    today = now.astimezone(ZoneInfo(COMPANY["time_zone"])).date()
    dice = random.Random(7)
    masters = seed_masters(today)
    people = seed_people(masters, LOGINS, now)
    base = seed_customers(masters, people.users["Planner"], today, dice)
    return Company(masters, people, base, seed_contracts(masters, base, people, today, dice), today)
