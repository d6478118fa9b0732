"""What the board's templates need beside the plain reading: addresses, words, legends."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from dispatch.filters import View
from dispatch.queries.board import Board
from dispatch.queries.tray import Card, Tray
from orders.models import Phase
from orders.queries.parameters import parameters


def view_of(request: HttpRequest) -> View:
    """What the address asks for, with the company's window around a day (DB-03)."""
    setup = parameters()
    return View.of(request.GET, before=setup.board_days_before, after=setup.board_days_after)


def rows_context(request: HttpRequest, view: View, board: Board, tray: Tray) -> dict[str, Any]:
    """For the rows and the tray, whether in the page or sent alone."""
    can_change = request.user.has_perm("dispatch.change_booking")
    bookings, order = bookings_url(), reverse("orders:order", args=["0"])
    for row in board.rows:
        for bar in row.bars:
            bar.url = f"{bookings}{bar.pk}/" if can_change else order.replace("/0/", f"/{bar.number}/")
    for card in tray.cards:
        card.url = card_url(card) if can_change else reverse("orders:order", args=[card.number])
    names = {"unscheduled": _("To plan"), "overdue": _("Overdue"), "hold": _("On hold")}
    return {
        "board": board,
        "view": view,
        "tray": tray,
        "can_change": can_change,
        "tabs": [
            {
                "name": name,
                "label": label,
                "url": reverse("dispatch:board") + view.query(tab=name),
                "count": tray.counts[name],
                "current": name == view.tab,
            }
            for name, label in names.items()
        ],
        "sorts": [("urgency", _("By urgency")), ("date", _("By date")), ("type", _("By type"))],
    }


def bookings_url() -> str:
    return reverse("dispatch:booking", args=[0]).removesuffix("0/")


def card_url(card: Card) -> str:
    if card.kind == "b":
        return f"{bookings_url()}{card.pk}/"
    return f"{reverse('dispatch:schedule')}?{'activity' if card.kind == 'a' else 'order'}={card.pk}"


def scale_days(view: View, board: Board) -> list[dict[str, Any]]:
    """The heads of the columns of several days, each leading to its day."""
    return [{"day": day, "url": view.query(day=day, scale="day")} for day in board.days]


def navigation(view: View, today: Any) -> dict[str, str]:
    step = timedelta(days=view.days)
    assert view.day
    return {
        "earlier": view.query(day=view.day - step),
        "later": view.query(day=view.day + step),
        "now_url": view.query(day=today),
        "unfiltered": view.query(team=None, priority="", phase="", hide_done=False, q=""),
    }


def legend(view: View) -> list[tuple[str, Any]]:
    """What the colours of the bars mean."""
    if view.colour == "priority":
        return [("red", _("High")), ("yellow", _("Normal")), ("green", _("Low"))]
    phases = [Phase.PLANNED, Phase.WORKING, Phase.PAUSED, Phase.DONE]
    return [(phase.value, phase.label) for phase in phases]


def words() -> dict[str, str]:
    """The sentences of the board's script."""
    return {
        "picked": _("{what} picked up. Arrows move it, Enter puts it down, Escape leaves it where it was."),
        "at": _("{name}, {from}–{to}"),
        "onDay": _("{name}, {day}"),
        "free": _("free"),
        "taken": _("taken by {what}"),
        "left": _("Left where it was."),
        "toTray": _("To the tray: takes it off the board"),
        "offline": _("The server could not be reached. Nothing was changed."),
        "undo": _("Undo"),
        "fixed": _("The work has begun; it stays where it is."),
        "unbook": _("Take {what} off the board?"),
        "unbookLabel": _("Take off"),
        "fresh": _("Somebody changed the plan; the board was brought up to date."),
    }


def device_words() -> dict[str, str]:
    """The sentences of the scripts on a technician's device."""
    return {
        "waiting": _("{count} waiting to send"),
        "clash": _("{count} to look at"),
        "kept": _("Kept on this device; it is sent when there is a connection."),
        "sent": _("Everything was sent."),
        "signIn": _("Sign in again; what you entered is kept on this device and sent then."),
        "stateWaiting": _("waiting to be sent"),
        "stateClash": _("not accepted"),
        "retry": _("Try again"),
        "drop": _("Discard"),
        "dropAsk": _("Discard “{what}”? It was never sent."),
        "empty": _("Nothing is waiting. Everything was sent."),
        "noSignature": _("Sign on the pad, or tick that the typed name counts."),
        "signOutAsk": _(
            "{count} entries were not sent yet and stay on this device until you sign in again. Sign out?"
        ),
        "signOut": _("Sign out"),
    }


def shortcuts() -> list[tuple[str, list[str]]]:
    return [
        (_("Move between visits"), ["←", "→", "↑", "↓"]),
        (_("Pick up or put down a visit"), [_("Space")]),
        (_("While picked up: time, person"), ["←", "→", "↑", "↓"]),
        (_("By an hour"), [_("Shift"), "←", "→"]),
        (_("Schedule …"), ["M", _("Enter")]),
        (_("Longer or shorter"), ["+", "−"]),
        (_("Take off the board"), [_("Delete")]),
        (_("Undo my last change"), [_("Ctrl"), "Z"]),
        (_("Today"), ["T"]),
        (_("Earlier, later"), ["[", "]"]),
    ]
