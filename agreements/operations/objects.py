"""Verbs on service objects."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import ServiceObject, ServiceObjectPlacement
from agreements.queries import one_item_on_many_objects
from servicemgmt.core.audit import record
from servicemgmt.core.editing import change_row, create_row, create_rows
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.core.stale import stale
from servicemgmt.masterdata.models import Site

CYCLE = gettext_lazy("This object would be a part of itself.")


@transaction.atomic
def create_object(*, by: User | None, placed_on: date | None = None, **fields: Any) -> ServiceObject:
    """A new object, numbered from the sequence `object`, standing at its site since `placed_on` (None: always).

    The customer defaults to the site's. Raises Invalid where the item and serial number are on another object and
    the parameters allow only one.
    """
    row = ServiceObject(**fields)
    row.customer = row.customer or row.site.customer
    check_item(row)
    with refusing(serviceobject_acyclic=CYCLE, serviceobject_not_its_own_parent=CYCLE):
        create_row(row, by=by, sequence="object")
    ServiceObjectPlacement.objects.create(object=row, site=row.site, during=DateRange(placed_on, None))
    return row


@transaction.atomic
def create_objects(rows: Iterable[ServiceObject], *, by: User | None) -> list[ServiceObject]:
    """Many new objects in a number of statements that does not grow with them; see `create_object`, `create_rows`."""
    made = list(rows)
    for row in made:
        row.customer = row.customer or row.site.customer
        check_item(row)
    create_rows(made, by=by, sequence="object")
    ServiceObjectPlacement.objects.bulk_create(
        ServiceObjectPlacement(object=row, site=row.site, during=DateRange(None, None)) for row in made
    )
    return made


@transaction.atomic
def save_object(object_id: int, *, version: int, by: User | None, **fields: Any) -> ServiceObject:
    """Change an object; its site changes by `move_object` alone. Raises Stale, Invalid, Refused (part of itself)."""
    if "site" in fields:
        raise ValueError("the site of an object changes by move_object")
    if fields.get("parent") and fields["parent"].pk == object_id:
        raise Refused(CYCLE)
    with refusing(serviceobject_acyclic=CYCLE, serviceobject_not_its_own_parent=CYCLE):
        row = change_row(ServiceObject, object_id, version=version, by=by, fields=fields)
    check_item(row)
    return row


@transaction.atomic
def move_object(object_id: int, *, site: Site, on: date, version: int, by: User | None) -> ServiceObject:
    """Let the object stand at `site` from the day `on`; its placements keep where it was, without overlap.

    The parts of the object stay where they are. Raises Stale; Invalid where it stands there already or was moved
    on or after that day.
    """
    row: ServiceObject = ServiceObject.objects.select_for_update(of=["self"], no_key=True).get(pk=object_id)
    if row.version != version:
        raise stale(_("%(row)s was changed by someone else meanwhile.") % {"row": row}, row)
    if row.site_id == site.pk:
        raise Invalid(_("It stands there already."), field="site")
    old = row.site
    _close_placement(row, on)
    ServiceObjectPlacement.objects.create(object=row, site=site, during=DateRange(on, None))
    row.site = site
    row.version += 1
    row.save(update_fields=["site", "version"])
    record("moved", row, by=by, changes={"site": [str(old), str(site)], "on": [None, on.isoformat()]})
    return row


def _close_placement(row: ServiceObject, on: date) -> None:
    placement = row.placements.filter(during__upper_inf=True).first()
    if placement is None:
        return
    since = placement.during.lower
    if since and on <= since:
        raise Invalid(
            _("It came to its present site on %(day)s; choose a later day.") % {"day": since}, field="on"
        )
    placement.during = DateRange(since, on)
    placement.save(update_fields=["during"])


def check_item(row: ServiceObject, *, field: str = "item") -> None:
    """B.2: the same item and serial number on one object only, unless the parameters allow more.

    Two who give an object the same at once meet at a lock that is held until the transaction ends.
    """
    if row.item_id is None or one_item_on_many_objects():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"object {row.item_id} {row.serial_number}"]
        )
    twin = (
        ServiceObject.objects.filter(item=row.item_id, serial_number=row.serial_number)
        .exclude(pk=row.pk)
        .first()
    )
    if twin:
        raise Invalid(
            _("This item and serial number already is the object %(object)s.") % {"object": twin},
            field=field,
        )
