"""What surrounds some agreements: sites, calendars, recurrences, the store; read once for all of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from agreements.models import (
    IntervalPause,
    ItemSetup,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceLevelAgreement,
)
from agreements.placements import Places, places_of
from agreements.recurrence import Recurrence, recurrence_of
from orders.queries.parameters import parameters
from orders.sla import Terms as SlaTerms
from servicemgmt.core.periods import Period
from servicemgmt.inventory.models import Warehouse
from servicemgmt.inventory.queries import main_store
from servicemgmt.masterdata.models import Company, Site
from servicemgmt.masterdata.worktime import NeverOpen, Openings, instant

from .hours import openings_of


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
    open_days: dict[int | None, Callable[[int, date], bool]] = field(default_factory=dict)

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
        day is open. Agreements that name the same calendar, or none, share the answers.
        """
        own = agreement.calendar_id

        def asked(site_id: int, day: date) -> bool:
            site = self.sites.get(site_id)
            calendar = own or (site and site.calendar_id) or self.usual_calendar
            return calendar is None or bool(self.openings[calendar].on(day))

        if own not in self.open_days:
            self.open_days[own] = cache(asked)
        return self.open_days[own]


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
