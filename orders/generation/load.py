"""From the database to what planning needs: a fixed number of statements, however many agreements and lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from agreements.models import (
    ItemSetup,
    LinePrice,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceLevelAgreement,
)
from agreements.pricing.queries import latest_price
from agreements.queries import sla_with_rank
from orders.planning import Line, OpenOrder, Options, Plan, Standing, Terms, Window, plan
from servicemgmt.core.attach import attach
from servicemgmt.core.errors import Sentence
from servicemgmt.core.periods import Period

from .around import Surroundings, site_of, surroundings
from .existing import existing_dates, open_orders, standings, terms_before
from .hours import hours_of

#: What many rows share is read and built once, not once a row.
AGREEMENT_PARTS = [
    "sla", "group__sla", "customer", "price_list",
    "project__currency", "project__price_list", "project__line_property",
]  # fmt: skip
LINE_PARTS = [
    "interval", "time_window", "category", "line_property", "item", "worker", "sla",
    "task_relation", "object_relation__service_object__group__sla",
]  # fmt: skip


@dataclass
class OpenOrders:
    """The orders that lines of some agreements may join, read when the first plan asks for one."""

    agreement_ids: Sequence[int]
    lock: bool

    @cached_property
    def by_agreement(self) -> dict[int, list[OpenOrder]]:
        return open_orders(self.agreement_ids, lock=self.lock)

    def of(self, agreement_id: int) -> Iterator[OpenOrder]:
        yield from self.by_agreement.get(agreement_id, ())


@dataclass
class Loaded:
    """An agreement ready to be planned, and the rows its plan will be written from."""

    agreement: ServiceAgreement
    lines: dict[int, ServiceAgreementLine]
    existing: dict[int, frozenset[date]]
    standing: dict[int, Standing]
    before_until: dict[int, date]
    open_orders: OpenOrders
    surroundings: Surroundings
    #: The adjusted prices of lines that have any, in the order of their days.
    adjusted: dict[int, list[LinePrice]]

    def sales_price(self, line: ServiceAgreementLine, on: date) -> Decimal | None:
        """The price agreed for a line itself on a day, as `sales_price_on`."""
        adjusted = self.adjusted.get(line.pk)
        return latest_price(line, adjusted, on) if adjusted else line.sales_price

    def plan(self, options: Options, *, renewed_until: date | None = None) -> Plan:
        """What a run would create now; the very same for preview and run.

        `renewed_until`: what its successors would add, for the forecast of an agreement that renews by itself.
        """
        return plan(
            self.terms(renewed_until or self.agreement.end_date),
            options,
            is_open=self.surroundings.is_open(self.agreement),
            existing=self.existing,
            standing=self.standing,
            open_orders=self.open_orders.of(self.agreement.pk),
        )

    @cached_property
    def related(self) -> dict[int, tuple[tuple[int, str] | None, int | None]]:
        """Of each line the object with the reference, and the task, that its orders are related to."""
        found: dict[int, tuple[tuple[int, str] | None, int | None]] = {}
        for pk, line in self.lines.items():
            thing, task = line.object_relation, line.task_relation
            found[pk] = (
                (thing.service_object_id, thing.reference) if thing else None,
                task.service_task_id if task else None,
            )
        return found

    @cached_property
    def promises(self) -> dict[int, tuple[int, ServiceLevelAgreement] | None]:
        """AG-04: the SLA of each line with how particular it is; see `sla_with_rank`."""
        found = {}
        for pk, line in self.lines.items():
            thing = line.object_relation.service_object if line.object_relation else None
            found[pk] = sla_with_rank(self.agreement, thing, line, usual=lambda: self.surroundings.usual_sla)
        return found

    def terms(self, until: date | None) -> Terms:
        """The agreement as planning sees it. It ends before its project is closed: nothing could be posted then.

        `until`: its last day, or as though it ran until then, and what ends with it too.
        """
        agreement = self.agreement
        closed_from = agreement.project.ended_on if agreement.project else None
        return Terms(
            start=agreement.start_date,
            end=before(closed_from, until),
            lines=tuple(
                _line(agreement, line, self.surroundings, self.promises[pk], until, self.before_until.get(pk))
                for pk, line in self.lines.items()
            ),
            combine_by=agreement.combine_by,
            closed_day=agreement.closed_day,
            suspended=agreement.suspended,
            suspended_on=agreement.suspended_on,
            suspend_reason=agreement.suspend_reason,
            is_template=agreement.is_template,
            is_agreed=agreement.is_agreed,
            closed_from=closed_from if closed_from and closed_from <= (until or closed_from) else None,
        )


def load(agreement_ids: Sequence[int], period: Period, *, lock: bool = False) -> list[Loaded]:
    """The agreements in the order of their keys, with `lock` held until the end of the transaction."""
    rows = ServiceAgreement.objects.filter(pk__in=agreement_ids).order_by("pk")
    agreements = list(rows.select_for_update(no_key=True) if lock else rows)
    attach(agreements, *AGREEMENT_PARTS)
    keys = [agreement.pk for agreement in agreements]
    in_order = ServiceAgreementLine.objects.order_by("agreement_id", "line_number")
    lines = list(in_order.filter(agreement__in=keys))
    attach(lines, *LINE_PARTS)
    adjusted: dict[int, list[LinePrice]] = {}
    for price in LinePrice.objects.filter(line__agreement__in=keys).order_by("valid_from"):
        adjusted.setdefault(price.line_id, []).append(price)
    by_agreement: dict[int, dict[int, ServiceAgreementLine]] = {agreement.pk: {} for agreement in agreements}
    for line in lines:
        by_agreement[line.agreement_id][line.pk] = line
    existing = existing_dates(lines, period)
    standing = standings(lines)
    until = terms_before(lines, {agreement.pk: agreement.start_date for agreement in agreements})
    joinable = OpenOrders(keys, lock)
    around = surroundings(agreements, lines)
    return [
        Loaded(agreement, by_agreement[agreement.pk], existing, standing, until, joinable, around, adjusted)
        for agreement in agreements
    ]


def before(day: date | None, end: date | None) -> date | None:
    """The end (inclusive, None: open), or the day before `day` where that is earlier."""
    last = day - timedelta(days=1) if day else None
    return min((found for found in (last, end) if found), default=None)


def _line(
    agreement: ServiceAgreement,
    line: ServiceAgreementLine,
    around: Surroundings,
    promise: tuple[int, ServiceLevelAgreement] | None,
    until: date | None,
    before_until: date | None,
) -> Line:
    """The line; it ends before its object goes out of service, and `until` where it ends with the agreement."""
    last = until if line.end_date == agreement.end_date else line.end_date
    window = line.time_window
    places = around.places.get(line.object_relation.service_object_id) if line.object_relation else None
    stays = places if places and not line.site_id else ((date.min, site_of(agreement, line)),)
    out_from = line.object_relation.service_object.ended_on if line.object_relation else None
    return Line(
        id=line.pk,
        number=line.line_number,
        kind=line.kind,
        start=line.start_date,
        end=before(out_from, last),
        recurrence=around.recurrences[line.interval_id] if line.interval_id else None,
        due_from=line.due_from,
        window=Window(window.method, window.days_before, window.days_after) if window else None,
        task=line.task_relation.service_task_id if line.task_relation else None,
        object=line.object_relation.service_object_id if line.object_relation else None,
        worker=line.worker_id,
        site=stays[0][1],
        stopped=line.stopped,
        label=line.description,
        sla=promise[1].pk if promise and agreement.sla_on_generated_orders else None,
        refusal=_why_not_whose(agreement, line, around) or _why_no_requirement(line, around),
        hours=hours_of(line),
        moves=tuple((since, site) for since, site in stays[1:] if site is not None),
        out_from=out_from,
        before_until=before_until,
    )


def _why_not_whose(agreement: ServiceAgreement, line: ServiceAgreementLine, around: Surroundings) -> Sentence:
    """That the line is about what has become another customer's, whatever its dates; or nothing."""
    whose = (None, agreement.customer_id)
    if line.object_relation and line.object_relation.service_object.customer_id not in whose:
        return _("Its service object belongs to another customer.")
    site = around.sites.get(line.site_id or 0)
    return _("Its site belongs to another customer.") if site and site.customer_id not in whose else ""


def _why_no_requirement(line: ServiceAgreementLine, around: Surroundings) -> Sentence:
    """SO-A18: why the goods of a line cannot be reserved, whatever its dates; or nothing."""
    if line.item_setup != ItemSetup.REQUIREMENT or line.item is None:
        return ""
    if not line.item.is_stocked:
        return _("Its item is not kept in stock, so it cannot be an item requirement.")
    return "" if around.store else _("There is no warehouse to reserve its item in.")
