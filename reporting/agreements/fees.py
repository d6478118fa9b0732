"""Fees of subscriptions in a forecast: those that are made, and those that a run would make at base price and index.

A fee counts in the month in which its days begin, which is when a run dates it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from agreements.models import ServiceAgreement
from servicemgmt.core.periods import Period
from subscriptions.models import Fee, FeeKind, Subscription
from subscriptions.operations.fees import END_OF_TIME, FeeOrder, price_of
from subscriptions.planning import Asked, Series, plan_fees
from subscriptions.queries import COVERING


class Charge(NamedTuple):
    """A fee of an agreement: the key of the agreement, the first day of the fee, its amount."""

    agreement: int
    day: date
    amount: Decimal


def fees_of(agreements: Iterable[ServiceAgreement], running: Period) -> Iterator[Charge]:
    """The fees that begin in the period, in the currency of the agreement's project; two statements at most.

    A subscription that names no agreement counts with the first of those that run on its project then.
    """
    keys = {row.pk for row in agreements}
    theirs = list(_subscriptions(agreements, running).filter(counts_with__in=keys))
    if not theirs:
        return
    days: dict[int, list[Period]] = defaultdict(list)
    counts_with = {row.pk: row.counts_with for row in theirs}
    fees = Fee.objects.filter(subscription__in=theirs, is_void=False).order_by("starts_on")
    for key, kind, start, end, amount in fees.values_list(
        "subscription", "kind", "starts_on", "ends_on", "transaction__sales_amount"
    ):
        if kind in COVERING:
            days[key].append(Period(start, end))
        if start in running:
            yield Charge(counts_with[key], start, amount)
    for row in theirs:
        if row.is_active:
            yield from _to_come(counts_with[row.pk], row, days[row.pk], running)


def _to_come(key: int, row: Subscription, covered: list[Period], running: Period) -> Iterator[Charge]:
    """What a run over whole periods would still make of an active subscription."""
    series = Series.of(row.group.period_type, row.starts_on)
    span = Period(series.around(running.start).start, series.around(running.end).end)
    valid = Period(row.starts_on, row.ends_on or END_OF_TIME)
    price = FeeOrder(span.start, span.end)
    for fee in plan_fees(series, valid, covered, Asked(span, FeeKind.NON_REGULAR)).fees:
        if fee.days.start in running:
            amount = fee.amount(price_of(row, price, fee), row.currency.digits)
            yield Charge(key, fee.days.start, amount)


def _subscriptions(agreements: Iterable[ServiceAgreement], running: Period) -> Any:
    rows = list(agreements)
    first = (
        ServiceAgreement.objects.contracts()
        .filter(project=OuterRef("project"), suspended=False, start_date__lte=running.end)
        .exclude(end_date__lt=running.start)
        .order_by("start_date", "pk")
    )
    of_project = Q(agreement=None, project__in={row.project_id for row in rows})
    return (
        Subscription.objects.filter(of_project | Q(agreement__in=rows))
        .select_related("group__period_type", "currency")
        .annotate(counts_with=Coalesce("agreement", Subquery(first.values("pk")[:1])))
        .order_by("pk")
    )
