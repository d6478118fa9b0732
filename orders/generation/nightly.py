"""Visits that create themselves each night, as far ahead as the parameters say."""

import calendar
from datetime import date, timedelta

from agreements.models import ServiceAgreement
from agreements.renewal.run import start_renewing
from orders.planning import Options
from orders.queries.parameters import parameters
from servicemgmt.core.models import Run
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import execute_to_end, start_run

from .run import CODE, dump


def nightly_period(today: date, days: int) -> Period:
    """From today to the end of the month in which today + `days` falls, so that no month's visits are cut in two.

    What was calculated before today and may still be done today or later is planned with it (`Options.from_today`).
    """
    last = today + timedelta(days=days)
    return Period(today, last.replace(day=calendar.monthrange(last.year, last.month)[1]))


def night(*, on: date, enqueue: bool = True) -> Run | None:
    """Renew what renews by itself and remind of what ends, here and now; then queue the visits as `start_nightly`.

    In this order, so that the first visit of a new term is created on its first day, whenever notice could be given.
    """
    execute_to_end(start_renewing(on=on, by=None, enqueue=False))
    return start_nightly(on=on, enqueue=enqueue)


def start_nightly(*, on: date, enqueue: bool = True) -> Run | None:
    """Queue the creation of the orders of all contracts in force within the horizon; by the system itself.

    What a night has said of a line or an agreement, that it is stopped or suspended, the next nights do not say again.

    None where the parameters name no horizon or there is no contract. It may run as often as one likes: what is there
    is not created again. What keeps all orders from being created (SO-A15) ends the run with that sentence.
    """
    days = parameters().planning_horizon_days
    if days is None:
        return None
    options = Options(nightly_period(on, days), from_today=True)
    contracts = ServiceAgreement.objects.in_force_within(options.period)
    agreements = list(contracts.order_by("pk").values_list("pk", flat=True))
    if not agreements:
        return None
    return start_run(CODE, by=None, parameters={"agreements": agreements, **dump(options)}, enqueue=enqueue)
