"""From the database to what planning needs: a fixed number of statements, however many agreements and lines."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Q

from agreements.models import ServiceAgreement, ServiceAgreementLine
from orders.models import ServiceOrderLine
from orders.planning import Line, Options, Plan, Terms, Window, plan
from orders.queries.parameters import parameters
from servicemgmt.core.periods import Period
from servicemgmt.masterdata.models import CalendarDay, CalendarHours, Company, Site
from servicemgmt.masterdata.worktime import Openings

SLA = "sla__calendar"
AGREEMENT_PARTS = [
    SLA,
    f"group__{SLA}",
    "customer",
    "price_list",
    "project__currency",
    "project__price_list",
    "project__line_property",
]
LINE_PARTS = [
    SLA,
    "interval",
    "time_window",
    "task_relation",
    "category",
    "line_property",
    "item",
    "worker",
    f"object_relation__service_object__group__{SLA}",
]


@dataclass
class Surroundings:
    """Sites and calendars around some agreements, read once."""

    sites: dict[int, Site]
    usual_calendar: int | None
    openings: dict[int, Openings] = field(default_factory=dict)

    def is_open(self, agreement: ServiceAgreement) -> Callable[[int, date], bool]:
        """Whether people may come to a site of the agreement on a day.

        Architecture 14: the agreement's calendar, else the site's, the parameters', the company's; without one every
        day is open.
        """

        def asked(site_id: int, day: date) -> bool:
            site = self.sites.get(site_id)
            calendar = agreement.calendar_id or (site and site.calendar_id) or self.usual_calendar
            return calendar is None or bool(self.openings[calendar].on(day))

        return asked


@dataclass
class Loaded:
    """An agreement ready to be planned, and the rows its plan will be written from."""

    agreement: ServiceAgreement
    lines: dict[int, ServiceAgreementLine]
    existing: dict[int, frozenset[date]]
    surroundings: Surroundings

    def plan(self, options: Options) -> Plan:
        """What a run would create now; the very same for preview and run."""
        return plan(
            terms_of(self.agreement, self.lines.values()),
            options,
            is_open=self.surroundings.is_open(self.agreement),
            existing=self.existing,
        )


def load(agreement_ids: Sequence[int], period: Period, *, lock: bool = False) -> list[Loaded]:
    """The agreements in the order of their keys, with `lock` held until the end of the transaction."""
    rows = ServiceAgreement.objects.select_related(*AGREEMENT_PARTS).order_by("pk")
    agreements = list(
        (rows.select_for_update(of=["self"], no_key=True) if lock else rows).filter(pk__in=agreement_ids)
    )
    lines: dict[int, dict[int, ServiceAgreementLine]] = {agreement.pk: {} for agreement in agreements}
    for line in (
        ServiceAgreementLine.objects.filter(agreement__in=agreements)
        .select_related(*LINE_PARTS)
        .prefetch_related("prices")
        .order_by("agreement_id", "line_number")
    ):
        lines[line.agreement_id][line.pk] = line
    existing = existing_dates([pk for found in lines.values() for pk in found], period)
    around = surroundings(agreements, [line for found in lines.values() for line in found.values()])
    return [Loaded(agreement, lines[agreement.pk], existing, around) for agreement in agreements]


def existing_dates(line_ids: list[int], period: Period) -> dict[int, frozenset[date]]:
    """SO-A07, SO-A08: by agreement line the dates with an order line, cancelled too: the period's, and the last."""
    in_period = Q(date_calculated__range=(period.start, period.end))
    found = (
        ServiceOrderLine.objects.filter(agreement_line__in=line_ids, date_calculated__isnull=False)
        .order_by()
        .values("agreement_line_id")
        .annotate(
            dates=ArrayAgg("date_calculated", filter=in_period, default=[]), last=Max("date_calculated")
        )
    )
    return {row["agreement_line_id"]: frozenset([*row["dates"], row["last"]]) for row in found}


