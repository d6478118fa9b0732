"""The list's page: rows, tabs and links, or the whole of it as a file."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..display import number
from ..errors import Refused
from ..export import WRITERS
from ..web import Request, page
from .cells import Cells
from .counts import capped_counts
from .markup import Markup
from .paging import Cursor, Order, all_rows, pack, page_of
from .spec import RIGHT, Action, Column, ListSpec, Row
from .state import FORMAT, SEARCH, SORT, TAB, State, read


def list_page(
    request: HttpRequest,
    spec: ListSpec,
    queryset: QuerySet[Any],
    *,
    template: str = "core/list.html",
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """Answer a request for the list: the page, its rows alone for htmx, or a CSV or XLSX file of all rows.

    `template` may extend core/list.html; `context` is added to what it gets. The queryset is what this user may see;
    it needs no ordering and no select_related. Two queries at most, one more for tab counts or totals.
    """
    request = cast(Request, request)
    state = read(request, spec, queryset)
    wanted = request.GET.get(FORMAT, "")
    if wanted in WRITERS:
        return exported(request, state, wanted)
    if wanted:
        state.problems.append(_("This list cannot be had as “%(format)s”.") % {"format": wanted})
    whole = {"listing": listing(request, state), **(context or {})}
    if request.htmx.target and request.htmx.target.endswith("rows"):
        template = "core/list.html"
    return page(request, template, whole, regions=["rows"])


def exported(request: Request, state: State, wanted: str) -> HttpResponseBase:
    """The file; where a filter cannot be read there is none, because it would hold other rows than asked for."""
    if state.problems:
        return HttpResponse("\n".join(state.problems), status=422, content_type="text/plain; charset=utf-8")
    cells = Cells(state.spec, state.queryset, request.user)
    rows = (cells.values(row) for row in all_rows(state.queryset, state.order, state.spec.paths))
    try:
        answer: HttpResponseBase = WRITERS[wanted](state.spec.name, cells.headers(), rows)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(state.url(request.path))
    return answer


def listing(request: Request, state: State) -> dict[str, Any]:
    """What core/list.html shows; its first line names every key."""
    spec, path = state.spec, request.path
    rows, following = page_of(state.queryset, state.order, state.cursor, spec.page_size, spec.paths)
    cells, markup = Cells(spec, state.queryset, request.user), Markup()
    next_url = ""
    if following:
        joint = "&" if "?" in state.url(path) else "?"
        next_url = f"{state.url(path)}{joint}after={pack(following, state.order)}"
    return {
        "title": spec.title,
        "help": spec.help,
        "columns": [head(column, state, path, cells) for column in spec.columns if not column.only_export],
        "rows": [shown(row, cells, markup) for row in rows],
        "problems": state.problems,
        "filter_form": state.form,
        "filters_open": bool(state.form and state.form.errors),
        "search_name": SEARCH if spec.search or hasattr(state.queryset, "search") else "",
        "search_value": state.search,
        "tabs": tabs(state, path),
        "hidden": [(name, value) for name in (SORT, TAB) if (value := request.GET.get(name))],
        "next_url": next_url,
        "first_url": state.url(path) if state.cursor else "",
        "here": state.url(path),
        "page_note": note(len(rows), state.cursor, following),
        "csv_url": state.url(path, format="csv"),
        "xlsx_url": state.url(path, format="xlsx"),
        "is_filtered": state.is_filtered,
        "empty_part": state.tab.label if state.tab and state.is_part else "",
        "clear_url": state.url(
            path, **dict.fromkeys([name for name in request.GET if name not in (SORT, TAB)], "")
        ),
        "totals": totals(state, cells) if rows else [],
        "extra_actions": actions(spec.actions, request),
        "form_actions": actions(
            [row for row in spec.bulk_actions if not row.tabs or (state.tab and state.tab.name in row.tabs)],
            request,
        ),
        "empty_title": spec.empty_title,
        "empty_text": spec.empty_text,
        "empty_icon": spec.empty_icon,
        **create(spec, request),
    }


def shown(row: Row, cells: Cells, markup: Markup) -> dict[str, Any]:
    """A row: its key, its address, what it is called, and its cells."""
    found, url = cells.cells(row), cells.row_url(row)
    return {"pk": row["pk"], "url": url, "name": found[0]["value"], "cells": markup.row(found, url)}


def head(column: Column, state: State, path: str, cells: Cells) -> dict[str, Any]:
    """A column's head: its label, whether the list is sorted by it, and the URL that sorts or turns it round."""
    is_sorted = bool(column.sort) and column.sort == state.order.path
    turned = Order(column.name, descending=is_sorted and not state.order.descending)
    return {
        "label": column.label,
        "align": "end" if cells.kinds[column.name] in RIGHT else "start",
        "sorted": ("desc" if state.order.descending else "asc") if is_sorted else "",
        "sort_url": state.url(path, sort=turned.text) if column.sort else "",
    }


def note(count: int, cursor: Cursor | None, following: Cursor | None) -> str:
    """Which rows these are, as far as that is known without counting the table."""
    before = cursor.position if cursor else 0
    if not before and not following:
        return ngettext("%(n)s row", "%(n)s rows", count) % {"n": number(count)} if count else ""
    span = {"first": number(before + 1), "last": number(before + count)}
    if following:
        return _("%(first)s–%(last)s, more follow") % span
    return _("%(first)s–%(last)s, the end of the list") % span


def tabs(state: State, path: str) -> list[dict[str, Any]]:
    counts = tab_counts(state) if state.spec.tab_counts and state.spec.tabs else {}
    first = state.spec.tabs[0].name if state.spec.tabs else ""
    return [
        {
            "label": tab.label,
            "url": state.url(path, tab="" if tab.name == first else tab.name),
            "current": tab is state.tab,
            "count": counts.get(tab.name, ""),
        }
        for tab in state.spec.tabs
    ]


def tab_counts(state: State) -> dict[str, str]:
    """How many rows each tab has under the present search and filters."""
    parts = [state.untabbed.filter(tab.condition or Q()) for tab in state.spec.tabs]
    return dict(zip([tab.name for tab in state.spec.tabs], capped_counts(parts), strict=True))


def totals(state: State, cells: Cells) -> list[dict[str, Any]]:
    """The cells of the foot, or nothing. Sums come from the spec, which knows what may be added up."""
    if state.spec.totals is None:
        return []
    found = state.spec.totals(state.queryset)
    foot: list[dict[str, Any]] = []
    for column in state.spec.columns:
        if column.only_export:
            continue
        kind, value = cells.kinds[column.name], found.get(column.name)
        is_text = isinstance(value, str)
        text = value if is_text else cells.text(column, kind, value, found)
        align = "end" if kind in RIGHT else "start"
        foot.append({"kind": "text", "value": text or "", "align": align, "label": column.label})
    if foot and not foot[0]["value"]:
        foot[0]["value"] = _("Total")
    return foot


def actions(wanted: Any, request: Request) -> list[Action]:
    return [
        Action(
            reverse(action.url) if ":" in action.url else action.url,
            action.label,
            action.icon,
            action.confirm,
        )
        for action in wanted
        if not action.permission or request.user.has_perm(action.permission)
    ]


def create(spec: ListSpec, request: Request) -> dict[str, Any]:
    if spec.create is None:
        return {}
    view, label, permission = spec.create
    if permission and not request.user.has_perm(permission):
        return {}
    url = reverse(view) if ":" in view else view
    kept = {name: value for name in spec.create_keeps if (value := request.GET.get(name))}
    return {"create_url": f"{url}?{urlencode(kept)}" if kept else url, "create_label": label}
