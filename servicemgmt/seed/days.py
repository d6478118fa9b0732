"""Which days the demonstration company works on and what happens on them. Pure: no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice, takewhile
from zoneinfo import ZoneInfo

from .tables.firm import HOLIDAYS

ONE_DAY = timedelta(days=1)
#: Where a working day's visits begin, in minutes from midnight, and how long they are.
SLOTS = [(8 * 60, 90), (10 * 60, 120), (13 * 60, 90), (15 * 60, 90)]
CLOSED = {(month, day) for month, day, _name in HOLIDAYS}

DONE, LATE, HOLD, CANCELLED = "done", "late", "hold", "cancelled"
#: What became of visits whose day is over, in turn: of calls, and of what agreements asked for.
FATES_OF_CALLS = [DONE, DONE, HOLD, DONE, LATE, DONE, DONE, DONE, DONE, DONE, DONE]
FATES_OF_VISITS = [DONE, LATE, DONE, CANCELLED, DONE, HOLD, *[DONE] * 12]


@dataclass(frozen=True)
class Span:
    """How far the work reaches, in days before and after today, and how far it is paid for.

    Visits are posted once they are `post_after` workdays old; those older than each of `invoice_after` days are
    invoiced, those older than `propose_after` proposed.
    """

    past: int = 60
    future: int = 30
    post_after: int = 4
    invoice_after: tuple[int, ...] = (38, 20)
    propose_after: int = 10


THREE_MONTHS = Span()
#: Enough of everything for tests and benchmarks.
FORTNIGHT = Span(past=14, future=5, post_after=1, invoice_after=(9,), propose_after=4)


@dataclass(frozen=True)
class Called:
    """A call to be made: for which team, on which day; without a slot nobody is sent."""

    team: str
    day: date
    slot: int | None = None
    worker: int | None = None
    fate: str = DONE


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in CLOSED


def workdays(first: date, step: timedelta = ONE_DAY) -> Iterator[date]:
    """The workdays from `first` (inclusive) on, or back."""
    day = first
    while True:
        if is_workday(day):
            yield day
        day += step


def nth_workday(today: date, number: int) -> date:
    """The workday that lies so many before (below 0) or after today; 0 is today or the next one."""
    if number < 0:
        days = workdays(today - ONE_DAY, -ONE_DAY)
        number = -number - 1
    else:
        days = workdays(today)
    return next(islice(days, number, None))


def busy_slots(worker: int) -> list[int]:
    """Which slots of the day on which the board opens are taken for the first, second … technician.

    The first one is who signs in to the demonstration: he has a full day.
    """
    if worker == 0:
        return [0, 1, 2, 3]
    return [[1], [0, 2], [1, 3]][worker % 3]


def calls(today: date, span: Span, crews: dict[str, int]) -> Iterator[Called]:
    """All calls that got a day, in the order of their days; `crews` says how many work in each team."""
    yield from past_calls(today, span, list(crews))
    board_day = nth_workday(today, 0)
    workers = [(team, place) for team, size in crews.items() for place in range(size)]
    for number, (team, place) in enumerate(workers):
        yield from (Called(team, board_day, slot, place) for slot in busy_slots(number))
    yield from next_calls(today, span, list(crews))


def past_calls(today: date, span: Span, teams: list[str]) -> Iterator[Called]:
    """One call each workday before today, and half as many more than a month ago; the teams in turn."""
    month_ago = today - timedelta(days=30)
    days = takewhile(lambda day: day < today, workdays(today - timedelta(days=span.past)))
    days = (day for day in days if day >= month_ago or day.toordinal() % 2)
    for team, fate, day in zip(cycle(teams), cycle(FATES_OF_CALLS), days, strict=False):
        yield Called(team, day, slot=day.toordinal() % 4, fate=fate)


def next_calls(today: date, span: Span, teams: list[str]) -> Iterator[Called]:
    """After the day on which the board opens: four calls planned on each of three days, then some for nobody yet."""
    last = today + timedelta(days=span.future)
    days = list(islice(takewhile(lambda day: day <= last, workdays(nth_workday(today, 1))), 15))
    for place, day in enumerate(days[:3]):
        for number in range(4):
            yield Called(teams[(place + number) % len(teams)], day, slot=number)
    for place, day in enumerate(days):
        yield Called(teams[place % len(teams)], day)


def at_wall(zone: str, day: date, minute: int) -> datetime:
    """A wall-clock minute of a day in a zone, as an instant."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def slot_at(zone: str, day: date, slot: int) -> tuple[datetime, int]:
    """When a slot of a day begins, and how many minutes it has."""
    minute, minutes = SLOTS[slot]
    return at_wall(zone, day, minute), minutes