def surroundings(
    agreements: Iterable[ServiceAgreement], lines: Iterable[ServiceAgreementLine]
) -> Surroundings:
    """Every site and calendar that the planning and the SLA clocks of these agreements ask for."""
    projects = {agreement.pk: agreement for agreement in agreements}
    site_ids = {site_of(projects[line.agreement_id], line) for line in lines}
    sites = Site.objects.in_bulk([pk for pk in site_ids if pk is not None])
    usual = parameters().calendar_id or Company.objects.values_list("calendar_id", flat=True).first()
    wanted = {usual, *(site.calendar_id for site in sites.values())}
    for agreement in projects.values():
        wanted |= {agreement.calendar_id, *_sla_calendars(agreement)}
    for line in lines:
        wanted |= set(_line_sla_calendars(line))
    return Surroundings(sites, usual, openings_of([pk for pk in wanted if pk is not None]))


def _sla_calendars(agreement: ServiceAgreement) -> list[int | None]:
    return [sla.calendar_id for sla in (agreement.sla, agreement.group.sla) if sla]


def _line_sla_calendars(line: ServiceAgreementLine) -> list[int | None]:
    of_group = line.object_relation.service_object.group.sla if line.object_relation else None
    return [sla.calendar_id for sla in (line.sla, of_group) if sla]


def openings_of(calendar_ids: list[int]) -> dict[int, Openings]:
    """The openings of several calendars in two queries."""
    found = {pk: Openings({}, {}) for pk in calendar_ids}
    for pk, weekday, opens, closes in (
        CalendarHours.objects.filter(calendar__in=calendar_ids)
        .order_by("weekday", "opens")
        .values_list("calendar_id", "weekday", "opens", "closes")
    ):
        found[pk].week.setdefault(weekday, []).append((opens, closes))
    for pk, day, start, end in (
        CalendarDay.objects.filter(calendar__in=calendar_ids)
        .order_by("day", "opens")
        .values_list("calendar_id", "day", "opens", "closes")
    ):
        spans = found[pk].special.setdefault(day, [])
        if start is not None and end is not None:
            spans.append((start, end))
    return found


def site_of(agreement: ServiceAgreement, line: ServiceAgreementLine) -> int | None:
    """Where the line is worked: its own site, else where its object stands, else the project's."""
    if line.site_id:
        return line.site_id
    if line.object_relation:
        return line.object_relation.service_object.site_id
    return agreement.project.site_id if agreement.project else None


def terms_of(agreement: ServiceAgreement, lines: Iterable[ServiceAgreementLine]) -> Terms:
    """The agreement as planning sees it. It ends before its project is closed, for nothing could be posted then."""
    closed_from = agreement.project.ended_on if agreement.project else None
    return Terms(
        start=agreement.start_date,
        end=before(closed_from, agreement.end_date),
        lines=tuple(_line(agreement, line) for line in lines),
        combine_by=agreement.combine_by,
        suspended=agreement.suspended,
        is_template=agreement.is_template,
    )


def before(day: date | None, end: date | None) -> date | None:
    """The end (inclusive, None: open), or the day before `day` where that is earlier."""
    last = day - timedelta(days=1) if day else None
    return min((found for found in (last, end) if found), default=None)


def _line(agreement: ServiceAgreement, line: ServiceAgreementLine) -> Line:
    """The line; it ends before its object goes out of service."""
    window, interval = line.time_window, line.interval
    out_from = line.object_relation.service_object.ended_on if line.object_relation else None
    return Line(
        id=line.pk,
        number=line.line_number,
        kind=line.kind,
        start=line.start_date,
        end=before(out_from, line.end_date),
        unit=interval.unit if interval else None,
        every=interval.frequency if interval else 1,
        window=Window(window.method, window.days_before, window.days_after) if window else None,
        task=line.task_relation.service_task_id if line.task_relation else None,
        object=line.object_relation.service_object_id if line.object_relation else None,
        worker=line.worker_id,
        site=site_of(agreement, line),
        stopped=line.stopped,
        label=line.description,
    )
