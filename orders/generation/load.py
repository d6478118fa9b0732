"""From the database to what planning needs: a fixed number of statements, however many agreements and lines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from agreements.models import (
    IntervalPause,
    ItemSetup,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceLevelAgreement,
)
from agreements.placements import Places, places_of
from agreements.queries import sla_with_rank
from agreements.recurrence import Recurrence, recurrence_of
from orders.planning import Line, OpenOrder, Options, Plan, Standing, Terms, Window, plan
from orders.queries.parameters import parameters
from orders.sla import Terms as SlaTerms
from servicemgmt.core.errors import Sentence
from servicemgmt.core.periods import Period
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.queries import main_store
from servicemgmt.masterdata.models import Company, Site
from servicemgmt.masterdata.worktime import NeverOpen, Openings, instant

from .existing import existing_dates, open_orders, standings
from .hours import hours_of, openings_of

#: What many rows share is read and built once, not once a row.
AGREEMENT_PARTS = [
    "sla", "group__sla", "customer", "price_list",
    "project__currency", "project__price_list", "project__line_property",
]  # fmt: skip
LINE_PARTS = [
    "interval", "time_window", "category", "line_property", "item", "worker", "sla", "prices",
    "object_relation__service_object__group__sla",
]  # fmt: skip


@dataclass
class Surroundings:
    """Sites, calendars, recurrences and the store around some agreements, read once."""

    sites: dict[int, Site]
    places: dict[int, Places]
    usual_calendar: int | None
    openings: dict[int, Openings] = field(default_factory=dict)
    recurrences: dict[int, Recurrence] = field(default_factory=dict)
    store: Warehouse | None = None
    usual_sla: ServiceLevelAgreement | None = None
    clocks: dict[tuple[int, str, date], tuple[datetime, datetime] | None] = field(default_factory=dict)

    def clock(self, sla: ServiceLevelAgreement, zone: str, day: date) -> tuple[datetime, datetime] | None:
        """SO-A13: when the clock of a visit on the day starts and when its limit is reached; reckoned once.

        It starts at the first opening on or after 00:00 at the site; a calendar that never opens again starts none.
        """
        known = sla.pk, zone, day
        if known not in self.clocks:
            openings = self.openings[sla.calendar_id] if sla.calendar_id else None
            promise = SlaTerms(sla.limit_minutes, openings, zone)
            try:
                start = promise.start(instant(day, 0, ZoneInfo(zone)).astimezone(UTC))
                self.clocks[known] = start, promise.after(start, promise.limit)
            except NeverOpen:
                self.clocks[known] = None
        return self.clocks[known]

    def is_open(self, agreement: ServiceAgreement) -> Callable[[int, date], bool]:
        """Whether people may come to a site of the agreement on a day.

        Architecture 14: the agreement's calendar, else the site's, the parameters', the company's; without one every
        day is open.
        """

        def asked(site_id: int, day: date) -> bool:
            site = self.sites.get(site_id)
            calendar = agreement.calendar_id or (site and site.calendar_id) or self.usual_calendar
            return calendar is None or bool(self.openings[calendar].on(day))

        return cache(asked)


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
    open_orders: OpenOrders
    surroundings: Surroundings

    def plan(self, options: Options) -> Plan:
        """What a run would create now; the very same for preview and run."""
        return plan(
            self.terms,
            options,
            is_open=self.surroundings.is_open(self.agreement),
            existing=self.existing,
            standing=self.standing,
            open_orders=self.open_orders.of(self.agreement.pk),
        )

    @cached_property
    def promises(self) -> dict[int, tuple[int, ServiceLevelAgreement] | None]:
        """AG-04: the SLA of each line with how particular it is; see `sla_with_rank`."""
        found = {}
        for pk, line in self.lines.items():
            thing = line.object_relation.service_object if line.object_relation else None
            found[pk] = sla_with_rank(self.agreement, thing, line, usual=lambda: self.surroundings.usual_sla)
        return found

    @property
    def terms(self) -> Terms:
        """The agreement as planning sees it. It ends before its project is closed: nothing could be posted then."""
        agreement = self.agreement
        closed_from = agreement.project.ended_on if agreement.project else None
        return Terms(
            start=agreement.start_date,
            end=before(closed_from, agreement.end_date),
            lines=tuple(
                _line(agreement, line, self.surroundings, self.promises[pk])
                for pk, line in self.lines.items()
            ),
            combine_by=agreement.combine_by,
            closed_day=agreement.closed_day,
            suspended=agreement.suspended,
            is_template=agreement.is_template,
        )


def load(agreement_ids: Sequence[int], period: Period, *, lock: bool = False) -> list[Loaded]:
    """The agreements in the order of their keys, with `lock` held until the end of the transaction."""
    rows = ServiceAgreement.objects.filter(pk__in=agreement_ids).order_by("pk")
    rows = rows.prefetch_related(*AGREEMENT_PARTS)
    agreements = list(rows.select_for_update(no_key=True) if lock else rows)
    lines = list(
        ServiceAgreementLine.objects.filter(agreement__in=agreements)
        .select_related("task_relation", "object_relation__service_object")
        .prefetch_related(*LINE_PARTS)
        .order_by("agreement_id", "line_number")
    )
    by_agreement: dict[int, dict[int, ServiceAgreementLine]] = {agreement.pk: {} for agreement in agreements}
    for line in lines:
        by_agreement[line.agreement_id][line.pk] = line
    existing = existing_dates([line.pk for line in lines], period)
    standing = standings(lines)
    joinable = OpenOrders([agreement.pk for agreement in agreements], lock)
    around = surroundings(agreements, lines)
    return [
        Loaded(agreement, by_agreement[agreement.pk], existing, standing, joinable, around)
        for agreement in agreements
    ]


def surroundings(
    agreements: Sequence[ServiceAgreement], lines: Sequence[ServiceAgreementLine]
) -> Surroundings:
    """Every site and calendar that the planning and the SLA clocks of these agreements ask for."""
    projects = {agreement.pk: agreement for agreement in agreements}
    places = places_of(
        line.object_relation.service_object_id for line in lines if line.object_relation and not line.site_id
    )
    site_ids = {site_of(projects[line.agreement_id], line) for line in lines}
    site_ids |= {site for stays in places.values() for _since, site in stays}
    sites = Site.objects.in_bulk([pk for pk in site_ids if pk is not None])
    settings = parameters()
    usual = settings.calendar_id or Company.objects.values_list("calendar_id", flat=True).first()
    wanted = {
        usual,
        settings.sla.calendar_id if settings.sla else None,
        *(site.calendar_id for site in sites.values()),
    }
    for agreement in projects.values():
        wanted |= {agreement.calendar_id, *_sla_calendars(agreement)}
    for line in lines:
        wanted |= set(_line_sla_calendars(line))
    asks_store = any(line.item_setup == ItemSetup.REQUIREMENT for line in lines)
    return Surroundings(
        sites,
        places,
        usual,
        openings_of([pk for pk in wanted if pk is not None]),
        recurrences_of(lines),
        main_store() if asks_store else None,
        settings.sla,
    )


def recurrences_of(lines: Iterable[ServiceAgreementLine]) -> dict[int, Recurrence]:
    """What the lines' intervals say, by the interval's key, with their days left out (one statement)."""
    intervals = {line.interval.pk: line.interval for line in lines if line.interval}
    pauses: dict[int, list[Period]] = {}
    for pause in IntervalPause.objects.filter(interval__in=intervals):
        span = Period(pause.first_day, pause.last_day or pause.first_day)
        pauses.setdefault(pause.interval_id, []).append(span)
    return {pk: recurrence_of(interval, pauses.get(pk, ())) for pk, interval in intervals.items()}


def _sla_calendars(agreement: ServiceAgreement) -> list[int | None]:
    return [sla.calendar_id for sla in (agreement.sla, agreement.group.sla) if sla]


def _line_sla_calendars(line: ServiceAgreementLine) -> list[int | None]:
    of_group = line.object_relation.service_object.group.sla if line.object_relation else None
    return [sla.calendar_id for sla in (line.sla, of_group) if sla]


def site_of(agreement: ServiceAgreement, line: ServiceAgreementLine) -> int | None:
    """Where the line is worked: its own site, else where its object stands now, else the project's."""
    if line.site_id:
        return line.site_id
    if line.object_relation:
        return line.object_relation.service_object.site_id
    return agreement.project.site_id if agreement.project else None


