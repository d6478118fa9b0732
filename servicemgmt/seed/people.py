"""Users, teams and technicians of the demonstration company: three teams, fourteen technicians, two zones."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group

from servicemgmt.core.audit import record
from servicemgmt.core.editing import create_row, create_rows
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
#: From which day on, counted from today, somebody is on holiday, and until before which.
AWAY_DAYS = (2, 5)


@dataclass(frozen=True)
class People:
    """The users by role, the technicians by team code."""

    users: dict[str, User]
    technicians: dict[str, list[Employee]]


def seed_people(masters: Masters, logins: list[tuple[str, str, str]], at: datetime) -> People:
    """The six logins, the teams with their technicians, one van each, and somebody on holiday."""
    names = dict(OFFICE)
    users = {role: user_with(role, email, names[role], password) for role, email, password in logins}
    planner = operations.create_employee(
        by=None, name=names["Planner"], user=users["Planner"], time_zone=BERLIN, phone="+49 30 555 0111"
    )
    technicians = {row[0]: seed_team(masters, users["Technician"], *row) for row in TEAMS}
    workers = [worker for members in technicians.values() for worker in members]
    create_rows(
        [
            Warehouse(code="MAIN", description="Main store Berlin"),
            *(
                Warehouse(code=f"VAN{worker.number[-3:]}", description=f"Van of {worker.name}", worker=worker)
                for worker in workers
            ),
        ],
        by=None,
    )
    away = technicians["CLIMATE"][3]
    today = at.astimezone(ZoneInfo(BERLIN)).date()
    first, last = (midnight(today + timedelta(days=days)) for days in AWAY_DAYS)
    operations.add_absence(away, first, last, by=planner.user, reason="Holiday")
    return People(users, technicians)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(BERLIN))


def user_with(role: str, email: str, name: str, password: str | None) -> User:
    """A login in a role; without a password he asks for one by e-mail before he signs in."""
    user = User.objects.create_user(email, password, name=name)
    user.groups.add(Group.objects.get(name=role))
    record("created", user, by=None, changes={"roles": [None, role]})
    return user


def slug(name: str) -> str:
    """Letters and digits of a name, for addresses: `Elif Yılmaz` → elif.yilmaz."""
    plain = name.lower().translate(str.maketrans("äöüßıéá", "aousiea")).replace(" ", ".")
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == ".")).strip(".")


def seed_team(
    masters: Masters,
    technician: User,
    code: str,
    description: str,
    zone: str,
    names: list[str],
    skills: list[str],
) -> list[Employee]:
    """One team with its members; the first one owns it, the last one is a contractor."""
    team = create_row(
        Team(code=code, description=description, calendar=masters(WorkCalendar, "FIELD")), by=None
    )
    users = [
        technician
        if name == technician.name
        else user_with("Technician", f"{slug(name)}@nordlicht.example", name, None)
        for name in names
    ]
    dialling = "44" if zone == LONDON else "49"
    members = create_rows(
        (
            Employee(
                name=user.name,
                kind="CONTRACTOR" if user == users[-1] else "EMPLOYEE",
                team=team,
                time_zone=zone,
                phone=f"+{dialling} 170 555 {1000 + number * 37:04}",
                user=user,
            )
            for number, user in enumerate(users)
        ),
        by=None,
        sequence="employee",
    )
    operations.give_skills(members, [masters(Skill, skill) for skill in skills], by=None)
    team.owner = members[0]
    team.save(update_fields=["owner"])
    return members
