"""Puts the seed together, in the order a company would have grown."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

from . import LOGINS
from .customers import seed_customers
from .masters import seed_masters
from .people import seed_people
from .tables import COMPANY


def build(at: datetime) -> None:
    """Make the whole company as it would stand at `at`; the same for the same moment."""
    dice = random.Random(20_260)
    today = at.astimezone(ZoneInfo(COMPANY["time_zone"])).date()
    masters = seed_masters(today)
    people = seed_people(masters, LOGINS, at)
    seed_customers(masters, people.users["Planner"], today, dice)
