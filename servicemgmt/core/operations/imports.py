"""Importing masters: every line through save_master, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ..errors import Refused
from ..models import User
from ..setup.importing import Table, row_meant, values_of
from ..setup.registry import Setup
from .masters import save_master

CREATE, CHANGE, SAME, ERROR = "create", "change", "same", "error"


@dataclass(frozen=True)
class Imported:
    """What became of a line of the file, or would."""

    line: int
    action: str
    label: str
    text: str = ""


def import_masters(setup: Setup, table: Table, *, by: User, dry_run: bool) -> list[Imported]:
    """Make or change the master each line means. Where a line cannot be, or with `dry_run`, nothing is written.

    Gives one result per line either way; the caller looks for ERROR among them.
    """
    with transaction.atomic():
        results = [import_line(setup, table.fields, number, line, by=by) for number, line in table.lines]
        if dry_run or any(result.action == ERROR for result in results):
            transaction.set_rollback(True)
    return results


def import_line(setup: Setup, fields: Sequence[str], number: int, line: list[Any], *, by: User) -> Imported:
    label = " ".join(str(cell) for cell in line[:2] if cell is not None)[:80]
    try:
        with transaction.atomic():
            values = values_of(setup, fields, line)
            pk = row_meant(setup, values)
            before = version_of(setup, pk)
            row: Any = save_master(setup, pk, values=values, by=by, version=None)
    except Refused as refusal:
        return Imported(number, ERROR, label, str(refusal))
    if pk is None:
        return Imported(number, CREATE, str(row))
    return Imported(number, CHANGE if row.version != before else SAME, str(row))


def version_of(setup: Setup, pk: Any) -> int:
    manager: Any = setup.model._default_manager
    return manager.values_list("version", flat=True).get(pk=pk) if pk is not None else 0
