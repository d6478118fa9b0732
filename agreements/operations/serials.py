"""Swapping the numbered part of a service object."""

from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agreements.models import SerialSwap, ServiceObject
from servicemgmt.core.audit import Changes, record
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.core.stale import stale

from .objects import check_item


@transaction.atomic
def swap_serial(
    object_id: int,
    *,
    serial_number: str,
    on: date,
    version: int,
    by: User | None,
    text: str = "",
    subject: str = "",
    label: str = "",
) -> SerialSwap:
    """Put another serial number into an object from the day `on`; the one taken out stays recorded with it.

    `subject` and `label` name the document it happened on, such as a service order. Raises Invalid for an empty or the
    same number, for a day before the last swap, and where the number is on another object; Stale.
    """
    ServiceObject.objects.select_for_update(no_key=True).values_list("pk").get(pk=object_id)
    row: ServiceObject = ServiceObject.objects.get(pk=object_id)
    if row.version != version:
        raise stale(_("%(row)s was changed by someone else meanwhile.") % {"row": row}, row)
    number, last = serial_number.strip(), row.swaps.order_by("-pk").first()
    if not number or number == row.serial_number:
        raise Invalid(_("Enter the number of what was put in."), field="serial_number")
    if last and on < last.swapped_on:
        raise Invalid(
            _("It was swapped on %(day)s before; choose that day or a later one.")
            % {"day": date_format(last.swapped_on)},
            field="on",
        )
    swap = SerialSwap.objects.create(
        object=row,
        old_number=row.serial_number,
        new_number=number,
        swapped_on=on,
        text=text,
        subject=subject,
        label=label,
        made_by=by,
    )
    row.serial_number = number
    check_item(row, field="serial_number")
    row.version += 1
    row.save(update_fields=["serial_number", "version"])
    changes: Changes = {"serial_number": [swap.old_number, number], "on": [None, on.isoformat()]}
    record("serial_swapped", row, by=by, changes=changes)
    return swap
