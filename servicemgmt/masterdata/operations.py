"""Verbs on master data. `fields` are the model's columns by name; relations are given as rows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from servicemgmt.core.audit import Changes, event_of, record, record_all
from servicemgmt.core.editing import change_row, create_row
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User

from .models import Absence, Company, Contact, Customer, Employee, EmployeeSkill, Item, Site, Skill, Team
from .models.customer import SITE_NAME_TAKEN
from .models.people import EmployeeKind


def create_customer(*, by: User | None, **fields: Any) -> Customer:
    """A new customer, numbered from the sequence `customer`."""
    return create_row(Customer(**fields), by=by, sequence="customer")


def save_customer(pk: int, *, version: int, by: User | None, **fields: Any) -> Customer:
    """Change a customer. Raises Stale."""
    return change_row(Customer, pk, version=version, by=by, fields=fields)


def create_contact(*, by: User | None, **fields: Any) -> Contact:
    """A new person at a customer."""
    return create_row(Contact(**fields), by=by)


def save_contact(pk: int, *, version: int, by: User | None, **fields: Any) -> Contact:
    """Change a contact. Raises Stale."""
    return change_row(Contact, pk, version=version, by=by, fields=fields)


def create_site(*, by: User | None, **fields: Any) -> Site:
    """A new site, numbered from the sequence `site`. Refused where the customer has one of that name (SO-09, E3)."""
    with refusing(site_name_once_per_customer=SITE_NAME_TAKEN):
        return create_row(Site(**fields), by=by, sequence="site")


def save_site(pk: int, *, version: int, by: User | None, **fields: Any) -> Site:
    """Change a site. Raises Stale; Refused where the name is taken."""
    with refusing(site_name_once_per_customer=SITE_NAME_TAKEN):
        return change_row(Site, pk, version=version, by=by, fields=fields)


def create_employee(*, by: User | None, **fields: Any) -> Employee:
    """A new worker, numbered from the sequence `employee`."""
    return create_row(Employee(**fields), by=by, sequence="employee")


def save_employee(pk: int, *, version: int, by: User | None, **fields: Any) -> Employee:
    """Change a worker. Raises Stale; Refused where the owner of a team would become a contractor (DB-01)."""
    kind = fields.get("kind")
    if kind == EmployeeKind.CONTRACTOR and Team.objects.filter(owner_id=pk).exists():
        raise Refused(_("The owner of a team must be an employee; name another owner first."))
    return change_row(Employee, pk, version=version, by=by, fields=fields)


def check_team(team: Team) -> None:
    """DB-01, scenario 67: the owner of a team is an employee, never a contractor."""
    if team.owner and team.owner.kind == EmployeeKind.CONTRACTOR:
        raise Refused(_("The owner of a team must be an employee, not a contractor."))


def give_skill(
    employee: Employee, skill: Skill, *, by: User | None, expires_on: date | None = None
) -> EmployeeSkill:
    """Say that a worker has a skill, or until when."""
    return give_skills([employee], [skill], by=by, expires_on=expires_on)[0]


@transaction.atomic
def give_skills(
    employees: Sequence[Employee],
    skills: Sequence[Skill],
    *,
    by: User | None,
    expires_on: date | None = None,
) -> list[EmployeeSkill]:
    """Say that each of the workers has each of the skills, or until when."""
    until = expires_on.isoformat() if expires_on else ""
    rows = EmployeeSkill.objects.bulk_create(
        [EmployeeSkill(employee=e, skill=s, expires_on=expires_on) for e in employees for s in skills],
        update_conflicts=True,
        unique_fields=["employee", "skill"],
        update_fields=["expires_on"],
    )
    changes: Changes = {skill.code: [None, until] for skill in skills}
    record_all(event_of("skill_given", employee, by=by, changes=changes) for employee in employees)
    return rows


@transaction.atomic
def take_skill(employee: Employee, skill: Skill, *, by: User | None) -> None:
    """Say that a worker has a skill no more."""
    EmployeeSkill.objects.filter(employee=employee, skill=skill).delete()
    record("skill_taken", employee, by=by, changes={skill.code: ["", None]})


@transaction.atomic
def add_absence(
    employee: Employee, start: datetime, end: datetime, *, by: User | None, reason: str = ""
) -> Absence:
    """Enter when a worker is away, from `start` until before `end`. Refused where it overlaps another absence."""
    if end <= start:
        raise Invalid(_("The absence must end after it starts."), field="end")
    with refusing(absence_does_not_overlap=_("There is another absence in that time.")):
        row = Absence.objects.create(employee=employee, during=DateTimeTZRange(start, end), reason=reason)
    record("absence_added", employee, by=by, changes={"absence": [None, span_of(row)]})
    return row


def span_of(absence: Absence) -> str:
    return f"{absence.during.lower.isoformat()} – {absence.during.upper.isoformat()}"


@transaction.atomic
def remove_absence(absence: Absence, *, by: User | None) -> None:
    """Take an absence back."""
    record("absence_removed", absence.employee, by=by, changes={"absence": [span_of(absence), None]})
    absence.delete()


def create_item(*, by: User | None, **fields: Any) -> Item:
    """A new item; its number is typed."""
    return create_row(Item(**fields), by=by)


def save_item(pk: int, *, version: int, by: User | None, **fields: Any) -> Item:
    """Change an item. Raises Stale."""
    return change_row(Item, pk, version=version, by=by, fields=fields)


def save_company(*, version: int, by: User | None, **fields: Any) -> Company:
    """Change the company row; the first time, make it."""
    row = Company.objects.first()
    if row is None:
        return create_row(Company(**fields), by=by)
    return change_row(Company, row.pk, version=version, by=by, fields=fields)
