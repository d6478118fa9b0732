"""Finding one row of a big table by a few letters: what the search-select fields ask (`core:search`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet

from .errors import Sentence
from .models import User

LIMIT = 20


@dataclass(frozen=True)
class Searchable:
    """A model that can be picked by searching.

    `permission` (one, or any of several) lets a user search; `text` and `sub` are a row's first and second line;
    `search` names fields for models whose queryset has no `search(text)`; `rows` gives what the user may pick from
    (default: `visible_to(user)` where the queryset has it, else all); `filters` are the field paths a form may
    narrow by.
    """

    model: type[Model]
    label: Sentence
    permission: str | Sequence[str] = ""
    text: Callable[[Any], str] = str
    sub: Callable[[Any], str] | None = None
    search: Sequence[str] = ()
    rows: Callable[[User], QuerySet[Any]] | None = None
    filters: Sequence[str] = field(default=())

    def is_for(self, user: User) -> bool:
        names = [self.permission] if isinstance(self.permission, str) else self.permission
        return not any(names) or any(user.has_perm(name) for name in names)


SEARCHABLE: dict[str, Searchable] = {}


def register(model: type[Model], *, label: Sentence = "", **options: Any) -> Searchable:
    """Make a model known to the search-select fields; each app does it in its `setup` module."""
    entry = Searchable(model, label or model._meta.verbose_name_plural or "", **options)
    SEARCHABLE[model._meta.label_lower] = entry
    return entry


def candidates(entry: Searchable, user: User, *, on: date) -> QuerySet[Any]:
    """The rows the user may pick on that day: those he may see that have not ended."""
    manager: Any = entry.model._default_manager
    rows: Any = entry.rows(user) if entry.rows else manager.all()
    if not entry.rows and hasattr(rows, "visible_to"):
        rows = rows.visible_to(user)
    return rows.current(on) if hasattr(rows, "current") else rows  # type: ignore[no-any-return]


def find(
    entry: Searchable, user: User, text: str, *, on: date, narrow: Mapping[str, str] | None = None
) -> list[Any]:
    """At most twenty rows that fit every word of the text, in the model's order.

    `narrow` is {field path: value}; paths the entry does not offer are ignored, values that cannot be find nothing.
    """
    rows: Any = candidates(entry, user, on=on)
    for path, value in (narrow or {}).items():
        if path in entry.filters:
            try:
                rows = rows.filter(**{path: value})
            except (ValueError, TypeError):
                return []
    for word in text.split()[:6]:
        rows = rows.search(word) if hasattr(rows, "search") else rows.filter(mentions(entry, word))
    return list(rows.distinct()[:LIMIT]) if entry.rows else list(rows[:LIMIT])


def mentions(entry: Searchable, word: str) -> Q:
    condition = Q(pk__in=[])
    for name in entry.search or default_fields(entry.model):
        condition |= Q(**{f"{name}__icontains": word})
    return condition


def default_fields(model: type[Model]) -> list[str]:
    names = {field.name for field in model._meta.concrete_fields}
    return [name for name in ("number", "code", "name", "description") if name in names]


def result(entry: Searchable, row: Any) -> dict[str, Any]:
    """How a row stands in the answer."""
    answer = {"id": row.pk, "text": entry.text(row)}
    return answer | {"sub": entry.sub(row)} if entry.sub else answer
