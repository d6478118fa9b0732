"""Where service objects stand on a day: their placements say so; the object's own site is where it stands today."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import F

from agreements.models import ServiceObject, ServiceObjectPlacement
from servicemgmt.masterdata.models import Site

#: Since when at which sites (keys) an object stands, in their order.
type Places = tuple[tuple[date, int], ...]


def places_of(object_ids: Iterable[int]) -> dict[int, Places]:
    """The sites of the objects, one after the other, in one statement; none where there are no objects.

    Before its first placement an object counts as there already.
    """
    ids = set(object_ids)
    if not ids:
        return {}
    rows = (
        ServiceObjectPlacement.objects.filter(object__in=ids)
        .order_by("object", F("during__startswith").asc(nulls_first=True))
        .values_list("object_id", "during__startswith", "site_id")
    )
    found: dict[int, list[tuple[date, int]]] = {}
    for key, since, site in rows:
        found.setdefault(key, []).append((since or date.min, site))
    return {key: tuple(stays) for key, stays in found.items()}


def sites_on(objects: Collection[ServiceObject], day: date) -> dict[int, Site]:
    """Where each of the objects stands on the day, by its key, in one statement; without a placement its own site."""
    placed = ServiceObjectPlacement.objects.filter(object__in=objects, during__contains=day)
    found = {row.object_id: row.site for row in placed.select_related("site__customer")}
    return {row.pk: found.get(row.pk) or row.site for row in objects}


def site_on(service_object: ServiceObject, day: date) -> Site:
    """Where the object stands on the day."""
    return sites_on([service_object], day)[service_object.pk]
