"""Creating and changing a row of master data by hand: lock, compare the version, write what differs, record it.

Documents with rules of their own (orders, vouchers, runs) have their own operations; this is for rows that have none.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from .audit import changed, event_of, record, record_all, snapshot
from .models import User
from .numbers import take_number, take_numbers
from .stale import stale


@transaction.atomic
def create_row[Row: models.Model](row: Row, *, by: User | None, sequence: str = "") -> Row:
    """Save a new row, numbered from the sequence where one is named, and record it.

    Validates the model's own constraints first (ValidationError); the database has the last word.
    """
    if sequence and not row.number:  # type: ignore[attr-defined]
        row.number = take_number(sequence)  # type: ignore[attr-defined]
    row.full_clean()
    row.save()
    record("created", row, by=by)
    return row


@transaction.atomic
def create_rows[Row: models.Model](rows: Iterable[Row], *, by: User | None, sequence: str = "") -> list[Row]:
    """Many new rows of one model in a number of statements that does not grow with them; see `create_row`.

    Each one's fields are checked here (ValidationError), what concerns several rows by the database alone: for rows
    that a program makes, not for what somebody types and wants to be told of (IntegrityError).
    """
    made = list(rows)
    if not made:
        return []
    if sequence:
        for row, number in zip(made, take_numbers(sequence, len(made)), strict=True):
            row.number = number  # type: ignore[attr-defined]
    for row in made:
        row.clean_fields(exclude={field.name for field in row._meta.fields if field.is_relation})
        row.clean()
    type(made[0])._default_manager.bulk_create(made)
    record_all(event_of("created", row, by=by) for row in made)
    return made


@transaction.atomic
def change_row[Row: models.Model](
    model: type[Row], pk: int, *, version: int, by: User | None, fields: dict[str, Any]
) -> Row:
    """Change fields of a Versioned row read at `version`; without a difference nothing is written.

    Raises Stale where somebody changed the row meanwhile, ValidationError where a field cannot be so.
    """
    row = model._default_manager.select_for_update(of=["self"], no_key=True).get(pk=pk)
    if row.version != version:  # type: ignore[attr-defined]
        raise stale(
            _("%(row)s was changed by someone else meanwhile. This is how it stands now.") % {"row": row}, row
        )
    names = list(fields)
    before = snapshot(row, names)
    for name, value in fields.items():
        setattr(row, name, value)
    changes = changed(before, snapshot(row, names))
    if not changes:
        return row
    row.full_clean()
    row.version += 1  # type: ignore[attr-defined]
    row.save(update_fields=[*names, "version"])
    record("changed", row, by=by, changes=changes)
    return row
