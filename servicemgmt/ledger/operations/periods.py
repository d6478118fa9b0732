"""Fiscal periods: made a year at a time, closed and opened by finance."""

from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from servicemgmt.core.audit import record
from servicemgmt.core.errors import Invalid, Refused, Stale, refusing
from servicemgmt.core.models import User
from servicemgmt.core.periods import step

from ..models import FiscalPeriod


@transaction.atomic
def create_fiscal_year(year: int, *, by: User | None) -> list[FiscalPeriod]:
    """Make the twelve monthly periods of a calendar year, all open; months that exist already stay as they are.

    Raises Invalid (field `year`) for a year outside 1900–2200 and Refused where all twelve exist or a month is partly
    covered.
    """
    if not 1900 <= year <= 2200:
        raise Invalid(_("Enter a year between 1900 and 2200."), field="year")
    months = [step(date(year, 1, 1), "MONTH", n) for n in range(13)]
    spans = [DateRange(start, end) for start, end in zip(months, months[1:], strict=False)]
    taken = set(FiscalPeriod.objects.filter(during__in=spans).values_list("during", flat=True))
    missing = [span for span in spans if span not in taken]
    if not missing:
        raise Refused(_("The fiscal periods of %(year)s exist already.") % {"year": year})
    with refusing(
        fiscalperiod_does_not_overlap=_("A fiscal period covers part of a month of %(year)s.")
        % {"year": year},
        fiscalperiod_name_key=_("A fiscal period with the name of a month of %(year)s exists.")
        % {"year": year},
    ):
        made = FiscalPeriod.objects.bulk_create(
            [FiscalPeriod(name=f"{span.lower:%Y-%m}", during=span) for span in missing]
        )
    record(
        "fiscal_year_created",
        "fiscalperiod:0",
        by=by,
        changes={"periods": [[], [p.name for p in made]]},
        label=str(year),
    )
    return made


@transaction.atomic
def close_period(period_id: int, *, version: int, by: User, at: datetime) -> FiscalPeriod:
    """Let no more vouchers be dated in the period. Waits for postings in flight; those that come after see it closed.

    Raises Stale for an old version and Refused where it is closed already.
    """
    period = _locked(period_id, version)
    if period.closed_at:
        raise Refused(_("%(period)s is closed already.") % {"period": period.name})
    period.closed_at, period.closed_by = at, by
    _save(period)
    record("period_closed", period, by=by, changes={"closed_at": [None, at.isoformat()]})
    return period


@transaction.atomic
def open_period(period_id: int, *, version: int, by: User, at: datetime) -> FiscalPeriod:
    """Let vouchers be dated in the period again. Raises Stale for an old version and Refused where it is open."""
    period = _locked(period_id, version)
    if not period.closed_at:
        raise Refused(_("%(period)s is open already.") % {"period": period.name})
    before = period.closed_at
    period.closed_at = period.closed_by = None
    _save(period)
    record("period_opened", period, by=by, changes={"closed_at": [before.isoformat(), None]})
    return period


def _locked(period_id: int, version: int) -> FiscalPeriod:
    period = FiscalPeriod.objects.select_for_update(of=("self",), no_key=True).get(pk=period_id)
    if period.version != version:
        raise Stale(_("Somebody else changed the period meanwhile. Look at it again."))
    return period


def _save(period: FiscalPeriod) -> None:
    period.version += 1
    period.save(update_fields=["closed_at", "closed_by", "version"])
