"""Subscription groups, a price table, a dozen subscriptions and the fees of last quarter."""

import random
from datetime import date, timedelta
from decimal import Decimal

from servicemgmt.core.editing import create_rows
from servicemgmt.core.models import NumberSequence, User
from servicemgmt.core.periods import Unit, step
from servicemgmt.core.runs import execute_to_end
from servicemgmt.masterdata.models import Currency
from servicemgmt.projects.models import AccrualMethod, AccrualRule, Category, PeriodType
from subscriptions.models import Subscription, SubscriptionGroup, SubscriptionPrice
from subscriptions.operations import FeeOrder, create_subscription, start_fees

from .contracts import Contracts
from .masters import Masters

# code, description, unit, split
ACCRUAL_RULES = [
    ("DAYS", "Every month by its days", Unit.MONTH, AccrualMethod.DAYS),
    ("MONTHS", "Every month the same", Unit.MONTH, AccrualMethod.EQUAL),
]
# code, description, period, accrual rule
GROUPS = [
    ("MONTHLY", "Monthly in advance", "MONTH", ""),
    ("QUARTERLY", "Quarterly in advance", "QUARTER", "DAYS"),
    ("YEARLY", "Yearly in advance", "YEAR", "MONTHS"),
]
#: How many months a period of the group has.
MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "YEARLY": 12}
#: So many projects have a subscription.
SUBSCRIBERS = 12
# period, category, EUR, GBP
PRICES = [
    ("MONTH", "HOTLINE", "49.00", "45.00"),
    ("MONTH", "MONITOR", "89.00", "79.00"),
    ("QUARTER", "HOTLINE", "139.00", "125.00"),
    ("QUARTER", "MONITOR", "249.00", "225.00"),
    ("YEAR", "HOTLINE", "520.00", "470.00"),
]


def seed_subscriptions(
    masters: Masters, contracts: Contracts, by: User, today: date, dice: random.Random
) -> list[Subscription]:
    """A dozen subscriptions on the projects; the fees of last quarter are made but for the yearly ones."""
    groups = new_groups(masters, by)
    seed_prices(masters, by, today)
    projects = [row for row in contracts.projects.values() if row.currency.code != "AUD"][:SUBSCRIBERS]
    rows = []
    for number, project in enumerate(projects):
        category = masters(Category, "MONITOR" if number % 3 else "HOTLINE")
        group = groups[2 if number % 5 == 4 else number % 2]
        rows.append(
            create_subscription(
                by=by,
                name=f"{category.description} {project.customer.name}",
                group=group,
                project=project,
                category=category,
                base_price=Decimal(dice.choice(["49", "89", "120"])) * MONTHS[group.code],
                index=Decimal(dice.choice(["100", "100", "103.5"])),
                starts_on=date(today.year - 1, 1, 1),
            )
        )
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last = FeeOrder(step(quarter, "QUARTER", -1), quarter - timedelta(days=1))
    within_year = [row.pk for row in rows if row.group.code != "YEARLY"]
    execute_to_end(start_fees(within_year, last, by=by, enqueue=False))
    return rows


def new_groups(masters: Masters, by: User) -> list[SubscriptionGroup]:
    sequence = masters(NumberSequence, "subscription")
    masters.make(AccrualRule, "code description unit method", ACCRUAL_RULES)
    return create_rows(
        (
            SubscriptionGroup(
                code=code,
                description=description,
                period_type=masters(PeriodType, period),
                accrual_rule=masters(AccrualRule, rule),
                sequence=sequence,
            )
            for code, description, period, rule in GROUPS
        ),
        by=by,
    )


def seed_prices(masters: Masters, by: User, today: date) -> None:
    create_rows(
        (
            SubscriptionPrice(
                valid_from=date(today.year - 1, 1, 1),
                period_type=masters(PeriodType, period),
                category=masters(Category, category),
                currency=masters(Currency, currency),
                price=Decimal(price),
            )
            for period, category, euro, pound in PRICES
            for currency, price in (("EUR", euro), ("GBP", pound))
        ),
        by=by,
    )
