"""Builders of the board: teams, technicians with hours, bookings; all through operations."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dispatch.models import Booking
from dispatch.operations import book
from orders.models import ServiceOrder
from servicemgmt.core.models import User
from servicemgmt.core.roles import TECHNICIAN
from servicemgmt.masterdata.models import CalendarHours, Employee, Team, WorkCalendar
from tests.cast import user_in
from tests.make_money import NOW, TODAY
from tests.make_orders import make_line, make_order, make_worker


def make_team(code: str = "NORTH", **fields: Any) -> Team:
    """A team, made on first use of the code."""
    return Team.objects.get_or_create(code=code, defaults={"description": code.title(), **fields})[0]


def make_hours(opens: int = 8, closes: int = 17, code: str = "DAY") -> WorkCalendar:
    """Monday to Friday from `opens` to `closes` o'clock."""
    calendar, is_new = WorkCalendar.objects.get_or_create(code=code, defaults={"description": code.title()})
    if is_new:
        CalendarHours.objects.bulk_create(
            CalendarHours(calendar=calendar, weekday=day, opens=opens * 60, closes=closes * 60)
            for day in range(5)
        )
    return calendar


def make_technician(
    name: str = "Bo", *, team: Team | None = None, calendar: WorkCalendar | None = None
) -> Employee:
    """A technician in a team (NORTH); Bo is the one of the cast, who can sign in."""
    user = user_in(TECHNICIAN) if name == "Bo" else None
    worker = make_worker(name, user=user, team=team or make_team())
    if calendar:
        worker.calendar = calendar
        worker.save(update_fields=["calendar"])
    return worker


def moment(hour: float, day: date = TODAY) -> datetime:
    """That hour of the day on Berlin's clocks, which are the company's (one hour ahead of UTC in March)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 1)


def make_visit(hours: float = 1, **fields: Any) -> ServiceOrder:
    """An order with one planned hour line of so many hours."""
    order = make_order(**fields)
    if hours:
        make_line(order, quantity=Decimal(str(hours)))
    return order


def make_booking(
    order: ServiceOrder | None = None,
    worker: Employee | None = None,
    *,
    hour: float = 10,
    minutes: int | None = 60,
    day: date = TODAY,
    by: User | None = None,
    at: datetime = NOW,
    **fields: Any,
) -> Booking:
    """A visit planned for Bo at that hour, Berlin time."""
    return book(
        order or make_visit(), worker or make_technician(), moment(hour, day), minutes, by=by, at=at, **fields
    )


def again(booking: Booking) -> Booking:
    """The booking as the database has it."""
    return Booking.objects.select_related("worker", "activity__order").get(pk=booking.pk)


def hours_of(booking: Booking) -> tuple[float, float]:
    """From and to in Berlin hours of TODAY."""
    midnight = moment(0)
    return tuple(
        (edge - midnight) / timedelta(hours=1) for edge in (booking.during.lower, booking.during.upper)
    )
