"""Verbs on service objects."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import ServiceObject, ServiceObjectPlacement
from agreements.queries import one_item_on_many_objects
from servicemgmt.core.audit import event_of, plain, record_all
from servicemgmt.core.editing import change_row, create_row, create_rows
from servicemgmt.core.errors import Invalid, Refused, Sentence, refusing
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Customer

LENT = gettext_lazy("It is lent. Take it back first, with what became of it, then change that.")
CYCLE = gettext_lazy("This object would be a part of itself.")
#: What the database says where two make it so at once.
TREE: dict[str, Sentence] = {
    "serviceobject_acyclic": CYCLE,
    "serviceobject_not_its_own_parent": CYCLE,
    "serviceobject_part_of_one_customer": gettext_lazy(
        "An object and what it is a part of belong to one customer."
    ),
    "serviceobject_lent": LENT,
}


@transaction.atomic
def create_object(*, by: User | None, placed_on: date | None = None, **fields: Any) -> ServiceObject:
    """A new object, numbered from the sequence `object`, standing at its site since `placed_on` (None: always).

    The customer defaults to that of what it is a part of, else the site's; what may be lent has none. Raises Invalid
    where it would be a part of another customer's object, a customer's would be lent, or the item and serial number are
    on another object and the parameters allow only one.
    """
    row = ServiceObject(**fields)
    row.customer = row.customer or customer_of(row)
    check_parent(row)
    check_loaner(row)
    check_item(row)
    with refusing(**TREE):
        create_row(row, by=by, sequence="object")
    ServiceObjectPlacement.objects.create(object=row, site=row.site, during=DateRange(placed_on, None))
    return row


@transaction.atomic
def create_objects(rows: Iterable[ServiceObject], *, by: User | None) -> list[ServiceObject]:
    """Many new objects in a number of statements that does not grow with them; see `create_object`, `create_rows`.

    Where one item is on one object only, each row with an item takes its lock and a look besides (`check_item`).
    """
    made = list(rows)
    for row in made:
        row.customer = row.customer or customer_of(row)
        check_parent(row)
        check_loaner(row)
        check_item(row)
    create_rows(made, by=by, sequence="object")
    ServiceObjectPlacement.objects.bulk_create(
        ServiceObjectPlacement(object=row, site=row.site, during=DateRange(None, None)) for row in made
    )
    return made


@transaction.atomic
def save_object(object_id: int, *, version: int, by: User | None, **fields: Any) -> ServiceObject:
    """Change an object; its site changes by `move_object` alone. What changes hands takes its components along.

    Raises Stale, Invalid (part of another customer's object, …), Refused (part of itself, or lent, and then neither
    taken out of service nor kept from being lent).
    """
    if "site" in fields:
        raise ValueError("the site of an object changes by move_object")
    if fields.get("parent") and fields["parent"].pk == object_id:
        raise Refused(CYCLE)
    before = ServiceObject.objects.select_related("customer", "site__customer", "parent").get(pk=object_id)
    wanted = ServiceObject(
        pk=object_id,
        number=before.number,
        customer=before.customer,
        site=before.site,
        parent=before.parent,
        is_loaner=before.is_loaner,
    )
    for name in {"customer", "parent", "is_loaner"} & set(fields):
        setattr(wanted, name, fields[name])
    if wanted.customer is None:
        wanted.customer = fields["customer"] = customer_of(wanted)
    check_parent(wanted, field="customer" if wanted.parent == before.parent else "parent")
    check_loaner(wanted)
    with refusing(**TREE):
        row = change_row(ServiceObject, object_id, version=version, by=by, fields=fields)
    check_item(row)
    parts_follow(row, before.customer, by=by)
    return row


def customer_of(row: ServiceObject) -> Customer | None:
    """Whose the object is where nobody says it."""
    if row.is_loaner:
        return None
    return row.parent.customer if row.parent else row.site.customer


def check_parent(row: ServiceObject, *, field: str = "parent") -> None:
    """An object is part of an object of the same customer. The database keeps it too (foreign key)."""
    parent = row.parent
    if parent is None or parent.customer_id == row.customer_id:
        return
    raise Invalid(
        _(
            "%(parent)s belongs to %(owner)s, and this object to %(customer)s. An object and what it is a part of "
            "belong to one customer."
        )
        % {
            "parent": parent,
            "owner": parent.customer or _("nobody"),
            "customer": row.customer or _("nobody"),
        },
        field=field,
    )


def check_loaner(row: ServiceObject, *, field: str = "is_loaner") -> None:
    """Only what belongs to the company itself may be lent. The database keeps it too (CHECK)."""
    if row.is_loaner and row.customer is not None:
        raise Invalid(
            _("What may be lent belongs to the company, and this to %(customer)s: leave its customer empty.")
            % {"customer": row.customer},
            field=field,
        )


def parts_follow(row: ServiceObject, before: Customer | None, *, by: User | None) -> None:
    """Tell the components, which the database let change hands with the object (ON UPDATE CASCADE)."""
    if row.customer == before:
        return
    parts = list(below(row))
    ServiceObject.objects.filter(pk__in=[part.pk for part in parts]).update(version=F("version") + 1)
    changes = {"customer": [plain(before), plain(row.customer)]}
    record_all(event_of("changed", part, by=by, changes=changes) for part in parts)


def below(row: ServiceObject, **conditions: Any) -> Iterator[ServiceObject]:
    """The components of the object and theirs, locked, a query a level; with conditions also what hangs below those
    alone."""
    level = [row]
    while level:
        parts = ServiceObject.objects.select_for_update(of=["self"], no_key=True)
        level = list(parts.filter(parent__in=level, **conditions).order_by("pk"))
        yield from level


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
