"""Answers to a technician's device: a page for a plain form, a sentence for the queue on the device."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from dispatch.device_forms import DeviceForm
from dispatch.models import Booking
from dispatch.queries.day import was_his, worker_of
from dispatch.wording import place_text
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import ClientWrite
from servicemgmt.core.web import Request, status_of
from servicemgmt.masterdata.models import Employee

from .answers import wants_fragments
from .job import own, show_job

type Work = Callable[[Booking, dict[str, Any]], Any]


def write(
    request: Request, pk: int, form_of: Callable[[Booking], DeviceForm], work: Work, *, name: str, say: str
) -> HttpResponse:
    """Do what the form says on one's own job, once for its key.

    A job that was given away meanwhile answers 409 with the sentence, which the device keeps as a clash.
    """
    booking = own_or_given_away(request, pk)
    form = form_of(booking)
    try:
        if not form.is_valid():
            raise first_error(form)
        if not sent_before(form, request):
            check_still_his(booking, request)
        work(booking, form.cleaned_data)
    except Refused as refusal:
        return refuse(request, booking, form, refusal, name=name)
    if wants_fragments(request):
        return JsonResponse({"say": say, "url": reverse("dispatch:job", args=[pk])})
    messages.success(request, say)
    return redirect(f"{reverse('dispatch:job', args=[pk])}#{name}")


def refuse(
    request: Request, booking: Booking, form: DeviceForm, refusal: Refused, *, name: str
) -> HttpResponse:
    """Say no where the form stands, or as a sentence for the queue."""
    if wants_fragments(request):
        told = {"say": str(refusal), "field": getattr(refusal, "field", "")}
        return JsonResponse(told, status=status_of(refusal))
    if not form.errors:
        field = getattr(refusal, "field", "")
        form.add_error(field if field in form.fields else None, str(refusal))
    mine = own(request, booking.pk)
    if mine is None:
        messages.error(request, str(refusal))
        return redirect("dispatch:day")
    return show_job(request, mine, bound={name: form}, status=status_of(refusal))


def own_or_given_away(request: Request, pk: int) -> Booking:
    """The booking, if it is the user's or was; 404 for everybody else."""
    mine = own(request, pk)
    if mine is not None:
        return mine
    worker = worker_of(request.user)
    booking: Booking = get_object_or_404(
        Booking.objects.select_related("worker", "activity__order__site", "activity__order__customer"), pk=pk
    )
    if worker is None or not was_his(booking, worker):
        raise Http404
    return booking


def check_still_his(booking: Booking, request: Request) -> None:
    """Raises Refused where the job is somebody else's or off the board."""
    worker: Employee = booking.worker
    if booking.status == "CANCELLED":
        raise Refused(
            _("This job was taken off your day. What you entered is kept on this device; tell the office.")
        )
    if worker.user_id != request.user.pk:
        raise Refused(
            _("This job was given to %(place)s. What you entered is kept on this device; tell the office.")
            % {"place": place_text(booking, worker.time_zone)}
        )


def sent_before(form: DeviceForm, request: Request) -> bool:
    """Whether the server has this very entry already: then its first answer stands, whoever has the job now."""
    return ClientWrite.objects.filter(key=form.cleaned_data.get("key"), user=request.user).exists()


def first_error(form: DeviceForm) -> Invalid:
    """What to mend first: with the field's label, as a toast or a waiting entry shows it by itself."""
    name, errors = next(iter(form.errors.items()))
    if name not in form.fields:
        return Invalid(str(errors[0]))
    label = form.fields[name].label
    return Invalid(f"{label}: {errors[0]}" if label else str(errors[0]), field=name)
