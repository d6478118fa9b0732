"""Where and on which days a calculated date of a line may be met."""

from datetime import date
from functools import partial

from servicemgmt.core.periods import Period

from .dates import not_past, range_within, validity
from .packing import Demand, IsOpenDay, demand, next_open
from .terms import IsOpen, Line, Options, Terms


class Placing:
    """A line among the open days of its sites, with what the agreement says of closed ones (SO-A09, SO-A14)."""

    def __init__(self, terms: Terms, line: Line, options: Options, is_open: IsOpen) -> None:
        self.line, self.options, self.closed_day = line, options, terms.closed_day
        self.valid = validity(terms, line)
        self.not_over = not_past(self.valid, options)
        self._is_open = is_open
        self._open_at: dict[int | None, IsOpenDay] = {}

    def place(self, day: date, since: date | None = None) -> tuple[int | None, Demand | None]:
        """The site where the date is met, and the demand; None where a closed day takes it away."""
        allowed = not_past(range_within(self.line.window, self.valid, day), self.options)
        return self._place(day, allowed or Period(day, day), self.not_over, since)

    def reach(self, day: date) -> Period | None:
        """From when to when the date may be met, or might have been; None where a closed day takes it away."""
        found = self._place(day, range_within(self.line.window, self.valid, day), self.valid)[1]
        return found and found.range

    def _place(
        self, day: date, allowed: Period, valid: Period | None, since: date | None = None
    ) -> tuple[int | None, Demand | None]:
        site, during = self._stay(day, allowed)
        return site, demand(
            self.line,
            day,
            allowed.clip(during) or allowed,
            self._at(site),
            closed_day=self.closed_day,
            valid=valid and valid.clip(during),
            since=since,
        )

    def _stay(self, day: date, allowed: Period) -> tuple[int | None, Period]:
        """Where the line is worked: where it stands when it is due; where it is nowhere open then in its range, the
        nearest of its other stays that is."""
        due = day if day in allowed else allowed.start
        if not self.line.moves:
            return self.line.stay(due)
        stays = list(self.line.stays(allowed))
        for site, during in sorted(stays, key=lambda stay: away(stay[1], due)):
            days = allowed.clip(during)
            if days and next_open(days.start, days.end, 1, self._at(site)) is not None:
                return site, during
        return self.line.stay(due)

    def _at(self, site: int | None) -> IsOpenDay:
        if site not in self._open_at:
            self._open_at[site] = partial(self._is_open, site or 0)
        return self._open_at[site]


def away(days: Period, day: date) -> int:
    """How many days lie between."""
    return max((days.start - day).days, (day - days.end).days, 0)
