"""Swapping the numbered part of a service object, from its page or from that of an order."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements import operations
from agreements.forms import SwapForm
from agreements.models import SerialSwap, ServiceObject
from servicemgmt.core.audit import SUBJECTS
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.queries import company_today

from .find import object_of


@require_http_methods(["GET", "POST"])
@allow("agreements.change_serviceobject")
def object_swap(request: HttpRequest, number: str) -> HttpResponse:
    """Put another serial number in; `?for=serviceorder:7` says on what it happened, and where to go back to."""
    found = object_of(request, number)
    subject, label = document_of(request)
    back = (
        reverse("core:open_subject", args=[subject])
        if subject
        else reverse("agreements:object", args=[number])
    )
    first: dict[str, Any] = {"version": found.version, "on": company_today()}
    form, status = SwapForm(request.POST or None, initial=first), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            submit(
                form,
                lambda: operations.swap_serial(
                    found.pk, by=request.user, subject=subject, label=label, **given
                ),
            )
            refusal = form.refusal  # type: ignore[attr-defined]
            if refusal is None:
                messages.success(request, _("%(number)s has another serial number.") % {"number": number})
                return redirect(back)
            status = status_of(refusal)
    context = {
        "form": form,
        "title": _("Swap the serial number of %(number)s") % {"number": number},
        "help": _("In it now: %(serial)s. It stays recorded with the object.")
        % {"serial": found.serial_number or "–"},
        "submit_label": _("Swap"),
        "crumbs": [
            {"label": _("Service objects"), "url": reverse("agreements:objects")},
            {"label": number, "url": reverse("agreements:object", args=[number])},
        ],
        "action_url": request.get_full_path(),
        "cancel_url": back,
    }
    return page(request, "core/form.html", context, status=status)


@require_GET
@allow("agreements.view_serviceobject")
def objects_with(request: HttpRequest) -> HttpResponse:
    """The objects that have or had a serial number (`?number=`), a panel for the page of that number."""
    number = request.GET.get("number", "").strip()[:60]
    seen = ServiceObject.objects.visible_to(request.user)
    swaps = SerialSwap.objects.filter(Q(old_number=number) | Q(new_number=number), object__in=seen)
    context = {
        "number": number,
        "objects": seen.filter(serial_number=number).order_by("number") if number else [],
        "swaps": swaps.select_related("object").order_by("swapped_on", "pk") if number else [],
    }
    return page(request, "agreements/objects_with.html", context)


def document_of(request: HttpRequest) -> tuple[str, str]:
    """The document that the address names and the user may see, with its number; nothing where there is none."""
    name, _colon, key = request.GET.get("for", "").partition(":")
    known = SUBJECTS.get(name)
    row: Any = known.row(request.user, key) if known and key else None
    return (f"{name}:{row.pk}", str(getattr(row, "number", row))) if row else ("", "")
