"""Projects, prices and twelve service agreements."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from agreements.models import (
    AgreementGroup,
    CombineBy,
    ServiceAgreement,
    ServiceInterval,
    ServiceObjectGroup,
    ServiceTask,
    TimeWindow,
)
from agreements.operations import add_line, create_agreement, relate_object, relate_task
from orders.models import HistoryMapping
from servicemgmt.core.editing import create_row
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Currency, Customer
from servicemgmt.projects.models import (
    Category,
    CostPrice,
    LineKind,
    LineProperty,
    Project,
    ProjectGroup,
    SalesPrice,
)
from servicemgmt.projects.operations import create_project

from .customers import Base
from .masters import Masters
from .people import People

# category, type, cost (EUR), sales EUR, sales GBP
PRICES = [
    ("LABOUR", "HOUR", "41.50", "89.00", "82.00"),
    ("TRAVEL", "HOUR", "36.00", "59.00", "54.00"),
    ("ENGINEER", "HOUR", "58.00", "128.00", "118.00"),
    ("TRAVELCOST", "EXPENSE", "24.00", "38.00", "35.00"),
    ("SUBCON", "EXPENSE", "310.00", "372.00", "340.00"),
    ("CALLOUT", "FEE", None, "65.00", "60.00"),
    ("DISPOSAL", "FEE", None, "18.00", "16.50"),
]
# group, interval, window, task, hours, parts (item number, quantity) or nothing, combine
AGREEMENTS = [
    ("GOLD", "MONTHLY", "PM3", "INSPECT", "2.5", ("F-100", 4), CombineBy.AGREEMENT),
    ("GOLD", "MONTHLY", "WEEK", "SAFETY", "1.5", None, CombineBy.OBJECT),
    ("SILVER", "MONTHLY", "MONTH", "FILTER", "1", ("F-110", 2), CombineBy.AGREEMENT),
    ("SILVER", "QUARTERLY", "MONTH", "INSPECT", "3", ("B-200", 1), CombineBy.AGREEMENT),
    ("SILVER", "MONTHLY", "WEEK", "CLEAN", "1.5", None, CombineBy.TASK),
    ("BRONZE", "QUARTERLY", "MONTH", "INSPECT", "2", ("F-100", 2), CombineBy.AGREEMENT),
    ("BRONZE", "HALFYEAR", "MONTH", "INSPECT", "4", None, CombineBy.AGREEMENT),
    ("GOLD", "WEEKLY", "PM3", "SAFETY", "1", None, CombineBy.AGREEMENT),
    ("SILVER", "MONTHLY", "WEEK", "FILTER", "1.5", ("F-110", 4), CombineBy.AGREEMENT),
    ("GOLD", "MONTHLY", "PM3", "INSPECT", "2", ("L-600", 4), CombineBy.OBJECT),
    ("BRONZE", "QUARTERLY", "MONTH", "CLEAN", "2.5", None, CombineBy.AGREEMENT),
    ("SILVER", "MONTHLY", "MONTH", "INSPECT", "2", ("F-100", 2), CombineBy.AGREEMENT),
]  # fmt: skip


@dataclass(frozen=True)
class Contracts:
    projects: dict[int, Project]
    agreements: list[ServiceAgreement]


def seed_contracts(
    masters: Masters, base: Base, people: People, today: date, dice: random.Random
) -> Contracts:
    """Prices, one project a customer, and agreements with every second one."""
    by = people.users["Planner"]
    seed_prices(masters, today)
    projects = {customer.pk: seed_project(masters, customer, by) for customer in base.customers}
    agreements = [
        seed_agreement(masters, base, people, projects, customer, row, today, dice)
        for customer, row in zip(base.customers[::2], AGREEMENTS, strict=False)  # twelve of twenty-five
    ]
    seed_history_mapping(masters, base, projects)
    return Contracts(projects, agreements)


def seed_history_mapping(masters: Masters, base: Base, projects: dict[int, Project]) -> None:
    """The saved mapping for the work orders of a mine's excavators."""
    mine = base.customers[-1]
    create_row(
        HistoryMapping(
            code="EXCAVATORS",
            description="Excavator work orders",
            date_column="BscStartDate",
            asset_column="Asset",
            text_column="OriginalShorttext",
            type_column="PMType",
            cost_column="Cost",
            currency=masters(Currency, "AUD"),
            customer=mine,
            site=base.sites[mine.pk][0],
            project=projects[mine.pk],
            category=masters(Category, "HISTORY"),
            line_property=masters(LineProperty, "INTERNAL"),
            object_group=masters(ServiceObjectGroup, "EXCAVATOR"),
        ),
        by=None,
    )