def before(day: date | None, end: date | None) -> date | None:
    """The end (inclusive, None: open), or the day before `day` where that is earlier."""
    last = day - timedelta(days=1) if day else None
    return min((found for found in (last, end) if found), default=None)


def _line(
    agreement: ServiceAgreement,
    line: ServiceAgreementLine,
    around: Surroundings,
    promise: tuple[int, ServiceLevelAgreement] | None,
) -> Line:
    """The line; it ends before its object goes out of service."""
    window = line.time_window
    places = around.places.get(line.object_relation.service_object_id) if line.object_relation else None
    stays = places if places and not line.site_id else ((date.min, site_of(agreement, line)),)
    out_from = line.object_relation.service_object.ended_on if line.object_relation else None
    return Line(
        id=line.pk,
        number=line.line_number,
        kind=line.kind,
        start=line.start_date,
        end=before(out_from, line.end_date),
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
        refusal=_why_no_requirement(line, around),
        hours=hours_of(line),
        moves=tuple((since, site) for since, site in stays[1:] if site is not None),
    )


def _why_no_requirement(line: ServiceAgreementLine, around: Surroundings) -> Sentence:
    """SO-A18: why the goods of a line cannot be reserved, whatever its dates; or nothing."""
    if line.item_setup != ItemSetup.REQUIREMENT or line.item is None:
        return ""
    if not line.item.is_stocked:
        return _("Its item is not kept in stock, so it cannot be an item requirement.")
    return "" if around.store else _("There is no warehouse to reserve its item in.")
