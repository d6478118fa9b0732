"""One job of the technician: what he must know, and everything he enters."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dispatch.device_forms import (
    DeviceForm,
    ExpenseForm,
    FeeForm,
    HoursForm,
    PartForm,
    PressForm,
    RepairForm,
    SignForm,
)
from dispatch.models import Booking, BookingStatus
from dispatch.queries.day import bookings, span_of, steps_from, today_of, worked_minutes
from dispatch.queries.job import entered, geo_link, known_remedies, own_hours, part_choices, phone_numbers
from dispatch.shifts import midnights
from orders.models import SlaStatus
from orders.queries.parameters import parameters
from orders.queries.repair import unfinished_repairs
from orders.rules import why_not_change, why_not_sign
from servicemgmt.core.web import Request, allow, page

from .present import device_words

#: What the clock can stand at while somebody has the job.
CLOCK = [status for status in BookingStatus if status != BookingStatus.CANCELLED]


@require_safe
@allow("dispatch.work_own_day")
def job(request: Request, pk: int) -> HttpResponse:
    """The job's page, if it is the user's own and near enough in time."""
    booking = own(request, pk)
    if booking is None:
        raise Http404
    return show_job(request, booking)


def own(request: Request, pk: int) -> Booking | None:
    """The user's own live booking, at most 14 days away: whoever is booked is assigned (C.12)."""
    booking = bookings().filter(pk=pk, worker__user=request.user).first()
    if booking is None:
        return None
    first, last = span_of(today_of(booking.worker, timezone.now()))
    start, end = midnights(first, booking.worker.time_zone, (last - first).days + 1)
    return booking if booking.during.lower < end and booking.during.upper > start else None


def show_job(
    request: Request, booking: Booking, *, bound: dict[str, DeviceForm] | None = None, status: int = 200
) -> HttpResponse:
    """The page, with the form that was refused in place of its empty one."""
    order = booking.activity.order
    now = timezone.now()
    shows_prices = bool(booking.worker.team and booking.worker.team.shows_prices)
    context = {
        "booking": booking,
        "order": order,
        "zone": order.site.time_zone,
        "now": now,
        "booking_day": today_of(booking.worker, booking.during.lower),
        "device_words": device_words(),
        "geo": geo_link(order.site),
        "phones": phone_numbers(order),
        "objects": order.object_relations.select_related("service_object"),
        "tasks": order.task_relations.select_related("service_task"),
        "lines": entered(order),
        "shows_prices": shows_prices,
        "currency": order.project.currency if shows_prices and order.project else None,
        "clock": [(at.value, at.label, press_forms(at)) for at in CLOCK],
        "worked": worked_minutes(booking, now),
        "parts": (parts := part_choices(booking.worker)),
        "asks_lot": any(choice.asks_lot for choice in parts),
        "repairs": order.repair_lines.select_related("symptom", "diagnosis", "resolution", "stage"),
        "remedies": known_remedies(order),
        "unfinished": unfinished_repairs(order).count(),
        "signature": order.sign_offs.filter(voided_at=None).first(),
        "voided": order.sign_offs.exclude(voided_at=None).first(),
        "why_not_change": why_not_change(order),
        "why_not_sign": why_not_sign(order),
        **entry_forms(booking, now),
    }
    put_bound(context, bound or {})
    return page(request, "dispatch/job.html", context, status=status)


def put_bound(context: dict[str, Any], bound: dict[str, DeviceForm]) -> None:
    """The refused form in place of its empty one; hours on the line they are for."""
    for name, form in bound.items():
        context["opened"] = name
        line_id = form.data.get("line", "") if name == "hours" else ""
        if line_id:
            context["hours_forms"] = [
                (line, form if str(line.pk) == line_id else other) for line, other in context["hours_forms"]
            ]
        elif name == "clock":
            context["refused"] = next((errors[0] for errors in form.errors.values()), "")
        else:
            context[name] = form


def press_forms(status: str) -> list[dict[str, Any]]:
    """The buttons of the clock at a status, each a form with a key of its own."""
    return [
        {"step": step, "form": PressForm(initial={"to": step.to}, auto_id=f"press-{status}-{step.to}-%s")}
        for step in steps_from(status)
    ]


def entry_forms(booking: Booking, now: datetime) -> dict[str, Any]:
    """The empty forms of the page; hours are filled from the clock."""
    order = booking.activity.order
    lines = own_hours(booking)
    clocked = hours_of(worked_minutes(booking, now))
    return {
        "hours_forms": [
            (
                line,
                HoursForm(
                    initial=first_hours(line, clocked, alone=len(lines) == 1), auto_id=f"hours-{line.pk}-%s"
                ),
            )
            for line in lines
        ],
        "hours": HoursForm(initial={"quantity": clocked if not lines and clocked else None}),
        "part": PartForm(),
        "expense": ExpenseForm(),
        "fee": FeeForm(),
        "repair": RepairForm(order=order),
        "sign": sign_form(booking),
    }


def first_hours(line: Any, clocked: Decimal, *, alone: bool) -> dict[str, Any]:
    """What a planned line begins with: the clock's hours where they can only be its."""
    is_untouched = line.planned_quantity is not None and line.quantity == line.planned_quantity
    quantity = clocked if alone and clocked and is_untouched else line.quantity
    return {
        "line": line.pk,
        "version": line.version,
        "quantity": f"{quantity.normalize():f}",
        "description": line.description,
    }


def sign_form(booking: Booking, data: Any = None) -> SignForm:
    """Asks why the deadline was missed where the company wants to know."""
    order = booking.activity.order
    asks = order.sla_status == SlaStatus.STARTED and parameters().reason_on_exceeding_time
    return SignForm(data, initial={"version": order.version}, asks_reason=asks)


def hours_of(minutes: int) -> Decimal:
    """Minutes as hours, up to the next quarter."""
    return Decimal(-(-minutes // 15)) / 4
