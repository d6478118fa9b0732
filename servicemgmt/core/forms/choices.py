"""Fields that choose a row: big tables are searched, few rows are listed, and what has ended is not offered."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ..search import SEARCHABLE


class SearchSelect(forms.Select):
    """A select over a big table: holds the chosen row only and asks `core:search` for others.

    Without JavaScript a text field beside it takes a number or name; what fits is then offered in the select.
    `narrow` is {field path: value} for the search, such as {"customer": 7} for the sites of one customer.
    """

    template_name = "core/widgets/search_select.html"

    def __init__(
        self,
        url_name: str = "core:search",
        *,
        narrow: dict[str, Any] | None = None,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.url_name, self.narrow = url_name, narrow or {}

    @property
    def queryset(self) -> Any:
        return self.choices.field.queryset  # type: ignore[attr-defined]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(f"{name}-typed") or "").replace("\0", "").strip()
        if not typed:
            return super().value_from_datadict(data, files, name)
        found = self.matching(typed)
        return found[0].pk if len(found) == 1 else f"?{typed}"

    def matching(self, text: str) -> list[Any]:
        """The rows that a typed text may mean, at most twenty; a row whose text begins with it as a word alone."""
        entry = SEARCHABLE[self.queryset.model._meta.label_lower]
        rows = self.queryset.filter(**self.narrow)
        for word in text.split()[:6]:
            rows = rows.search(word) if hasattr(rows, "search") else rows.filter(_mentions(entry, word))
        found = list(rows[:20])
        exact = [row for row in found if entry.text(row).split(" ")[0] == text or entry.text(row) == text]
        return exact if len(exact) == 1 else found

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> list[Any]:
        chosen = [str(v) for v in value if v not in (None, "")]
        label = self.choices.field.label_from_instance  # type: ignore[attr-defined]
        options = [self.create_option(name, "", "", not chosen, 0, attrs=attrs)]
        options += [
            self.create_option(name, row.pk, label(row), str(row.pk) in chosen, 1, attrs=attrs)
            for row in self.rows(chosen)
        ]
        return [(None, options, 0)]

    def rows(self, chosen: list[str]) -> Iterable[Any]:
        if chosen and chosen[0].startswith("?"):
            return self.matching(chosen[0][1:])
        try:
            return list(self.queryset.filter(pk__in=chosen)) if chosen else []
        except (ValueError, TypeError):
            return []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        query = {"model": self.queryset.model._meta.label_lower, **self.narrow}
        context["widget"]["attrs"] |= {
            "data-behaviour": f"combobox {self.attrs.get('data-behaviour', '')}".strip(),
            "data-url": f"{reverse(self.url_name)}?{urlencode(query)}",
        }
        context["widget"]["typed"] = value[1:] if isinstance(value, str) and value.startswith("?") else ""
        return context


def _mentions(entry: Any, word: str) -> models.Q:
    from ..search import mentions

    return mentions(entry, word)


def offer_current(field: Any, chosen: Any) -> None:
    """Leave out rows that have ended by today, but keep the chosen one."""
    rows = field.queryset
    if rows is None or not hasattr(rows, "current"):
        return
    on = timezone.localdate()
    condition = models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=on)
    field.queryset = rows.filter(condition | models.Q(pk=chosen) if chosen else condition)


def offer(field: Any, rows: models.QuerySet[Any]) -> None:
    """Give the field these few rows to choose from, all of them listed; a search would offer others besides."""
    field.queryset = rows
    replace(field, forms.Select())


def replace(field: forms.Field, widget: forms.Widget) -> None:
    """Give the field another widget, wired as Django wires its first."""
    widget.is_required = field.required
    widget.attrs |= {name: value for name, value in field.widget.attrs.items() if name not in widget.attrs}
    if isinstance(field, forms.ChoiceField):
        widget.choices = field.choices  # type: ignore[attr-defined]
    field.widget = widget
