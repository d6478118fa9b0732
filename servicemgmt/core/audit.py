"""Writing the audit trail. Operations call `record` inside their transaction, after the change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models

from .bulk import insert_rows, insert_values
from .errors import Sentence
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
    event = event_of(action, row, by=by, changes=changes, label=label, run=run)
    event.save(force_insert=True)
    return event


def record_all(events: Iterable[Event]) -> None:
    """Write Events made with `event_of`, in one statement."""
    insert_rows(list(events))


def record_each(
    action: str, told: Iterable[tuple[str, str, Changes]], *, by: User | None, run: Run | None = None
) -> None:
    """Write the same thing done to many: each given by subject (`order:7`), label and changes, without an object."""
    who, request = (by.pk if by else None, by.name if by else "System"), request_id.get()
    names = [
        "actor_id",
        "actor_name",
        "subject",
        "subject_label",
        "action",
        "changes",
        "request_id",
        "run_id",
    ]
    insert_values(
        Event,
        names,
        (
            (*who, subject, label[:160], action, changes, request, run.pk if run else None)
            for subject, label, changes in told
        ),
    )


def event_of(
    action: str,
    row: models.Model | str,
    *,
    by: User | None,
    changes: Changes | None = None,
    label: str | None = None,
    run: Run | None = None,
) -> Event:
    """An Event as `record` writes it, not written yet."""
    return Event(
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


@dataclass(frozen=True)
class Subject:
    """A kind of thing the trail knows: who may view it and read its history, and where it is shown.

    `url(pk)` gives the view's name and its arguments; it is asked only when somebody follows the link.
    """

    name: str
    permission: str
    url: Callable[[str], tuple[str, Sequence[Any]]] | None = None
    label: Sentence = ""

    def may_view(self, user: User) -> bool:
        """Whether the user may view things of this kind at all."""
        return user.has_perm(self.permission)

    def row(self, user: User, pk: str) -> models.Model | None:
        """The row if it still exists and the user may see it."""
        model = next((m for m in apps.get_models() if m._meta.model_name == self.name), None)
        if model is None:
            return None
        manager: Any = model._default_manager
        rows = manager.visible_to(user) if hasattr(manager, "visible_to") else manager.all()
        try:
            found: models.Model | None = rows.filter(pk=pk).first()
        except (ValueError, TypeError):
            return None
        return found


SUBJECTS: dict[str, Subject] = {}


def register_subject(
    name: str,
    *,
    permission: str,
    url: Callable[[str], tuple[str, Sequence[Any]]] | None = None,
    view: str = "",
    key: str = "pk",
    label: Sentence = "",
) -> Subject:
    """Make a kind of subject known, such as `register_subject("serviceorder", permission=…, view="orders:order",
    key="number")`: its page is that view with the row's `key`. `url(pk)` does the same where more is needed."""
    subject = Subject(name, permission, url or (by_key(name, view, key) if view else None), label)
    SUBJECTS[name] = subject
    return subject


def by_key(name: str, view: str, key: str) -> Callable[[str], tuple[str, Sequence[Any]]]:
    def url(pk: str) -> tuple[str, Sequence[Any]]:
        if key == "pk":
            return view, [pk]
        model: Any = next(m for m in apps.get_models() if m._meta.model_name == name)
        return view, [model._default_manager.values_list(key, flat=True).get(pk=pk)]

    return url


def may_read_history(user: User, subject: str) -> bool:
    """Whether the user may read the history of `order:7`: who may see the thing, or the whole trail."""
    if user.has_perm("core.view_event"):
        return True
    name, _, pk = subject.partition(":")
    known = SUBJECTS.get(name)
    return known is not None and known.may_view(user) and known.row(user, pk) is not None
