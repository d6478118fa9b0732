"""The dispatch board: the page, and what changed since."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dispatch import pulse
from dispatch.filters import View
from dispatch.parts import STEP
from dispatch.queries.board import first_day_with_work, minute_of, read_board
from dispatch.queries.tray import read_tray
from dispatch.shifts import midnights
from orders.models import Phase, Priority
from servicemgmt.core.web import allow, page
from servicemgmt.masterdata.models import Team
from servicemgmt.masterdata.queries import company_zone

from .answers import fragments
from .present import bookings_url, legend, navigation, rows_context, scale_days, shortcuts, words

#: The phases that a bar can show.
SHOWN_PHASES = (Phase.PLANNED, Phase.WORKING, Phase.PAUSED, Phase.DONE)


@require_safe
@allow("dispatch.view_board")
def board(request: HttpRequest) -> HttpResponse:
    """The board of a day or a week; without a day the first working day with work on it."""
    zone, now = company_zone(), timezone.now()
    view = View.of(request.GET)
    today = now.astimezone(ZoneInfo(zone)).date()
    if view.day is None:
        view = replace(view, day=first_day_with_work(today, zone))
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
        "legend": legend(view),
        "words": words(),
        "shortcuts": shortcuts(),
        "bookings_url": bookings_url(),
        **navigation(view, today),
    }
    return page(request, "dispatch/board.html", context, regions=["tray"])


@require_safe
@allow("dispatch.view_board")
def changes(request: HttpRequest) -> HttpResponse:
    """What changed on the board since `since`; 204 where nothing did, which costs one look into the cache."""
    told = fragments(request)
    return HttpResponse(status=204) if told is None else JsonResponse(told)
