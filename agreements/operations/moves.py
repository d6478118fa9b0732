"""Service objects that move: their placements say where they stand on which day, planned moves too."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from agreements.models import ServiceObject, ServiceObjectPlacement
from agreements.placements import sites_on
from servicemgmt.core.audit import Changes, event_of, plain, record, record_all
from servicemgmt.core.bulk import update_rows
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.core.stale import stale
from servicemgmt.masterdata.models import Customer, Site

from .objects import TREE, below, check_loaner, check_parent, parts_follow


@transaction.atomic
def move_object(
    object_id: int,
    *,
    site: Site,
    on: date,
    today: date,
    version: int,
    by: User | None,
    customer: Customer | None = None,
    with_parts: bool = False,
) -> ServiceObject:
    """Let the object stand at `site` from the day `on`; its placements keep where it was, without overlap.

    A move after `today` is planned: visits from that day on are planned at the new site, and the object's own site
    changes when the day has come (`arrive`). `with_parts` takes its components along that stand where it stands; the
    others stay. Where it changes hands (`customer`; None: as before), never ahead, all its components do. Raises
    Stale; Invalid where it stands there already, was moved or is planned to move on or after that day, is a part of an
    object of somebody else, or may be lent and would be a customer's.
    """
    row = _lock_object(object_id, version)
    last = row.placements.select_related("site__customer").filter(during__upper_inf=True).first()
    old, owner = last.site if last else row.site, row.customer
    if old == site:
        raise Invalid(_("It stands there already."), field="site")
    row.customer = customer or owner
    if row.customer != owner and on > today:
        raise Invalid(
            _("It changes hands on the day itself, not ahead: keep its customer here."), field="customer"
        )
    check_parent(row, field="customer")
    check_loaner(row, field="customer")
    with_it = {"placements__site": old, "placements__during__upper_inf": True}
    moved = [row, *(below(row, **with_it) if with_parts else [])]
    _stand(moved, site, on, today)
    if on <= today:
        for each in moved:
            each.site = site
    for each in moved:
        each.version += 1
    with refusing(**TREE):
        row.save(update_fields=["site", "customer", "version"])
    update_rows(moved[1:], ["site", "version"])
    changes: Changes = {"site": [place(old), place(site)], "on": [None, on.isoformat()]}
    handed = {"customer": [plain(owner), plain(row.customer)]} if row.customer != owner else {}
    record("moved", row, by=by, changes=changes | handed)
    record_all(event_of("moved", part, by=by, changes=changes) for part in moved[1:])
    parts_follow(row, owner, by=by)
    return row


@transaction.atomic
def drop_move(object_id: int, *, today: date, version: int, by: User | None) -> ServiceObject:
    """Take back the last move that is only planned, of the components that were to go along too.

    Raises Stale; Refused where none is to come.
    """
    row = _lock_object(object_id, version)
    last = row.placements.select_related("site__customer").filter(during__upper_inf=True).first()
    since = last.during.lower if last else None
    if last is None or since is None or since <= today:
        raise Refused(_("No move of %(object)s is planned.") % {"object": row})
    planned = {"placements__site": last.site, "placements__during": DateRange(since, None)}
    moved = [row, *below(row, **planned)]
    placements = ServiceObjectPlacement.objects.filter(object__in=moved)
    placements.filter(during=DateRange(since, None)).delete()
    before = list(placements.select_related("site__customer").filter(during__endswith=since))
    for placement in before:
        placement.during = DateRange(placement.during.lower, None)
    update_rows(before, ["during"])
    for each in moved:
        each.version += 1
    update_rows(moved, ["version"])
    back = {placement.object_id: placement.site for placement in before}
    record_all(
        event_of(
            "move_dropped",
            each,
            by=by,
            changes={
                "site": [place(last.site), place(back.get(each.pk, each.site))],
                "on": [since.isoformat(), None],
            },
        )
        for each in moved
    )
    return row


@transaction.atomic
def arrive(*, today: date) -> int:
    """Planned moves whose day has come take effect: the site of each object is where it is placed today.

    How many arrived. Safe to run as often as one likes; without a customer's change, which is never planned.
    """
    rows = list(
        on_the_way(today).select_related("site__customer").select_for_update(of=["self"], no_key=True)
    )
    if not rows:
        return 0
    sites, events = sites_on(rows, today), []
    for row in rows:
        changes: Changes = {"site": [place(row.site), place(sites[row.pk])]}
        row.site, row.version = sites[row.pk], row.version + 1
        events.append(event_of("arrived", row, by=None, changes=changes))
    update_rows(rows, ["site", "version"])
    record_all(events)
    return len(rows)


def on_the_way(today: date) -> QuerySet[ServiceObject]:
    """The objects placed today at another site than their own."""
    here = ServiceObjectPlacement.objects.filter(object=OuterRef("pk"), during__contains=today)
    placed = ServiceObject.objects.annotate(place=Subquery(here.values("site")[:1]))
    return placed.filter(place__isnull=False).exclude(place=F("site")).order_by("pk")


def place(site: Site) -> str:
    """How the history names a site: its number and name, and whose it is."""
    owner = f", {site.customer.name}" if site.customer else ""
    return f"{site.number} {site.name}{owner}"


def _lock_object(object_id: int, version: int) -> ServiceObject:
    row: ServiceObject = ServiceObject.objects.select_for_update(of=["self"], no_key=True).get(pk=object_id)
    if row.version != version:
        raise stale(_("%(row)s was changed by someone else meanwhile.") % {"row": row}, row)
    return row


def _stand(moved: Sequence[ServiceObject], site: Site, on: date, today: date) -> None:
    """End the last placements with the day before `on` and begin those at the site."""
    present = list(
        ServiceObjectPlacement.objects.filter(object__in=moved, during__upper_inf=True).select_related(
            "object"
        )
    )
    for placement in present:
        since = placement.during.lower
        if since and on <= since:
            sentence = (
                _("%(object)s is planned to move on %(day)s; take that back first, or choose a later day.")
                if since > today
                else _("%(object)s came to its present site on %(day)s; choose a later day.")
            )
            raise Invalid(sentence % {"object": placement.object, "day": moment(since)}, field="on")
        placement.during = DateRange(since, on)
    ServiceObjectPlacement.objects.bulk_update(present, ["during"])
    ServiceObjectPlacement.objects.bulk_create(
        ServiceObjectPlacement(object=row, site=site, during=DateRange(on, None)) for row in moved
    )
