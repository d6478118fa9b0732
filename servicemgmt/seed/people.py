"""Users, teams and technicians of the demonstration company: three teams, fourteen technicians, two zones."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group

from servicemgmt.core.audit import record
from servicemgmt.core.editing import create_row
from servicemgmt.core.models import User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.masterdata import operations
from servicemgmt.masterdata.models import Employee, Skill, Team, WorkCalendar

from .masters import Masters

BERLIN, LONDON = "Europe/Berlin", "Europe/London"

# role, name
OFFICE = [
    ("Dispatcher", "Ann Berger"),
    ("Technician", "Bo Lindqvist"),
    ("Planner", "Pia Moreau"),
    ("Finance", "Cleo Haas"),
    ("Manager", "Max Okafor"),
    ("Administrator", "Ada Novák"),
]
# team code, description, zone, members (the first owns the team), skills they share
TEAMS = [
    ("CLIMATE", "Climate Berlin", BERLIN, ["Bo Lindqvist", "Elif Yılmaz", "Jonas Weber", "Marta Nowak", "Tim Schulz"],
     ["ELEC", "REFRIG"]),
    ("LIFTS", "Lifts and doors", BERLIN, ["Lena Vogel", "Omar Haddad", "Sven Krause", "Ines Costa", "Paul Richter"],
     ["ELEC", "LIFT", "HEIGHT"]),
    ("LONDON", "London", LONDON, ["Grace Bennett", "Callum Price", "Amara Obi", "Harry Doyle"],
     ["ELEC", "REFRIG", "GAS"]),
]  # fmt: skip


@dataclass(frozen=True)
class People:
    """The users by role, the technicians by team code."""

    users: dict[str, User]
    technicians: dict[str, list[Employee]]

    @property
    def all_technicians(self) -> list[Employee]:
        return [worker for workers in self.technicians.values() for worker in workers]


def seed_people(masters: Masters, logins: list[tuple[str, str, str]], at: datetime) -> People:
    """The six logins, the teams with their technicians, one van each, and a few absences."""
    names = dict(OFFICE)
    users = {}
    for role, email, password in logins:
        user = User.objects.create_user(email, password, name=names[role])
        user.groups.add(Group.objects.get(name=role))
        record("created", user, by=None, changes={"roles": [None, role]})
        users[role] = user
    planner = operations.create_employee(
        by=None, name=names["Planner"], user=users["Planner"], time_zone=BERLIN, phone="+49 30 555 0111"
    )
    technicians = {row[0]: seed_team(masters, users, *row) for row in TEAMS}
    create_row(Warehouse(code="MAIN", description="Main store Berlin"), by=None)
    for worker in (worker for workers in technicians.values() for worker in workers):
        create_row(
            Warehouse(code=f"VAN{worker.number[-3:]}", description=f"Van of {worker.name}", worker=worker),
            by=None,
        )
    away = technicians["CLIMATE"][3]
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    operations.add_absence(
        away, midnight + timedelta(days=2), midnight + timedelta(days=5), by=planner.user, reason="Holiday"
    )
    return People(users, technicians)


def technician_user(name: str) -> User:
    """A technician's login without a password: he asks for one by e-mail before he signs in."""
    user = User.objects.create_user(f"{slug(name)}@nordlicht.example", None, name=name)
    user.groups.add(Group.objects.get(name="Technician"))
    record("created", user, by=None, changes={"roles": [None, "Technician"]})
    return user


def slug(name: str) -> str:
    """Letters and digits of a name, for addresses: `Elif Yılmaz` → elif.yilmaz."""
    plain = name.lower().translate(str.maketrans("äöüßıéá", "aousiea")).replace(" ", ".")
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == ".")).strip(".")


def seed_team(
    masters: Masters,
    users: dict[str, User],
    code: str,
    description: str,
    zone: str,
    names: list[str],
    skills: list[str],
) -> list[Employee]:
    """One team with its members; the first one owns it."""
    team = create_row(
        Team(code=code, description=description, calendar=masters(WorkCalendar, "FIELD")),
        by=None,
    )
    members = []
    for number, name in enumerate(names):
        kind = "CONTRACTOR" if number == len(names) - 1 else "EMPLOYEE"
        worker = operations.create_employee(
            by=None,
            name=name,
            kind=kind,
            team=team,
            time_zone=zone,
            phone=f"+4{4 if zone == LONDON else 9} 170 555 {1000 + len(members) * 37:04}",
            user=users["Technician"] if name == users["Technician"].name else technician_user(name),
        )
        for skill in skills:
            operations.give_skill(worker, masters(Skill, skill), by=None)
        members.append(worker)
    team.owner = members[0]
    team.save(update_fields=["owner"])
    return members
