"""Recognising by itself: on a day of each month, everything up to the end of the month before."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from servicemgmt.core.models import Run
from servicemgmt.core.periods import Unit, step
from servicemgmt.core.runs import start_run

from ..models import ProjectParameters
from .runs import CODE

ONE_DAY = timedelta(days=1)


def month_due(on: date, day: int) -> date:
    """The last day of the newest month whose turn has come on `on`; the turn is `day` of the month after it."""
    this_month = on.replace(day=1)
    return (this_month if on.day >= day else step(this_month, Unit.MONTH, -1)) - ONE_DAY


def next_turn(on: date, day: int) -> date:
    """The first day after `on` that is such a day of its month."""
    turn = on.replace(day=day)
    return turn if turn > on else step(turn, Unit.MONTH, 1)


@transaction.atomic
def start_monthly(*, on: date, enqueue: bool = True) -> Run | None:
    """Start the run of the month whose turn has come on a day of the company, by the system itself (SB-20).

    None where the parameters name no day, and where this month's run was started: whoever moves `accrued_until`
    starts it, so any number may ask at once and as often as they like. Months that were slept through are in it.
    """
    day = ProjectParameters.objects.values_list("accrue_on_day", flat=True).first()
    if day is None:
        return None
    until = month_due(on, day)
    open_yet = ProjectParameters.objects.filter(Q(accrued_until=None) | Q(accrued_until__lt=until))
    if not open_yet.filter(accrue_on_day=day).update(accrued_until=until):
        return None
    return start_run(CODE, by=None, parameters={"until": until.isoformat(), "monthly": True}, enqueue=enqueue)


@dataclass(frozen=True, slots=True)
class Turns:
    """What was recognised by itself last, and when that comes next; `day` None: it does not."""

    day: int | None
    last: Run | None
    last_until: date | None
    next_on: date | None = None
    next_until: date | None = None


def turns(on: date) -> Turns:
    """The last run that began by itself and the next one, seen from a day of the company."""
    row = ProjectParameters.objects.first() or ProjectParameters()
    last = Run.objects.filter(kind=CODE, parameters__monthly=True).order_by("-pk").first()
    last_until = date.fromisoformat(last.parameters["until"]) if last else None
    if row.accrue_on_day is None:
        return Turns(None, last, last_until)
    due = month_due(on, row.accrue_on_day)
    waits = row.accrued_until is None or row.accrued_until < due
    next_on = on + ONE_DAY if waits else next_turn(on, row.accrue_on_day)
    return Turns(row.accrue_on_day, last, last_until, next_on, month_due(next_on, row.accrue_on_day))
