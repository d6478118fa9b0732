"""Projects, prices and twelve service agreements."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from agreements.models import (
    AgreementGroup,
    AgreementStatus,
    CombineBy,
    Renewal,
    ServiceAgreement,
    ServiceInterval,
    ServiceObject,
    ServiceObjectGroup,
    ServiceTask,
    TimeWindow,
)
from agreements.operations import add_line, create_agreement, relate_object, relate_task
from agreements.quoting.signing import sign
from orders.models import HistoryMapping
from servicemgmt.core.editing import create_row, create_rows
from servicemgmt.masterdata.models import Currency, Customer
from servicemgmt.projects.models import (
    Category,
    CostPrice,
    CreditLimit,
    LineKind,
    LineProperty,
    Project,
    ProjectGroup,
    SalesDiscount,
    SalesPrice,
)

from .customers import Base
from .faults import SIGNATURE
from .masters import Masters
from .people import LONDON, People

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


class Terms(NamedTuple):
    """An agreement: who pays for what (group), how often what is done for how many hours, and with which parts."""

    group: str
    interval: str
    window: str
    task: str
    hours: str
    part: tuple[str, int] | None
    combine_by: str
    began_days_ago: int
    ends_in_days: int | None = None


#: With every second customer one; the last three are in London.
AGREEMENTS = [
    Terms("GOLD", "WEEKLY", "WEEK", "SAFETY", "1", None, CombineBy.AGREEMENT, 280),
    Terms("SILVER", "WEEKLY", "WEEK", "CLEAN", "1.5", None, CombineBy.OBJECT, 24),
    Terms("GOLD", "WEEKLY", "WEEK", "INSPECT", "2", ("F-100", 2), CombineBy.OBJECT, 22),
    Terms("SILVER", "FORTNIGHT", "WEEK", "FILTER", "1", ("F-110", 2), CombineBy.AGREEMENT, 150),
    Terms("BRONZE", "MONTHLY", "MONTH", "INSPECT", "2", ("F-100", 2), CombineBy.AGREEMENT, 320, 20),
    Terms("GOLD", "WEEKLY", "WEEK", "SAFETY", "1", None, CombineBy.OBJECT, 31),
    Terms("SILVER", "WEEKLY", "PM3", "CLEAN", "1.5", None, CombineBy.TASK, 120),
    Terms("BRONZE", "HALFYEAR", "MONTH", "INSPECT", "4", None, CombineBy.AGREEMENT, 300, 45),
    Terms("SILVER", "FORTNIGHT", "WEEK", "INSPECT", "2", ("B-200", 1), CombineBy.OBJECT, 90),
    Terms("GOLD", "WEEKLY", "WEEK", "SAFETY", "1", None, CombineBy.AGREEMENT, 210),
    Terms("SILVER", "WEEKLY", "WEEK", "FILTER", "1.5", ("F-110", 1), CombineBy.OBJECT, 27),
    Terms("SILVER", "WEEKLY", "PM3", "INSPECT", "2", ("F-100", 1), CombineBy.OBJECT, 12),
]


#: Which of them began as a quote, signed by the customer on the pad.
BEGAN_AS_QUOTE = 3


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
    seed_discounts(base, today)
    made = create_rows(
        (new_project(masters, base, customer) for customer in base.customers), by=by, sequence="project"
    )
    projects = {project.customer_id: project for project in made}
    agreements = [
        seed_agreement(masters, base, people, projects[customer.pk], terms, number, today)
        for number, (customer, terms) in enumerate(zip(base.customers[::2], AGREEMENTS, strict=False))
    ]
    seed_history_mapping(masters, base, projects)
    return Contracts(projects, agreements)


def seed_discounts(base: Base, today: date) -> None:
    """One customer gets hours cheaper, another parts; one may owe little."""
    since = date(today.year - 1, 1, 1)
    rows = [
        SalesDiscount(kind="HOUR", customer=base.customers[0], valid_from=since, percent=Decimal(5)),
        SalesDiscount(kind="ITEM", customer=base.customers[1], valid_from=since, percent=Decimal("7.5")),
    ]
    create_rows(rows, by=None)
    create_row(CreditLimit(customer=base.customers[2], amount=Decimal(500)), by=None)


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
    rows = [(masters(Category, code), *row) for code, *row in PRICES]
    create_rows(
        (
            CostPrice(kind=kind, category=category, valid_from=start, price=Decimal(cost))
            for category, kind, cost, _euro, _pound in rows
            if cost
        ),
        by=None,
    )
    create_rows(
        (
            SalesPrice(
                kind=kind,
                category=category,
                currency=masters(Currency, currency),
                valid_from=start,
                price=Decimal(price),
            )
            for category, kind, _cost, euro, pound in rows
            for currency, price in (("EUR", euro), ("GBP", pound))
        ),
        by=None,
    )


def new_project(masters: Masters, base: Base, customer: Customer) -> Project:
    return Project(
        name=f"Service {customer.name}",
        group=masters(ProjectGroup, "SERVICE"),
        customer=customer,
        invoice_customer=customer,
        currency=customer.currency,
        site=base.sites[customer.pk][0],
        line_property=masters(LineProperty, "CHARGE"),
    )


def seed_agreement(
    masters: Masters, base: Base, people: People, project: Project, terms: Terms, number: int, today: date
) -> ServiceAgreement:
    """An agreement over two of the customer's objects, with an hour line for each, that begins on a workday.

    Its SLA is for what customers call about; planned visits have their windows.
    """
    customer, objects, by = project.customer, base.objects[project.customer_id][:2], people.users["Planner"]
    start = today - timedelta(days=terms.began_days_ago)
    start -= timedelta(days=(start.weekday() - number % 5) % 7)
    end = today + timedelta(days=terms.ends_in_days) if terms.ends_in_days else None
    workers = people.technicians[team_for(objects[0])]
    group = masters(AgreementGroup, terms.group)
    end = end or (start + timedelta(days=729) if number % 2 else None)
    agreement = create_agreement(
        by=by,
        description=f"{group.description} care for {customer.name}",
        group=group,
        project=project,
        start_date=start,
        end_date=end,
        renewal=renewal_of(terms, end),
        term_months=12 if end else None,
        notice_days=30 if end else 0,
        combine_by=terms.combine_by,
        sla_on_generated_orders=False,
        preferred_technician=workers[number % len(workers)],
        responsible=workers[0],
        contact=customer.contacts.first(),
        **quote_of(start, number),
    )
    relation = relate_task(agreement.pk, masters(ServiceTask, terms.task), by=by)
    recurs = {
        "interval": masters(ServiceInterval, terms.interval),
        "time_window": masters(TimeWindow, terms.window),
        "task_relation": relation,
        "by": by,
    }
    related = [relate_object(agreement.pk, service_object, by=by) for service_object in objects]
    for service_object, of_object in zip(objects, related, strict=True):
        add_line(
            agreement.pk,
            kind=LineKind.HOUR,
            description=f"{relation.service_task.description}: {service_object.description}",
            category=masters(Category, "LABOUR"),
            quantity=Decimal(terms.hours),
            object_relation=of_object,
            **recurs,
        )
    if terms.part:
        item = next(item for item in base.items if item.number == terms.part[0])
        add_line(
            agreement.pk,
            kind=LineKind.ITEM,
            description=item.name,
            category=masters(Category, "PARTS"),
            item=item,
            quantity=Decimal(terms.part[1]),
            object_relation=related[0],
            **recurs,
        )
    if number == BEGAN_AS_QUOTE:
        signed_on_the_pad(agreement, start - timedelta(days=6))
    return agreement


def quote_of(start: date, number: int) -> dict[str, Any]:
    """Fields of an agreement that is only offered at first."""
    if number != BEGAN_AS_QUOTE:
        return {}
    return {"status": AgreementStatus.QUOTE, "quoted_until": start - timedelta(days=1)}


def signed_on_the_pad(agreement: ServiceAgreement, on: date) -> None:
    """The customer's contact agreed to it, on the salesman's visit."""
    sign(
        agreement.pk,
        on=on,
        today=on,
        signer_name=agreement.contact.name,
        signer_role=agreement.contact.role,
        strokes=SIGNATURE,
        version=ServiceAgreement.objects.values_list("version", flat=True).get(pk=agreement.pk),
        by=agreement.made_by,
    )


def renewal_of(terms: Terms, end: date | None) -> str:
    """What ends soon waits for somebody's decision; the others with a last day renew by themselves."""
    if end is None:
        return Renewal.NONE
    return Renewal.MANUAL if terms.ends_in_days else Renewal.AUTOMATIC


def team_for(service_object: ServiceObject) -> str:
    """Whose trade and city it is."""
    if service_object.site.time_zone == LONDON:
        return "LONDON"
    return "CLIMATE" if service_object.group.code == "HVAC" else "LIFTS"
