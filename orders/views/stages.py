"""Stage, reasons and SLA clock of an order."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from orders import operations
from orders.forms import ClockForm, ManualReasonForm, ReasonForm
from orders.models import ServiceStage
from servicemgmt.core.errors import Invalid
from servicemgmt.core.web import allow, version_of, whole

from .opened import clock_form
from .show import find_order, refused_only, reply, show


@require_POST
@allow("orders.change_serviceorder")
def stage(request: HttpRequest, number: str) -> HttpResponse:
    """Move to the stage `to`. Where it wants a reason and none came along, its form opens."""
    order = find_order(request, number)
    to = ServiceStage.objects.filter(pk=whole(request.POST.get("to"))).first()
    if to is None:
        return refused_only(request, order)
    given = ReasonForm(request.POST) if "reason" in request.POST else None
    if given is not None and not given.is_valid():
        return show(request, order, opened=f"stage:{to.pk}", form=given, status=422)
    reason = {name: given.cleaned_data[name] for name in ("reason", "text")} if given else {}

    def move() -> None:
        operations.change_stage(
            order.pk, to=to, version=version_of(request), by=request.user, at=timezone.now(), **reason
        )

    try:
        return reply(request, order, checked(move), done=_("Now: %(stage)s.") % {"stage": to})
    except ReasonNeeded as needed:
        fresh = find_order(request, number)
        return show(request, fresh, opened=f"stage:{to.pk}", refusal=str(needed), status=422)


class ReasonNeeded(Exception):
    """The operation wants a reason that the button could not give."""


def checked(work: Callable[[], None]) -> Callable[[], None]:
    """The work, with the wish for a reason told apart from other refusals."""

    def attempt() -> None:
        try:
            work()
        except Invalid as refusal:
            if refusal.field == "reason":
                raise ReasonNeeded(str(refusal)) from refusal
            raise

    return attempt


@require_POST
@allow("orders.change_serviceorder")
def reason_add(request: HttpRequest, number: str) -> HttpResponse:
    """Note a reason by hand."""
    order = find_order(request, number)
    form = ManualReasonForm(request.POST)
    return reply(
        request,
        order,
        lambda: operations.add_reason(order.pk, by=request.user, at=timezone.now(), **form.cleaned_data),
        form=form,
        opened="reason",
        done=_("Reason noted."),
    )


@require_POST
@allow("orders.change_serviceorder")
def reason_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Take a wrong reason away."""
    order = find_order(request, number)
    get_object_or_404(order.reasons, pk=pk)
    return reply(
        request,
        order,
        lambda: operations.remove_reason(order.pk, pk, by=request.user),
        done=_("Reason removed."),
    )


CLOCK = {
    "start": operations.start_clock,
    "stop": operations.stop_clock,
    "cancel": operations.cancel_sla,
}
DONE = {
    "start": gettext_lazy("Time recording runs."),
    "stop": gettext_lazy("Time recording stopped."),
    "cancel": gettext_lazy("SLA cancelled."),
}


@require_POST
@allow("orders.change_serviceorder")
def clock(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Start, stop or cancel the SLA clock by hand."""
    order = find_order(request, number)
    if action not in CLOCK or order.sla is None:
        return refused_only(request, order, _("The service order has no SLA."))
    form = clock_form(order, action, request.POST)
    return reply(
        request,
        order,
        lambda: run_clock(request, order.pk, action, form),
        form=form,
        opened=f"clock:{action}",
        done=DONE[action],
    )


def run_clock(request: HttpRequest, order_id: int, action: str, form: ClockForm) -> None:
    """The form's fields are what that operation takes."""
    CLOCK[action](order_id, by=request.user, at=timezone.now(), **form.cleaned_data)  # type: ignore[operator]
