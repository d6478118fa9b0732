"""Puts the seed together, in the order a company would have grown."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

from . import LOGINS
from .accruals import seed_accruals
from .boms import seed_boms
from .contracts import seed_contracts
from .crew import Crew
from .customers import seed_customers
from .days import Span
from .lives import seed_lives
from .loans import seed_loans
from .masters import seed_masters
from .money import seed_money
from .opening import seed_opening, seed_opening_items
from .people import seed_people
from .requirements import seed_requirements
from .stock import seed_numbers, seed_stock, seed_swap, seed_used_number
from .subscriptions import seed_subscriptions
from .tables import COMPANY
from .work import seed_work


def build(at: datetime, span: Span) -> None:
    """Make the whole company as it would stand at `at`; the same for the same moment."""
    dice = random.Random(20_260)
    today = at.astimezone(ZoneInfo(COMPANY["time_zone"])).date()
    masters = seed_masters(today)
    people = seed_people(masters, LOGINS, at)
    seed_opening(today, people.users["Finance"])
    base = seed_customers(masters, people.users["Planner"], today, dice)
    seed_opening_items(today, people.users["Finance"])
    contracts = seed_contracts(masters, base, people, today, dice)
    crew = Crew(masters, people, base, contracts, today, at, span, dice)
    seed_work(crew)
    seed_money(crew)
    seed_requirements(crew)
    seed_stock(crew)
    seed_numbers(crew)
    seed_swap(crew)
    seed_used_number(crew)
    seed_boms(crew)
    seed_loans(crew)
    seed_lives(masters, contracts, people, today)
    seed_accruals(crew, seed_subscriptions(masters, contracts, people.users["Finance"], today, dice))
