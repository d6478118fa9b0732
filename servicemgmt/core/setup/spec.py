"""The list of a master, made from its declaration."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django_filters import FilterSet
from django_filters.filterset import filterset_factory

from ..lists import Action, Column, ListSpec, Tab
from .registry import Setup, has_field

NAMES = ("description", "name", "code", "number", "email")


def spec_of(setup: Setup, on: date) -> ListSpec:
    """The list; what has ended by that day stands under a tab of its own."""
    columns = [column_of(setup, name) for name in setup.listed]
    if setup.has_end and "ended_on" not in setup.listed:
        columns.append(column_of(setup, "ended_on"))
    tabs = []
    if setup.has_end:
        offered = Q(ended_on__isnull=True) | Q(ended_on__gt=on)
        tabs = [
            Tab("offered", _("Offered"), offered),
            Tab("ended", _("Ended"), ~offered),
            Tab("all", _("All")),
        ]
    url = reverse("core:setup_import", args=[setup.name])
    new = reverse("core:setup_new", args=[setup.name])
    actions = [] if setup.single else [Action(url, _("Import"), "upload", permission=setup.permission("add"))]
    return ListSpec(
        name=setup.name,
        title=setup.title,
        help=setup.help,
        columns=columns,
        default_sort=setup.default_sort or columns[0].sort,
        filterset=filters_of(setup),
        search=search_fields(setup),
        row_url=lambda row: reverse("core:setup_edit", args=[setup.name, row["pk"]]),
        create=(new, _("New"), setup.permission("add")),
        tabs=tabs,
        tab_counts=bool(tabs),
        actions=actions,
        empty_title=_("No %(things)s yet") % {"things": setup.model._meta.verbose_name_plural},
        empty_text=_("Add the first one, or import a file."),
    )


def column_of(setup: Setup, name: str) -> Column:
    """A column for a field; of a related row its description or name is shown."""
    field: Any = setup.model._meta.get_field(name)
    path = f"{name}__{name_field(field.related_model)}" if field.is_relation else name
    kind = "price" if isinstance(field, models.DecimalField) and name.endswith("price") else ""
    return Column(path, capfirst(field.verbose_name), sort=path, kind=kind)


def name_field(model: Any) -> str:
    """Which field of a related row people know it by."""
    return next((name for name in NAMES if has_field(model, name)), "pk")


def search_fields(setup: Setup) -> list[str]:
    texts = []
    for name in setup.listed:
        field: Any = setup.model._meta.get_field(name)
        if field.is_relation:
            texts.append(f"{name}__{name_field(field.related_model)}")
        elif isinstance(field, models.CharField | models.TextField) and not field.choices:
            texts.append(name)
    return [text for text in texts if not text.endswith("__pk")]


def filters_of(setup: Setup) -> type[FilterSet] | None:
    """A filter for each listed relation, choice and yes-or-no."""
    names = []
    for name in setup.listed:
        field: Any = setup.model._meta.get_field(name)
        if field.is_relation or field.choices or isinstance(field, models.BooleanField):
            names.append(name)
    return filterset_factory(setup.model, fields=names) if names else None
