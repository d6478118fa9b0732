"""What the board's pages answer with: the fragments that changed for the script, a redirect for everybody else."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch import pulse
from dispatch.models import Booking
from dispatch.queries.board import read_board
from dispatch.queries.tray import read_tray
from dispatch.queries.warnings import warnings_of
from dispatch.wording import place_text
from servicemgmt.core.errors import Refused
from servicemgmt.core.web import status_of
from servicemgmt.masterdata.queries import company_day_at, company_zone

from .present import rows_context, view_of


def wants_fragments(request: HttpRequest) -> bool:
    """Whether the board's script asks, and not a browser for a page."""
    return request.headers.get("Accept", "").startswith("application/json")


def number_of(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


def fragments(request: HttpRequest, *, always: bool = False) -> dict[str, Any] | None:
    """The rows that changed since the pulse the board knows, and the tray; None where nothing did.

    The board's address comes along as the query string, with `since` and the hours it shows (`from`, `to`). Where
    they cannot be told apart any more, or a bar falls outside those hours, the answer is to load the board again.
    """
    view, zone = view_of(request), company_zone()
    known = number_of(request.GET.get("since"))
    now, workers = pulse.since(known or 0)
    hours = number_of(request.GET.get("from")), number_of(request.GET.get("to"))
    if workers is None or view.day is None or None in hours:
        return {"pulse": now, "reload": True}
    if not workers and not always:
        return None
    board = read_board(view, zone, only=workers, hours=hours)  # type: ignore[arg-type]
    if board.overflows:
        return {"pulse": now, "reload": True}
    context = rows_context(request, view, board, read_tray(view, zone, at=timezone.now()))
    part = "days_row" if view.scale == "days" else "row"
    return {
        "pulse": now,
        "rows": {
            row.pk: render_to_string(f"dispatch/board.html#{part}", context | {"row": row}, request)
            for row in board.rows
        },
        "tray": render_to_string("dispatch/board.html#tray", context, request),
    }


def done(request: HttpRequest, booking: Booking, say: str, *, undo: bool = True) -> HttpResponse:
    """The answer to a change that was made: what it says, what speaks against it, how to take it back."""
    booking = Booking.objects.select_related("worker__team", "activity__order__site").get(pk=booking.pk)
    warnings = warnings_of(booking, company_zone()) if booking.status != "CANCELLED" else []
    url = f"{reverse('dispatch:undo')}?booking={booking.pk}&version={booking.version}" if undo else ""
    if wants_fragments(request):
        told = {"say": say, "warnings": warnings, "undo": url, "booking": booking.pk}
        return JsonResponse(told | (fragments(request, always=True) or {}))
    messages.success(request, say)
    for warning in warnings:
        messages.warning(request, warning)
    return redirect(board_url(booking))


def refused(request: HttpRequest, refusal: Refused, *, form: str = "") -> HttpResponse:
    """The answer to a change that was refused, for the board's script; `form` is the form to ask again with."""
    told = {"say": str(refusal), "field": getattr(refusal, "field", ""), "form": form}
    return JsonResponse(told | (fragments(request, always=True) or {}), status=status_of(refusal))


def board_url(booking: Booking) -> str:
    """The board on the day of the booking."""
    day = company_day_at(booking.during.lower)
    return f"{reverse('dispatch:board')}?day={day}"


def placed(booking: Booking) -> str:
    """“SO-000012 is with Bo Lindqvist, Mon 16 Mar 10:00–11:30.”"""
    return _("%(order)s is with %(place)s.") % {
        "order": booking.activity.order.number,
        "place": place_text(booking, company_zone()),
    }
