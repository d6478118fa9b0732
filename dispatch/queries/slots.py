"""The next free time of a worker on a day: where a card goes that is dropped on a whole day."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from dispatch.models import Booking
from dispatch.shifts import Shifts, cut, less, midnights
from dispatch.wording import day_text
from servicemgmt.core.display import duration
from servicemgmt.core.errors import Refused
from servicemgmt.masterdata.models import Employee

from .warnings import round_up

#: The working day of somebody without any calendar, as hours after midnight.
USUAL_DAY = (timedelta(hours=8), timedelta(hours=17))


def free_slot(
    worker: Employee, day: date, minutes: int, zone: str, *, after: datetime, but: int | None = None
) -> datetime:
    """The first start on that day, in working time and not before `after`, from which so many minutes are free.

    `but` is a booking that does not count, because it is the one to be moved. Raises Refused where there is none.
    """
    start, end = midnights(day, zone)
    shifts = Shifts([worker.pk], start, end)
    spans = shifts.free(worker.pk)
    if not shifts.has_hours(worker.pk):
        spans = cut(spans, start + USUAL_DAY[0], start + USUAL_DAY[1])
    live = Booking.objects.live().filter(worker=worker, during__overlap=(start, end)).exclude(pk=but)
    taken = [(span.lower, span.upper) for span in live.values_list("during", flat=True)]
    step = worker.team.snap_minutes if worker.team else 15
    for begin, finish in cut(less(spans, taken), after, end):
        begin = round_up(begin, step)
        if begin + timedelta(minutes=minutes) <= finish:
            return begin
    raise Refused(
        _("%(worker)s has no free %(length)s on %(day)s.")
        % {"worker": worker.name, "length": duration(minutes), "day": day_text(day)}
    )
