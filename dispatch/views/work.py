"""What the technician sends: presses, hours, parts, expenses, fees, repair codes, the signature."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dispatch import operations
from dispatch.device_forms import (
    DeviceForm,
    ExpenseForm,
    FeeForm,
    HoursForm,
    PartForm,
    PressForm,
    RepairForm,
)
from dispatch.models import Booking
from dispatch.queries.day import today_of
from dispatch.queries.job import own_hours, usual_category
from orders import operations as orders
from servicemgmt.core.errors import Invalid
from servicemgmt.core.web import Request, allow
from servicemgmt.projects.models import LineKind

from .device import write
from .job import sign_form


@require_POST
@allow("dispatch.work_own_day")
def press(request: Request, pk: int) -> HttpResponse:
    """A press on the clock."""
    form = PressForm(request.POST)

    def work(booking: Booking, values: dict[str, Any]) -> None:
        at = timezone.now()
        operations.press(
            booking.pk, to=values["to"], reason=values["reason"], by=request.user, at=at, **form.stamp(at)
        )

    return write(request, pk, lambda booking: form, work, name="clock", say=_("Noted."))


@require_POST
@allow("dispatch.work_own_day")
def hours(request: Request, pk: int) -> HttpResponse:
    """Hours as they were, on the planned line that is named or as a new one."""
    form = HoursForm(request.POST)

    def work(booking: Booking, values: dict[str, Any]) -> None:
        at = timezone.now()
        fields = {
            "quantity": values["quantity"],
            "executed_on": today_of(booking.worker, form.stamp(at)["device_at"]),
        }
        if values["description"]:
            fields["description"] = values["description"]
        if values["line"]:
            line = get_object_or_404(booking.activity.order.lines, pk=values["line"])
            if line.pk in {own.pk for own in own_hours(booking)}:
                fields["worker"] = booking.worker
            orders.change_line(
                line.pk, version=values["version"], by=request.user, at=at, **form.stamp(at), **fields
            )
        else:
            add(request, booking, form, LineKind.HOUR, worker=booking.worker, **fields)

    return write(request, pk, lambda booking: form, work, name="hours", say=_("Hours saved."))


@require_POST
@allow("dispatch.work_own_day")
def part(request: Request, pk: int) -> HttpResponse:
    """A part from the van."""
    form = PartForm(request.POST)

    def work(booking: Booking, values: dict[str, Any]) -> None:
        try:
            add(
                request, booking, form, LineKind.ITEM, item=values["item"], quantity=values["quantity"],
                lot_number=values["lot"], warehouse=getattr(booking.worker, "van", None), worker=booking.worker,
            )  # fmt: skip
        except Invalid as refusal:
            raise Invalid(
                str(refusal), field={"lot_number": "lot"}.get(refusal.field, refusal.field)
            ) from None

    return write(request, pk, lambda booking: form, work, name="part", say=_("Part added."))


@require_POST
@allow("dispatch.work_own_day")
def expense(request: Request, pk: int) -> HttpResponse:
    """Money spent: one unit at that cost."""
    form = ExpenseForm(request.POST)

    def work(booking: Booking, values: dict[str, Any]) -> None:
        add(
            request, booking, form, LineKind.EXPENSE, category=values["category"], quantity=1,
            cost_price=values["amount"], description=values["description"], worker=booking.worker,
        )  # fmt: skip

    return write(request, pk, lambda booking: form, work, name="expense", say=_("Expense added."))


@require_POST
@allow("dispatch.work_own_day")
def fee(request: Request, pk: int) -> HttpResponse:
    """A fixed charge."""
    form = FeeForm(request.POST)

    def work(booking: Booking, values: dict[str, Any]) -> None:
        add(request, booking, form, LineKind.FEE, category=values["category"], quantity=1)

    return write(request, pk, lambda booking: form, work, name="fee", say=_("Fee added."))


@require_POST
@allow("dispatch.work_own_day")
def repair(request: Request, pk: int) -> HttpResponse:
    """Symptom, diagnosis, resolution."""
    kept: dict[str, DeviceForm] = {}

    def form_of(booking: Booking) -> DeviceForm:
        kept["form"] = RepairForm(request.POST, order=booking.activity.order)
        return kept["form"]

    def work(booking: Booking, values: dict[str, Any]) -> None:
        at = timezone.now()
        fields = {name: value for name, value in values.items() if name not in ("key", "device_at")}
        orders.add_repair_line(
            booking.activity.order_id, version=None, by=request.user, at=at, worker=booking.worker,
            **kept["form"].stamp(at), **fields,
        )  # fmt: skip

    return write(request, pk, form_of, work, name="repair", say=_("Codes saved."))


@require_POST
@allow("dispatch.work_own_day")
def sign(request: Request, pk: int) -> HttpResponse:
    """The customer's signature over the lines he saw."""
    kept: dict[str, DeviceForm] = {}

    def form_of(booking: Booking) -> DeviceForm:
        kept["form"] = sign_form(booking, request.POST)
        return kept["form"]

    def work(booking: Booking, values: dict[str, Any]) -> None:
        at = timezone.now()
        team = booking.worker.team
        orders.sign_off(
            booking.activity.order_id,
            version=values["version"],
            by=request.user,
            at=at,
            signer_name=values["signer_name"],
            signer_role=values["signer_role"],
            strokes=values["strokes"],
            is_typed=not values["strokes"],
            with_prices=bool(team and team.shows_prices),
            reason=values.get("reason"),
            **kept["form"].stamp(at),
        )

    return write(request, pk, form_of, work, name="sign", say=_("Signed."))


def add(request: Request, booking: Booking, form: DeviceForm, kind: str, **fields: Any) -> None:
    """A line of the job, dated by the device."""
    at = timezone.now()
    stamp = form.stamp(at)
    fields.setdefault("category", usual_category(kind))
    fields.setdefault("executed_on", today_of(booking.worker, stamp["device_at"]))
    orders.add_line(
        booking.activity.order_id,
        version=None,
        by=request.user,
        at=at,
        kind=kind,
        task_relation=booking.activity.task_relation if kind == LineKind.HOUR else None,
        **stamp,
        **fields,
    )