def seed_prices(masters: Masters, today: date) -> None:
    """Cost prices in the company's currency, sales prices in euro and pound, for a year and a half."""
    start = date(today.year - 1, 1, 1)
    for code, kind, cost, euro, pound in PRICES:
        category = masters(Category, code)
        if cost:
            create_row(
                CostPrice(kind=kind, category=category, valid_from=start, price=Decimal(cost)), by=None
            )
        for currency, price in (("EUR", euro), ("GBP", pound)):
            create_row(
                SalesPrice(
                    kind=kind,
                    category=category,
                    currency=masters(Currency, currency),
                    valid_from=start,
                    price=Decimal(price),
                ),
                by=None,
            )


def seed_project(masters: Masters, customer: Customer, by: User) -> Project:
    return create_project(
        by=by,
        name=f"Service {customer.name}",
        group=masters(ProjectGroup, "SERVICE"),
        customer=customer,
        site=customer.sites.order_by("pk").first(),
        line_property=masters(LineProperty, "CHARGE"),
    )


def seed_agreement(
    masters: Masters,
    base: Base,
    people: People,
    projects: dict[int, Project],
    customer: Customer,
    row: tuple[str, str, str, str, str, tuple[str, int] | None, str],
    today: date,
    dice: random.Random,
) -> ServiceAgreement:
    """An agreement over the customer's objects that began some months ago, with an hour line for each object."""
    group, interval, window, task, hours, part, combine_by = row
    by = people.users["Planner"]
    start = (today - timedelta(days=dice.randrange(90, 300))).replace(
        day=dice.choice([1, 5, 12, 15, 31 % 28])
    )
    workers = people.technicians["LONDON" if customer.country == "GB" else dice.choice(["CLIMATE", "LIFTS"])]
    agreement = create_agreement(
        by=by,
        description=f"{masters(AgreementGroup, group).description} care for {customer.name}",
        group=masters(AgreementGroup, group),
        project=projects[customer.pk],
        start_date=start,
        end_date=start + timedelta(days=729) if dice.random() < 0.6 else None,
        combine_by=combine_by,
        preferred_technician=dice.choice(workers),
        responsible=workers[0],
        contact=customer.contacts.first(),
    )
    relation = relate_task(agreement.pk, masters(ServiceTask, task), by=by)
    recurs = {"interval": masters(ServiceInterval, interval), "time_window": masters(TimeWindow, window)}
    for service_object in base.objects[customer.pk][:2]:
        of_object = relate_object(agreement.pk, service_object, by=by)
        add_line(
            agreement.pk,
            by=by,
            kind=LineKind.HOUR,
            description=f"{relation.service_task.description}: {service_object.description}",
            category=masters(Category, "LABOUR"),
            quantity=Decimal(hours),
            task_relation=relation,
            object_relation=of_object,
            site=service_object.site,
            **recurs,
        )
    if part:
        number, quantity = part
        item = next(item for item in base.items if item.number == number)
        add_line(
            agreement.pk,
            by=by,
            kind=LineKind.ITEM,
            description=item.name,
            category=masters(Category, "PARTS"),
            item=item,
            quantity=Decimal(quantity),
            task_relation=relation,
            **recurs,
        )
    return agreement
