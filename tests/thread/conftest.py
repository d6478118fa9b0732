import random
from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import timezone

from servicemgmt.core.models import User
from servicemgmt.seed import LOGINS
from servicemgmt.seed.contracts import Contracts, seed_contracts
from servicemgmt.seed.customers import Base, seed_customers
from servicemgmt.seed.masters import Masters, seed_masters
from servicemgmt.seed.people import People, seed_people


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


@pytest.fixture
def company(transactional_db) -> Company:
    today = timezone.localdate()
    dice = random.Random(7)
    masters = seed_masters(today)
    people = seed_people(masters, LOGINS, timezone.now())
    base = seed_customers(masters, people.users["Planner"], today, dice)
    return Company(masters, people, base, seed_contracts(masters, base, people, today, dice), today)
