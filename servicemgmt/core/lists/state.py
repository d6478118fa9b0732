"""What the URL asks of a list: search, filters, tab, sort and page. Whatever is not known becomes a sentence."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from ..forms import dress
from ..web import Request
from .paging import Cursor, Order, unpack
from .spec import ListSpec, Tab

SEARCH, SORT, TAB, AFTER, FORMAT = "q", "sort", "tab", "after", "format"
SEARCH_LENGTH = 200


@dataclass
class State:
    """The list as asked for; `queryset` is searched, filtered and cut to the tab, `untabbed` is so but for the tab."""

    spec: ListSpec
    params: QueryDict
    queryset: QuerySet[Any]
    untabbed: QuerySet[Any]
    order: Order
    search: str
    tab: Tab | None
    form: Any
    cursor: Cursor | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or (self.form and self.form.changed_data))

    @property
    def is_part(self) -> bool:
        """Whether a tab other than the first cuts it: that this part is empty does not say that the list is."""
        return bool(self.tab and self.tab.condition is not None and self.tab is not self.spec.tabs[0])

    def url(self, path: str, **changes: str) -> str:
        """The same list with some parameters changed ('' takes one away); always from its first page."""
        params = self.params.copy()
        for name in (AFTER, FORMAT):
            params.pop(name, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value:
                params[name] = value
        for name in [name for name, values in params.lists() if not any(values)]:
            del params[name]
        return f"{path}?{params.urlencode()}" if params else path


def read(request: Request, spec: ListSpec, queryset: QuerySet[Any]) -> State:
    """Everything the URL says, applied to the queryset."""
    problems: list[str] = []
    search = request.GET.get(SEARCH, "").strip()[:SEARCH_LENGTH]
    if search:
        queryset = searched(queryset, spec, search)
    queryset, form = filtered(request, spec, queryset, problems)
    tab = tab_of(request, spec, problems)
    within = queryset.filter(tab.condition) if tab and tab.condition is not None else queryset
    order = order_of(request, spec, problems)
    state = State(spec, request.GET, within, queryset, order, search, tab, form, problems=problems)
    if asked := request.GET.get(AFTER):
        state.cursor = unpack(asked, order, within)
        if state.cursor is None:
            problems.append(_("That page of the list is not known; this is the first one."))
    return state


def searched(queryset: QuerySet[Any], spec: ListSpec, text: str) -> QuerySet[Any]:
    if hasattr(queryset, "search"):
        found: QuerySet[Any] = queryset.search(text)
        return found
    condition = Q()
    for name in spec.search:
        condition |= Q(**{f"{name}__icontains": text})
    return queryset.filter(condition)


def filtered(
    request: Request, spec: ListSpec, queryset: QuerySet[Any], problems: list[str]
) -> tuple[QuerySet[Any], Any]:
    """The queryset through the FilterSet. What a filter cannot read is said and left out."""
    if spec.filterset is None:
        return queryset, None
    filters = spec.filterset(data=request.GET, queryset=queryset, request=request)
    dress(filters.form)
    for name, errors in filters.form.errors.items():
        label = filters.form.fields[name].label if name in filters.form.fields else name
        problems += [
            _("The filter “%(label)s” was left out: %(error)s") % {"label": label, "error": e} for e in errors
        ]
    return filters.qs, filters.form


def tab_of(request: Request, spec: ListSpec, problems: list[str]) -> Tab | None:
    asked = request.GET.get(TAB, "")
    for tab in spec.tabs:
        if tab.name == asked:
            return tab
    if asked and spec.tabs:
        problems.append(_("There is no part “%(name)s” of this list.") % {"name": asked})
    return spec.tabs[0] if spec.tabs else None


def order_of(request: Request, spec: ListSpec, problems: list[str]) -> Order:
    asked = request.GET.get(SORT, "")
    column = spec.sortable.get(asked.removeprefix("-"))
    if column:
        return Order(column.sort, asked.startswith("-"))
    if asked:
        problems.append(_("This list cannot be sorted by “%(name)s”.") % {"name": asked})
    return Order.parse(spec.default_sort)
