"""Planning, moving, taking off, taking back. Each is a form of its own; the board's script posts the same."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch import operations
from dispatch.forms import ScheduleForm
from dispatch.models import Activity, Booking
from dispatch.operations.booking import remaining
from dispatch.parts import parts_of
from dispatch.queries.planned import planned_lines
from dispatch.queries.slots import free_slot
from dispatch.queries.warnings import warnings_of
from dispatch.rules import why_not_move, why_not_unbook
from orders.models import ServiceOrder
from orders.queries.parameters import parameters
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.queries import company_today, company_zone
from servicemgmt.masterdata.worktime import instant

from .answers import board_url, done, number_of, placed, refused, wants_fragments


@require_http_methods(["GET", "HEAD", "POST"])
@allow("dispatch.change_booking")
def schedule(request: HttpRequest) -> HttpResponse:
    """Plan an order (`?order=`) or one of its activities (`?activity=`)."""
    thing, minutes = thing_to_plan(request)
    order = thing if isinstance(thing, ServiceOrder) else thing.order
    zone = company_zone()
    if request.method != "POST":
        initial = first_values(request, order, minutes, thing.version)
        return show(request, ScheduleForm(initial=initial), order)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return show(request, form, order, status=422)
    values = form.cleaned_data
    version = values["version"] if isinstance(thing, Activity) else None
    try:
        start = start_of(values, zone)
        booking = operations.book(
            thing, values["worker"], start, values["minutes"], version=version, reason=values["reason"],
            by=request.user, at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        return ask_again(request, form, refusal, order)
    return done(request, booking, placed(booking))


@require_http_methods(["GET", "HEAD", "POST"])
@allow("dispatch.change_booking")
def booking(request: HttpRequest, pk: int) -> HttpResponse:
    """A booking: what is known of it, and a form that moves it."""
    row = found(pk)
    zone = company_zone()
    if request.method != "POST":
        start = row.during.lower.astimezone(ZoneInfo(zone))
        initial = {
            "worker": row.worker_id, "day": start.date(), "start": start.time(), "minutes": length_of(row),
            "reason": row.soft_reason, "version": row.version,
        }  # fmt: skip
        return show(request, ScheduleForm(initial=initial), row.activity.order, row)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return show(request, form, row.activity.order, row, status=422)
    values = form.cleaned_data
    try:
        moved = operations.move_booking(
            pk, worker=values["worker"], start=start_of(values, zone, but=pk), minutes=values["minutes"],
            version=values["version"] or 0, reason=values["reason"], by=request.user, at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        return ask_again(request, form, refusal, row.activity.order, row)
    return done(request, moved, placed(moved))


@require_POST
@allow("dispatch.change_booking")
def unbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a booking off the board."""
    row = found(pk)
    version = number_of(request.POST.get("version")) or 0
    return change(
        request,
        lambda: operations.unbook(row.pk, version=version, by=request.user, at=timezone.now()),
        _("%(order)s is unscheduled again.") % {"order": row.activity.order.number},
        to=board_url(row),
    )


@require_POST
@allow("dispatch.change_booking")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark that the technician was told."""
    row = found(pk)
    version = number_of(request.POST.get("version")) or 0
    return change(
        request,
        lambda: operations.send(row.pk, version=version, by=request.user, at=timezone.now()),
        _("%(worker)s was told.") % {"worker": row.worker.name},
        to=board_url(row),
        undo=False,
    )


@require_POST
@allow("dispatch.change_booking")
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the change named in the address, else the user's last one."""
    pk, version = number_of(request.GET.get("booking")), number_of(request.GET.get("version"))

    def work() -> Booking:
        if pk and version:
            get_object_or_404(Booking, pk=pk)
            return operations.undo(pk, version=version, by=request.user, at=timezone.now())
        return operations.undo_last(by=request.user, at=timezone.now())

    return change(request, work, _("Taken back."), to="dispatch:board", undo=False)


@require_safe
@allow("dispatch.view_board")
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """What the board shows when the pointer rests on a bar."""
    row = found(pk)
    context = {"booking": row, "order": row.activity.order, "zone": company_zone()}
    return page(request, "dispatch/card.html", context | {"warnings": warnings_of(row, company_zone())})


