"""The dispatch board: the page, and what changed since."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dispatch import pulse
from dispatch.parts import STEP
from dispatch.queries.board import first_day_with_work, minute_of, read_board
from dispatch.queries.tray import read_tray
from dispatch.shifts import midnights
from orders.models import Phase, Priority
from servicemgmt.core.accounts.operations import lay_out_board
from servicemgmt.core.errors import Refused
from servicemgmt.core.models.user import RowHeight, Tray
from servicemgmt.core.web import Request, allow, next_url, page, status_of, traceless
from servicemgmt.masterdata.models import Team
from servicemgmt.masterdata.queries import company, company_zone

from .answers import fragments, wants_fragments
from .present import bookings_url, legend, navigation, rows_context, scale_days, shortcuts, view_of, words

#: The phases that a bar can show.
SHOWN_PHASES = (Phase.PLANNED, Phase.WORKING, Phase.PAUSED, Phase.DONE)


@require_safe
@allow("dispatch.view_board")
def board(request: HttpRequest) -> HttpResponse:
    """The board of a day or several; without a day the first working day with work on it."""
    zone, now = company_zone(), timezone.now()
    view = view_of(request)
    today = now.astimezone(ZoneInfo(zone)).date()
    if view.day is None:
        view = replace(view, day=first_day_with_work(today, zone, company().calendar))
    assert view.day
    number = pulse.current()
    shown = read_board(view, zone)
    minute = minute_of(now, midnights(today, zone)[0], zone)
    step = (minute - shown.from_hour * 60) // STEP
    context = rows_context(request, view, shown, read_tray(view, zone, at=now)) | {
        "query": view.query(),
        "pulse": number,
        "today": today,
        "last_day": shown.days[-1],
        "is_today": today in shown.days,
        "now_minute": minute,
        "now_step": step
        if today in shown.days and 0 <= minute - shown.from_hour * 60 < shown.minutes
        else None,
        "scale_days": scale_days(view, shown),
        "teams": Team.objects.order_by("code").values_list("pk", "description"),
        "priorities": Priority.choices,
        "phases": [(phase.value, phase.label) for phase in SHOWN_PHASES],
        "is_filtered": bool(view.priority or view.phase or view.hide_done or view.team or view.q),
        "trays": Tray.choices,
        "row_heights": RowHeight.choices,
        "legend": legend(view),
        "words": words(),
        "shortcuts": shortcuts(),
        "bookings_url": bookings_url(),
        **navigation(view, today),
    }
    return page(request, "dispatch/board.html", context, regions=["tray"])


@require_POST
@traceless("How one likes the board concerns nobody else.")
@allow("dispatch.view_board")
def layout(request: Request) -> HttpResponse:
    """How much of the board the work to plan takes and how high its rows are; kept for whoever asks."""
    choice = {name: request.POST.get(name, "") for name in ("tray", "rows")}
    try:
        lay_out_board(request.user.pk, **choice)
    except Refused as refusal:
        if wants_fragments(request):
            return JsonResponse({"say": str(refusal)}, status=status_of(refusal))
        messages.error(request, str(refusal))
    if wants_fragments(request):
        return HttpResponse(status=204)
    return redirect(next_url(request, reverse("dispatch:board")))


@require_safe
@allow("dispatch.view_board")
def changes(request: HttpRequest) -> HttpResponse:
    """What changed on the board since `since`; 204 where nothing did, which costs one look into the cache."""
    told = fragments(request)
    return HttpResponse(status=204) if told is None else JsonResponse(told)
