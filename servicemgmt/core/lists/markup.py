"""The cells of a row as HTML. By hand and not by a template, because a page has five hundred of them: they took more
than half of its time. Everything that is not markup here is escaped."""

from typing import Any

from django.templatetags.static import static
from django.utils.formats import localize
from django.utils.html import conditional_escape as escaped
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


class Markup:
    """Writes the cells of a page; looks up once what all of them share."""

    def __init__(self) -> None:
        self.sprite, self.yes = static("icons.svg"), _("Yes")

    def row(self, cells: list[dict[str, Any]], url: str) -> SafeString:
        """The cells beside each other; the first leads to `url`."""
        return mark_safe("".join(self.cell(cell, "" if n else url) for n, cell in enumerate(cells)))

    def cell(self, cell: dict[str, Any], url: str) -> str:
        title = f' title="{escaped(cell["title"])}"' if cell["title"] else ""
        empty = "" if cell["value"] else " data-empty"
        sub = f'<span class="sub">{escaped(localize(cell["sub"]))}</span>' if cell["sub"] else ""
        return (
            f'<td data-kind="{cell["kind"]}" data-align="{cell["align"]}" data-label="{escaped(cell["label"])}"'
            f"{title}{empty}>{self.content(cell, cell['href'] or url)}{sub}</td>"
        )

    def content(self, cell: dict[str, Any], href: str) -> str:
        """What stands in a cell: a link, a badge, an icon, or the value alone."""
        value, tone = escaped(localize(cell["value"])), escaped(cell["tone"])
        if href:
            return f'<a class="main" href="{escaped(href)}">{value}</a>'
        if not cell["value"]:
            return ""
        match cell["kind"]:
            case "badge":
                return f'<span class="badge" data-tone="{tone}">{value}</span>'
            case "bool":
                return self.icon("check", cell["title"])
            case "icon":
                return self.icon(value, cell["title"])
        return f'<span class="toned" data-tone="{tone}">{value}</span>' if tone else value

    def icon(self, name: str, label: Any) -> str:
        text = escaped(label or self.yes)
        return (
            f'<svg class="icon" role="img" aria-label="{text}"><use href="{self.sprite}#{name}"></use></svg>'
        )
