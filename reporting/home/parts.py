"""What a start page is made of: sections of tiles, short lists and bars."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from servicemgmt.core.display import number
from servicemgmt.core.errors import Sentence


def link(view: str, *args: Any, **query: Any) -> str:
    """The address of a view with this query; '' while there is no such view."""
    try:
        url = reverse(view, args=args)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(query)}" if query else url


@dataclass(slots=True)
class Tile:
    """One figure; the tone shows only where there is something to do."""

    label: Sentence
    value: str
    url: str = ""
    note: Sentence = ""
    tone: str = ""


@dataclass(slots=True)
class Row:
    """A line of a short list: what, where it leads, a word about it, and what stands at its end."""

    title: str
    url: str
    sub: str = ""
    end: Sentence = ""
    tone: str = ""


@dataclass(slots=True)
class Panel:
    """A short list (`rows`) or a chart (`bars`, as components/bar_chart.html wants them)."""

    title: Sentence
    empty: Sentence
    url: str = ""
    note: Sentence = ""
    rows: Sequence[Row] = ()
    bars: Sequence[dict[str, Any]] = ()


@dataclass(slots=True)
class Section:
    """What one role has to do."""

    key: str
    title: Sentence
    tiles: list[Tile] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)


def count(label: Sentence, value: int, url: str, *, tone: str = "", note: Sentence = "") -> Tile:
    """A tile of how many; green at none where a tone would warn."""
    shown = (tone if value else "green") if tone else ""
    return Tile(label, number(value), url, note, shown)
