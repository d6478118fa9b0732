"""The start page of dispatchers and technicians."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import Priority
from servicemgmt.core.display import duration
from servicemgmt.core.roles import DISPATCHER, TECHNICIAN

from ..numbers import Numbers
from ..parts import Panel, Row, Section, Tile, count, link
from .common import deadlines

WORKING_DAY = 480


def technician(now: Numbers) -> Section:
    tile = Tile(
        _("My day"), date_format(now.today, "j M"), link("dispatch:day"), _("Visits, clock and sign-off")
    )
    return Section(TECHNICIAN, _("Own visits"), [tile])


def dispatcher(now: Numbers) -> Section:
    orders, requests = now.orders, now.requests
    urgent = requests["urgent"]
    tiles = [
        count(
            _("Open requests"),
            requests["all"],
            link("orders:requests", tab="open"),
            tone="red" if urgent else "blue",
            note=ngettext("%(count)s urgent", "%(count)s urgent", urgent) % {"count": urgent}
            if urgent
            else "",
        ),
        count(
            _("Without technician"),
            orders["unassigned"],
            link("orders:orders", tab="unassigned"),
            tone="orange",
        ),
        count(_("Late"), orders["late"], link("orders:orders", tab="late"), tone="red"),
        count(
            _("SLA exceeded"), orders["sla_late"], link("orders:orders", tab="open", sla="late"), tone="red"
        ),
        count(
            _("SLA due soon"),
            orders["sla_soon"],
            link("orders:orders", tab="open", sla="soon"),
            tone="orange",
        ),
        count(_("On hold"), orders["hold"], link("orders:orders", tab="hold"), tone="purple"),
    ]
    return Section(DISPATCHER, _("Dispatch"), tiles, [calls(now), deadlines(now), load(now)])


def calls(now: Numbers) -> Panel:
    rows = [
        Row(
            call.summary,
            link("orders:request", call.number),
            f"{call.customer.name} · {call.number}",
            call.get_priority_display(),
            {Priority.HIGH: "red", Priority.NORMAL: "yellow"}.get(Priority(call.priority), "green"),
        )
        for call in now.calls
    ]
    return Panel(_("Requests"), _("No call is waiting."), link("orders:requests", tab="open"), rows=rows)


def load(now: Numbers) -> Panel:
    """The booked time of the day on which the board opens, as shares of eight hours."""
    bars = []
    for row in now.load:
        minutes = int(row["time"].total_seconds() // 60)
        bars.append(
            {
                "label": row["worker__name"],
                "percent": min(100, minutes * 100 / WORKING_DAY),
                "display": f"{duration(minutes)} · {row['visits']}",
                "tone": "red" if minutes > WORKING_DAY else "",
            }
        )
    url = link("dispatch:board", day=now.board_day.isoformat())
    note = _("booked time · visits")
    title = _("Today on the board")
    if now.board_day != now.today:
        title = _("%(day)s on the board") % {"day": date_format(now.board_day, "l")}
    return Panel(title, _("Nothing is booked today or soon."), url, note, bars=bars)
