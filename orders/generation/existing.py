"""What is there already of agreements: dates with an order line, visits open or done, orders that lines may join."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, DateField, Exists, F, Func, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Least

from agreements.models import DueFrom, ServiceAgreementLine
from orders.models import (
    Assignment,
    LineStatus,
    OrderOrigin,
    OrderProgress,
    Phase,
    ServiceOrder,
    ServiceOrderLine,
)
from orders.planning import WHOLE_DAY, OpenOrder, Standing
from orders.planning.dates import LOOK_BACK
from servicemgmt.core.periods import Period

from .hours import hours_on


def existing_dates(lines: Sequence[ServiceAgreementLine], period: Period) -> dict[int, frozenset[date]]:
    """SO-A07, SO-A08: by agreement line the dates with an order line, cancelled too: the period's, and the last.

    Visits that were planned for the lines which it continues from terms before count too, unless they were dropped: an
    agreement that ends early keeps its later orders, and its successor does not come beside them.
    """
    before = _dates_before(lines, period)
    in_period = Q(date_calculated__range=(period.start, period.end))
    found = (
        ServiceOrderLine.objects.filter(
            agreement_line__in=[line.pk for line in lines], date_calculated__isnull=False
        )
        .order_by()
        .values("agreement_line_id")
        .annotate(
            dates=ArrayAgg("date_calculated", filter=in_period, default=[]), last=Max("date_calculated")
        )
    )
    own = {row["agreement_line_id"]: frozenset([*row["dates"], row["last"]]) for row in found}
    return own | {pk: dates | own.get(pk, frozenset()) for pk, dates in before.items()}


#: A visit that is done: posted, signed off, or its order in a stage that says so.
IS_DONE = Q(status=LineStatus.POSTED) | Q(signed_off_at__isnull=False) | Q(order__stage__phase=Phase.DONE)
IS_DROPPED = Q(status=LineStatus.CANCELLED) | Q(order__stage__phase=Phase.CANCELLED)
#: When it was: as entered, else when it was signed off by the site's clock, else its day of service.
SIGNED_ON = Cast(Func("order__site__time_zone", "signed_off_at", function="timezone"), DateField())
DONE_ON = Coalesce("executed_on", SIGNED_ON, "order__service_on")


def _dates_before(lines: Iterable[ServiceAgreementLine], period: Period) -> dict[int, frozenset[date]]:
    """By line that continues others the dates of them all that stand: the period's, and so far before it as planning
    looks back. No statement where none does."""
    first = {line.pk: line.continues_id for line in lines if line.continues_id}
    if not first:
        return {}
    found = (
        _of_chains(first.values())
        .filter(~IS_DROPPED, date_calculated__range=(period.start - LOOK_BACK, period.end))
        .values(chain=CHAIN)
        .annotate(dates=ArrayAgg("date_calculated"))
    )
    dates = {row["chain"]: frozenset(row["dates"]) for row in found}
    return {pk: dates[chain] for pk, chain in first.items() if chain in dates}


#: What a line continues from the first term on, or itself.
CHAIN = Coalesce("agreement_line__continues", "agreement_line")


def _of_chains(chains: Iterable[int]) -> QuerySet[ServiceOrderLine]:
    """The order lines with a calculated date of the lines that these are the first terms of, in no order."""
    keys = set(chains)
    related = ServiceAgreementLine.objects.filter(Q(pk__in=keys) | Q(continues__in=keys))
    return ServiceOrderLine.objects.filter(
        agreement_line__in=related.order_by().values("pk"), date_calculated__isnull=False
    ).order_by()


def standings(lines: Iterable[ServiceAgreementLine]) -> dict[int, Standing]:
    """Of lines due from the last visit done: the day of the visit still open, and of the last one done or dropped.

    Visits of the lines that they continue from terms before count too. A dropped visit counts with its calculated
    date. No statement where there are no such lines.
    """
    first = {line.pk: line.continues_id or line.pk for line in lines if line.due_from == DueFrom.ACTUAL}
    if not first:
        return {}
    last = Case(When(IS_DROPPED, then=F("date_calculated")), default=DONE_ON)
    is_over = IS_DONE | IS_DROPPED
    found = (
        _of_chains(first.values())
        .values(chain=CHAIN)
        .annotate(
            open_on=Max("order__service_on", filter=~is_over),
            done_on=Max(last, filter=is_over),
            open_count=Count("pk", filter=~is_over),
        )
    )
    by_chain = {row["chain"]: Standing(row["open_on"], row["done_on"], row["open_count"]) for row in found}
    return {pk: by_chain[chain] for pk, chain in first.items() if chain in by_chain}


def terms_before(lines: Iterable[ServiceAgreementLine], starts: Mapping[int, date]) -> dict[int, date]:
    """Of lines due from the last visit done that continue others: until when one of a term before brings visits.

    That it is stopped, its agreement suspended, its project closed or its object out of service ends it. `starts`: the
    first days of the lines' agreements. No statement where there are no such lines.
    """
    first = {line.pk: line for line in lines if line.due_from == DueFrom.ACTUAL and line.continues_id}
    if not first:
        return {}
    keys = {line.continues_id for line in first.values()}
    rows = ServiceAgreementLine.objects.filter(Q(pk__in=keys) | Q(continues__in=keys), stopped=False)
    found: dict[int, list[tuple[date, date]]] = {}
    for chain, start, last, *gone in (
        rows.filter(agreement__suspended=False)
        .order_by()
        .values_list(
            Coalesce("continues", "pk"),
            "agreement__start_date",
            Coalesce(Least("end_date", "agreement__end_date"), Value(date.max)),
            "agreement__project__ended_on",
            "object_relation__service_object__ended_on",
        )
    ):
        ends = [last, *(day - timedelta(days=1) for day in gone if day)]
        found.setdefault(chain, []).append((start, min(ends)))
    until = {
        pk: [
            last for start, last in found.get(line.continues_id or 0, ()) if start < starts[line.agreement_id]
        ]
        for pk, line in first.items()
    }
    return {pk: max(days) for pk, days in until.items() if days}


def open_orders(agreement_ids: Sequence[int], *, lock: bool) -> dict[int, list[OpenOrder]]:
    """By agreement the orders that lines may join: made by the system, in the initial stage, unbooked, unsigned.

    Who is booked is assigned, so nobody is assigned to them. With `lock` they are held first and asked again then.
    """
    found = ServiceOrder.objects.filter(
        ~Exists(Assignment.objects.filter(order=OuterRef("pk"))),
        agreement__in=agreement_ids,
        origin=OrderOrigin.SYSTEM,
        stage__parent__isnull=True,
        progress=OrderProgress.IN_PROCESS,
        signed_off_at__isnull=True,
    ).order_by("pk")
    if lock:
        held = ServiceOrder.objects.filter(pk__in=list(found.values_list("pk", flat=True))).order_by("pk")
        found = found.filter(pk__in=list(held.select_for_update(no_key=True).values_list("pk", flat=True)))
    lines = ArrayAgg("lines__agreement_line", filter=Q(lines__agreement_line__isnull=False), default=[])
    rows = found.annotate(held=lines).values_list(
        "agreement_id", "pk", "number", "service_on", "site_id", "sla_id", "held",
        "promised_window", "site__time_zone",
    )  # fmt: skip
    by_agreement: dict[int, list[OpenOrder]] = {}
    for agreement, pk, number, day, site, sla, held_lines, promised, zone in rows:
        hours = hours_on(day, promised, zone) if promised else WHOLE_DAY
        order = OpenOrder(pk, number, day, site, frozenset(held_lines), sla, hours)
        by_agreement.setdefault(agreement, []).append(order)
    return by_agreement
