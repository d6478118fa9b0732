"""What a list is: its columns, tabs and the rest of the declaration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q, QuerySet

from ..errors import Sentence

type Row = dict[str, Any]

KINDS = {
    "",
    "text",
    "link",
    "badge",
    "money",
    "quantity",
    "price",
    "number",
    "date",
    "datetime",
    "bool",
    "duration",
    "icon",
}
RIGHT = {"money", "quantity", "price", "number", "duration"}


@dataclass(frozen=True)
class Column:
    """One column. `name` is what the query selects (a field's path or an annotation) unless `value` computes it.

    `sort` is the path to sort by; without it the column cannot be sorted. `kind` comes from the model field where it
    is not given. `needs` are further paths that the functions read. `currency` is the path of the ISO code beside a
    money column; where it ends in `__code` the currency's own digits are read too, else ISO's are taken. `zone` is the
    path of an IANA zone a datetime is shown in. The functions get the row as a dictionary of what was selected:
    `tone` gives a badge's tone or a stage's phase, `sub` a second line, `title` a tooltip, `href` a link,
    `export` the value written to CSV and XLSX where it differs from the value shown.
    """

    name: str
    label: Sentence
    sort: str = ""
    kind: str = ""
    value: Callable[[Row], Any] | None = None
    needs: Sequence[str] = ()
    currency: str = ""
    digits: int | None = None
    zone: str = ""
    tone: Callable[[Row], str] | None = None
    sub: Callable[[Row], Any] | None = None
    title: Callable[[Row], Any] | None = None
    href: Callable[[Row], str] | None = None
    export: Callable[[Row], Any] | None = None
    only_export: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.name}: unknown kind {self.kind}")

    @property
    def currency_digits(self) -> str:
        """The path of the currency's digits, or ''."""
        return f"{self.currency.removesuffix('code')}digits" if self.currency.endswith("__code") else ""

    @property
    def paths(self) -> list[str]:
        """What the query must select for this column."""
        own = [] if self.value else [self.name]
        return [*own, *self.needs, *filter(None, (self.currency, self.currency_digits, self.zone))]


@dataclass(frozen=True)
class Tab:
    """A named part of the list; `condition` None is everything."""

    name: str
    label: Sentence
    condition: Q | None = None


@dataclass(frozen=True)
class Action:
    """A button over the list, or for the ticked rows (their keys are posted as `pk`), there on the tabs named alone."""

    url: str
    label: Sentence
    icon: str = ""
    confirm: Sentence = ""
    permission: str = ""
    tabs: Sequence[str] = ()


@dataclass(frozen=True)
class ListSpec:
    """A list. `default_sort` is a path with an optional minus; the key is always the tie-breaker.

    `search` names the fields to search where the queryset has no `search(text)` of its own. `totals` gets the
    filtered queryset and gives {column name: value} for the foot. `tab_counts` costs a query and is capped at 999.
    `create` is (view, label, permission); it and the `url` of actions are view names, or addresses. `create_keeps`
    names what of the filter a new row begins with.
    """

    name: str
    title: Sentence
    columns: Sequence[Column]
    default_sort: str
    help: Sentence = ""
    filterset: Any = None
    search: Sequence[str] = ()
    row_url: Callable[[Row], str] | None = None
    needs: Sequence[str] = ()
    create: tuple[str, Sentence, str] | None = None
    create_keeps: Sequence[str] = ()
    tabs: Sequence[Tab] = ()
    tab_counts: bool = False
    totals: Callable[[QuerySet[Model]], dict[str, Any]] | None = None
    actions: Sequence[Action] = ()
    bulk_actions: Sequence[Action] = ()
    page_size: int = 50
    empty_title: Sentence = ""
    empty_text: Sentence = ""
    empty_icon: str = "inbox"
    sortable: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        found = {
            name: column for column in self.columns if column.sort for name in (column.sort, column.name)
        }
        object.__setattr__(self, "sortable", found)

    @property
    def paths(self) -> list[str]:
        """Everything the query must select, once."""
        wanted = ["pk", *self.needs, *(path for column in self.columns for path in column.paths)]
        return list(dict.fromkeys(wanted))
