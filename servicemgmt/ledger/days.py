"""Which day a posting gets: the one asked for, or, by setting, the first open one after a closed period."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Subquery

from servicemgmt.core.errors import Refused

from .models import ClosedPeriodRule, LedgerParameters
from .queries import closed_sentence, open_periods


@dataclass(frozen=True, slots=True)
class LedgerDays:
    """The open periods and the setting, read once for many postings."""

    periods: list[tuple[date, date]]
    moves: bool

    @classmethod
    def read(cls) -> "LedgerDays":
        rule = LedgerParameters.objects.values("closed_periods")[:1]
        rows = list(open_periods().values_list("during", Subquery(rule)))
        moves = any(found == ClosedPeriodRule.MOVE for _span, found in rows)
        return cls([(span.lower, span.upper) for span, _found in rows], moves)

    def opened(self, wanted: date) -> date | None:
        """The first open day from `wanted` on; None where there is none."""
        return next((max(wanted, start) for start, end in self.periods if wanted < end), None)

    def of(self, wanted: date, *, moves: bool = False) -> date:
        """The ledger date of a posting asked for on `wanted` (a company-zone date).

        Where `wanted` lies in no open period it is the first open day after it, if the company's setting says so or
        the poster must (`moves`: billing-rules 51). Raises Refused, naming the first open date, otherwise, and where no
        later period is open.
        """
        found = self.opened(wanted)
        if found is None or (found != wanted and not (self.moves or moves)):
            raise Refused(closed_sentence(wanted))
        return found
