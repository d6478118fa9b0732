"""Hours that were worked: no more on a day than it has."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders.models import LineStatus, ServiceOrderLine
from orders.models.order_line import HOURS_OF_A_DAY
from servicemgmt.core import display
from servicemgmt.core.errors import Invalid
from servicemgmt.masterdata.models import Employee
from servicemgmt.projects.models import LineKind

#: A worker's day.
type Day = tuple[int, date]


def check_days(lines: Iterable[ServiceOrderLine]) -> None:
    """Refuse hours with which a worker has more than 24 on one day, over all orders; cancelled lines do not count.

    For lines that are about to be saved, their order locked. Hours without a worker or without the day on which they
    were done are a plan and may be as many as they are. Locks the workers, so that two entries at once are added up.
    Raises Invalid at `quantity`, naming worker, day and sum.
    """
    days: dict[Day, Decimal] = defaultdict(Decimal)
    written = list(lines)
    for line in written:
        if line.kind == LineKind.HOUR and line.worker_id and line.executed_on:
            days[line.worker_id, line.executed_on] += line.quantity
    if not days:
        return
    workers = Employee.objects.filter(pk__in={worker for worker, _day in days})
    names = {row.pk: row.name for row in workers.order_by("pk").select_for_update(no_key=True)}
    for day_of, hours in _hours_there(days, beside=written).items():
        if day_of in days:
            days[day_of] += hours
    for (worker, day), hours in days.items():
        if hours > HOURS_OF_A_DAY:
            sentence = _(
                "%(worker)s would have %(hours)s hours on %(day)s, and a day has %(most)d. Give the hours of another "
                "day that day."
            )
            said = display.quantity(hours)
            facts = {"worker": names[worker], "hours": said, "day": date_format(day), "most": HOURS_OF_A_DAY}
            raise Invalid(sentence % facts, field="quantity")


def _hours_there(days: Iterable[Day], *, beside: list[ServiceOrderLine]) -> dict[Day, Decimal]:
    """What the workers have on these days already, on other lines than these."""
    found = (
        ServiceOrderLine.objects.filter(
            kind=LineKind.HOUR,
            worker__in={worker for worker, _day in days},
            executed_on__in={day for _worker, day in days},
        )
        .exclude(status=LineStatus.CANCELLED)
        .exclude(pk__in=[line.pk for line in beside if line.pk])
        .order_by()
        .values_list("worker", "executed_on")
        .annotate(hours=Sum("quantity"))
    )
    return {(worker, day): hours for worker, day, hours in found}
