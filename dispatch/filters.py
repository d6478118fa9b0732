"""What the board is asked to show: read from the address, which is the saved view."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from orders.models import Phase, Priority

SCALES = ("day", "days")
COLOURS = ("stage", "priority")
TABS = ("unscheduled", "overdue", "hold")
SORTS = ("urgency", "date", "type")
ZOOMS = ("0", "1", "2")


@dataclass(frozen=True)
class View:
    """A day or several, whose rows, which visits stand out, which tab of the tray. Unknown values fall back."""

    day: date | None = None
    scale: str = "day"
    team: int | None = None
    priority: str = ""
    phase: str = ""
    colour: str = "stage"
    zoom: str = "0"
    hide_done: bool = False
    tab: str = "unscheduled"
    sort: str = "urgency"
    q: str = ""
    #: How many days before and after `day` several days are; set up by the company (DB-03), so not in the address.
    before: int = 0
    after: int = 6

    @classmethod
    def of(cls, data: QueryDict, *, before: int = 0, after: int = 6) -> "View":
        """The view a query string asks for."""
        return cls(
            before=before,
            after=after,
            day=day_of(data.get("day", "")),
            scale=one_of(data.get("scale", ""), SCALES),
            team=int(team) if (team := data.get("team", "")).isdecimal() and len(team) < 10 else None,
            priority=one_of(data.get("priority", ""), ("", *Priority.values)),
            phase=one_of(data.get("phase", ""), ("", *Phase.values)),
            colour=one_of(data.get("colour", ""), COLOURS),
            zoom=one_of(data.get("zoom", ""), ZOOMS),
            hide_done=data.get("done", "") == "hide",
            tab=one_of(data.get("tab", ""), TABS),
            sort=one_of(data.get("sort", ""), SORTS),
            q=data.get("q", "").strip()[:60],
        )

    def query(self, **changes: object) -> str:
        """The query string of this view with some things changed; what is usual is left out."""
        return "?" + urlencode(replace(self, **changes).pairs)  # type: ignore[arg-type]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values as they stand in the address."""
        view, usual = self, View()
        pairs = {
            "day": view.day.isoformat() if view.day else "",
            "scale": view.scale,
            "team": view.team or "",
            "priority": view.priority,
            "phase": view.phase,
            "colour": view.colour,
            "zoom": view.zoom,
            "done": "hide" if view.hide_done else "",
            "tab": view.tab,
            "sort": view.sort,
            "q": view.q,
        }
        return [
            (name, str(value)) for name, value in pairs.items() if value and value != getattr(usual, name, "")
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filter form of the board keeps while it changes the rest: the tray's choices."""
        return [(name, value) for name, value in self.pairs if name in ("tab", "sort", "q")]

    @property
    def first_day(self) -> date | None:
        """The first day shown."""
        if self.day is None or self.scale == "day":
            return self.day
        return self.day - timedelta(days=self.before)

    @property
    def days(self) -> int:
        return self.before + 1 + self.after if self.scale == "days" else 1


def one_of(value: str, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else allowed[0]


def day_of(text: str) -> date | None:
    """An ISO date between 2000 and 2100, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
