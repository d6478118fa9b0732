"""Writing the audit trail. Operations call `record` inside their transaction, after the change."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from .logs import request_id
from .models import Event, Run, User

type Changes = dict[str, list[Any]]


def subject_of(row: models.Model) -> str:
    """How the trail names a row: `order:7`, from the model's name in lower case and the key."""
    return f"{row._meta.model_name}:{row.pk}"


def record(
    action: str,
    row: models.Model | str,
    *,
    by: User | None,
    changes: Changes | None = None,
    label: str | None = None,
    run: Run | None = None,
) -> Event:
    """Write one Event. `by` None means the system itself did it; `changes` is {field: [old, new]}."""
    return Event.objects.create(
        actor=by,
        actor_name=by.name if by else "System",
        subject=row if isinstance(row, str) else subject_of(row),
        subject_label=(label if label is not None else "" if isinstance(row, str) else str(row))[:160],
        action=action,
        changes=changes or {},
        request_id=request_id.get(),
        run=run,
    )


def snapshot(row: models.Model, fields: list[str]) -> dict[str, Any]:
    """The present values of these fields in a form JSON can hold; related rows by their text."""
    return {name: plain(getattr(row, name)) for name in fields}


def changed(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    """{field: [old, new]} for the fields that differ."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, models.Manager):
        return sorted(str(row) for row in value.all())
    return str(value)