def change(request: HttpRequest, work: Any, say: str, *, to: str, undo: bool = True) -> HttpResponse:
    """Do a change that has no form of its own to be shown again."""
    try:
        row = work()
    except Refused as refusal:
        if wants_fragments(request):
            return refused(request, refusal)
        messages.error(request, str(refusal))
        return redirect(to)
    return done(request, row, say, undo=undo)


def show(
    request: HttpRequest,
    form: ScheduleForm,
    order: ServiceOrder,
    row: Booking | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = form_context(request, form, order, row)
    if wants_fragments(request):
        first = next((str(errors[0]) for errors in form.errors.values()), "")
        return refused(request, Invalid(first), form=rendered(request, context))
    return page(request, "dispatch/schedule.html", context, regions=["schedule"], status=status)


def ask_again(
    request: HttpRequest,
    form: ScheduleForm,
    refusal: Refused,
    order: ServiceOrder,
    row: Booking | None = None,
) -> HttpResponse:
    """Show the refusal where it arose: in the form again, but to who has dragged without one only the sentence."""
    field = getattr(refusal, "field", "")
    form.add_error(field if field in form.fields else None, str(refusal))
    fresh = found(row.pk) if row else None
    context = form_context(request, form, order, fresh)
    if wants_fragments(request):
        has_form = field or "dialog" in request.POST
        return refused(request, refusal, form=rendered(request, context) if has_form else "")
    return page(request, "dispatch/schedule.html", context, regions=["schedule"], status=status_of(refusal))


def form_context(
    request: HttpRequest, form: ScheduleForm, order: ServiceOrder, row: Booking | None
) -> dict[str, Any]:
    zone = company_zone()
    return {
        "form": form,
        "order": order,
        "booking": row,
        "zone": zone,
        "warnings": warnings_of(row, zone) if row and row.status != "CANCELLED" else [],
        "fixed": why_not_move(row) if row else None,
        "stays": why_not_unbook(row) if row else None,
        "action": request.get_full_path(),
        "dialog": bool(request.htmx) or wants_fragments(request),
    }


def rendered(request: HttpRequest, context: dict[str, Any]) -> str:
    return render_to_string("dispatch/schedule.html#schedule", context, request)


def thing_to_plan(request: HttpRequest) -> tuple[ServiceOrder | Activity, int]:
    """The order or activity the address names, and how long it takes."""
    activity_id, order_id = number_of(request.GET.get("activity")), number_of(request.GET.get("order"))
    if activity_id:
        activity = get_object_or_404(
            Activity.objects.select_related("order__customer", "order__site"), pk=activity_id
        )
        return activity, remaining(activity)
    if not order_id:
        raise Http404
    order = get_object_or_404(ServiceOrder.objects.select_related("customer", "site", "stage"), pk=order_id)
    parts = parts_of(planned_lines([order.pk]).get(order.pk, []))
    return order, parts[0].minutes if parts else parameters().default_minutes


def first_values(request: HttpRequest, order: ServiceOrder, minutes: int, version: int) -> dict[str, Any]:
    """What the empty form begins with: the wish of the order, the day asked for."""
    today = company_today()
    return {
        "worker": number_of(request.GET.get("worker")) or order.preferred_technician_id or "",
        "day": request.GET.get("day") or max(order.service_on, today),
        "start": request.GET.get("start", ""),
        "minutes": minutes,
        "version": version,
    }


def start_of(values: dict[str, Any], zone: str, *, but: int | None = None) -> Any:
    """The instant the form names; without a time the next free one of that day."""
    if values["start"] is None:
        now = timezone.now()
        return free_slot(values["worker"], values["day"], values["minutes"], zone, after=now, but=but)
    minute = values["start"].hour * 60 + values["start"].minute
    return instant(values["day"], minute, ZoneInfo(zone))


def found(pk: int) -> Booking:
    row: Booking = get_object_or_404(
        Booking.objects.select_related(
            "worker__team", "activity__order__customer", "activity__order__site", "activity__order__stage",
            "activity__task_relation__service_task",
        ),
        pk=pk,
    )  # fmt: skip
    return row


def length_of(row: Booking) -> int:
    return int((row.during.upper - row.during.lower).total_seconds() // 60)
