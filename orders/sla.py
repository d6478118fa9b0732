"""The SLA clock as arithmetic: what was used, how much that is of the limit, and when it will be reached.

Pure: takes the segments of the clock and the moment, reads nothing but the calendar. Working time throughout where
the SLA has a calendar, in the site's zone; elapsed time where it has none (SLA-07, SLA-12). Minutes are whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from agreements.models import ServiceLevelAgreement
from servicemgmt.masterdata.worktime import Openings, add_minutes, minutes_between, next_opening

#: A running clock whose deadline is nearer than this is shown as “soon”.
SOON = timedelta(hours=4)

type Segment = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the clock is counted by: the limit in minutes, the openings (None: always open) and the site's zone."""

    limit: int
    openings: Openings | None
    zone: str

    @classmethod
    def of(cls, sla: ServiceLevelAgreement, zone: str) -> "Terms":
        """Read the SLA and its calendar once (SLA-11)."""
        return cls(sla.limit_minutes, Openings.of(sla.calendar) if sla.calendar else None, zone)

    def start(self, moment: datetime) -> datetime:
        """SLA-02: the moment itself, or the next opening where the calendar is closed then."""
        return next_opening(self.openings, self.zone, moment) if self.openings else moment

    def after(self, moment: datetime, minutes: int) -> datetime:
        """The instant at which that many minutes of working time have passed since the moment."""
        return add_minutes(self.openings, self.zone, moment, minutes)

    def minutes(self, start: datetime, end: datetime) -> int:
        return minutes_between(self.openings, self.zone, start, end)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clock shows at a moment."""

    limit: int
    used: int
    deadline: datetime

    @property
    def compliance(self) -> Decimal:
        """SLA-08: time used as a percentage of the limit, one decimal."""
        return (Decimal(self.used) * 100 / self.limit).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def left(self) -> int:
        """Minutes to the limit, negative beyond it."""
        return self.limit - self.used


def read_clock(terms: Terms, segments: Sequence[Segment], now: datetime) -> Reading:
    """Used time and latest completion time (SLA-07, SLA-09).

    Running: last start + what was left then. Stopped: now + what is left. Once the limit is used up: the instant it
    was, for good.
    """
    used, deadline = 0, None
    for start, end in segments:
        minutes = terms.minutes(start, end or now)
        if deadline is None and (end is None or minutes >= terms.limit - used):
            deadline = terms.after(start, terms.limit - used)
        used += minutes
    return Reading(terms.limit, used, deadline or terms.after(now, terms.limit - used))
