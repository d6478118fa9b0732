"""Builders of agreements and service objects, through the operations that people use."""

from datetime import date
from decimal import Decimal
from typing import Any

from agreements.models import (
    AgreementGroup,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceInterval,
    ServiceLevelAgreement,
    ServiceObject,
    ServiceObjectGroup,
    ServiceTask,
    TemplateGroup,
    TimeWindow,
    WindowMethod,
)
from agreements.operations import add_line, create_agreement, create_object
from orders.models import Phase, ServiceStage
from servicemgmt.core.models import NumberSequence, User
from servicemgmt.masterdata.models import CalendarDay, CalendarHours, Customer, Site, WorkCalendar
from servicemgmt.masterdata.operations import create_site
from servicemgmt.projects.models import LineKind, Project
from tests import make_money


def make_sequences(*codes: str) -> None:
    """The number sequences of this side of the house."""
    for code, prefix in (("agreement", "SA-"), ("object", "OB-"), ("order", "SO-"), ("site", "ST-")):
        if not codes or code in codes:
            NumberSequence.objects.get_or_create(code=code, defaults={"description": code, "prefix": prefix})


def make_initial_stage() -> ServiceStage:
    """The one stage without a parent."""
    stage, _created = ServiceStage.objects.get_or_create(
        parent=None,
        defaults={
            "code": "NEW",
            "description": "New",
            "phase": Phase.NEW,
            "can_modify": True,
            "can_delete": True,
            "can_cancel": True,
        },
    )
    return stage


def make_site(
    customer: Customer | None = None, name: str = "Main", zone: str = "Europe/Berlin", **fields: Any
) -> Site:
    """A site of the customer (Huber), made on first use of the name."""
    customer = customer or make_money.customer()
    make_sequences("site")
    found = Site.objects.filter(customer=customer, name=name).first()
    return found or create_site(by=None, customer=customer, name=name, time_zone=zone, **fields)


def make_project(name: str = "Lift service", **fields: Any) -> Project:
    """A project with a site, so that its visits have somewhere to go."""
    owner = fields.pop("customer", None) or make_money.customer()
    site = fields.pop("site", None) or make_site(owner)
    return make_money.project(name, customer=owner, site=site, **fields)


def make_group(code: str = "GOLD", **fields: Any) -> AgreementGroup:
    return AgreementGroup.objects.get_or_create(code=code, defaults={"description": code.title(), **fields})[
        0
    ]


def make_template_group(code: str = "LIFTS", **fields: Any) -> TemplateGroup:
    return TemplateGroup.objects.get_or_create(code=code, defaults={"description": code.title(), **fields})[0]


def make_sla(code: str = "8H", *, hours: int = 8, **fields: Any) -> ServiceLevelAgreement:
    return ServiceLevelAgreement.objects.get_or_create(
        code=code, defaults={"description": code, "hours": hours, **fields}
    )[0]


def make_interval(unit: str = "MONTH", every: int = 1) -> ServiceInterval:
    return ServiceInterval.objects.get_or_create(
        code=f"{unit}{every}",
        defaults={"description": f"Every {every} {unit.lower()}", "unit": unit, "frequency": every},
    )[0]


def make_window(method: str = WindowMethod.MONTH, before: int = 0, after: int = 0) -> TimeWindow:
    return TimeWindow.objects.get_or_create(
        code=f"{method}{before}{after}",
        defaults={"description": method, "method": method, "days_before": before, "days_after": after},
    )[0]


def make_task(code: str = "SERVICE", **fields: Any) -> ServiceTask:
    return ServiceTask.objects.get_or_create(code=code, defaults={"description": code.title(), **fields})[0]


def make_calendar(
    code: str = "MOFR", *, opens: int = 480, closes: int = 960, holidays: tuple[date, ...] = ()
) -> WorkCalendar:
    """Monday to Friday, 8 to 16 o'clock unless told otherwise."""
    calendar, created = WorkCalendar.objects.get_or_create(code=code, defaults={"description": code})
    if created:
        for weekday in range(5):
            CalendarHours.objects.create(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
        for day in holidays:
            CalendarDay.objects.create(calendar=calendar, day=day, reason="Holiday")
    return calendar


def make_object(description: str = "Lift 1", *, by: User | None = None, **fields: Any) -> ServiceObject:
    """A lift at Huber's, unless told otherwise."""
    make_sequences("object")
    group, _created = ServiceObjectGroup.objects.get_or_create(code="LIFT", defaults={"description": "Lifts"})
    defaults: dict[str, Any] = {"group": group}
    if "site" not in fields:
        defaults["site"] = make_site(fields.get("customer"))
    return create_object(by=by, description=description, **(defaults | fields))


def make_agreement(
    description: str = "Maintenance", *, by: User | None = None, **fields: Any
) -> ServiceAgreement:
    """An agreement over 2026 on a project of its own, unless told otherwise. Templates need no project."""
    make_money.firm()
    make_sequences()
    defaults: dict[str, Any] = {
        "group": make_group(),
        "start_date": date(2026, 1, 1),
        "end_date": date(2026, 12, 31),
    }
    if "project" not in fields and "template_group" not in fields:
        defaults["project"] = make_project(f"{description} project")
    return create_agreement(by=by, description=description, **(defaults | fields))


def make_line(
    agreement: ServiceAgreement, kind: str = LineKind.HOUR, *, by: User | None = None, **fields: Any
) -> ServiceAgreementLine:
    """A monthly line of one unit from the agreement's start, unless told otherwise."""
    defaults: dict[str, Any] = {
        "category": make_money.category(kind),
        "description": f"A monthly {kind.lower()}",
        "quantity": Decimal(1),
        "interval": make_interval(),
    }
    if kind == LineKind.ITEM:
        defaults["item"] = make_money.item()
    return add_line(agreement.pk, by=by, kind=kind, **(defaults | fields))
