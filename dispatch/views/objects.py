"""A service object on the tablet, and the way there from its label."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements.models import ServiceObject
from agreements.placements import site_on
from dispatch.queries.job import geo_link
from dispatch.queries.objects import done_on, open_visits, parts_in
from servicemgmt.core.models import User
from servicemgmt.core.web import Request, allow, page

from .present import device_words

VIEW, FIELD_WORK = "agreements.view_serviceobject", "dispatch.work_own_day"


@require_safe
@allow(VIEW, FIELD_WORK)
def scanned(request: Request, number: str) -> HttpResponse:
    """From the label to the object: a technician to its page on the tablet, everybody else to its own page."""
    found = object_seen(request.user, number.upper())
    return redirect("agreements:object" if request.user.has_perm(VIEW) else "dispatch:object", found.number)


@require_safe
@allow(FIELD_WORK)
def tablet(request: Request, number: str) -> HttpResponse:
    """What it is, what is to be done on it, what was done, and what it consists of."""
    found, user = object_seen(request.user, number), request.user
    today, visits = timezone.localdate(), open_visits(found, user)
    found.site = site_on(found, today)
    context = {
        "object": found,
        "today": today,
        "device_words": device_words(),
        "geo": geo_link(found.site),
        "under_parts": bool(found.warranty_parts_until and found.warranty_parts_until >= today),
        "under_labour": bool(found.warranty_labour_until and found.warranty_labour_until >= today),
        "open_visits": visits,
        "job_order": next((order.number for order in visits if order.job), ""),
        "done": done_on(found, user, today),
        "boms": parts_in(found, user),
        "can_request": user.has_perm("orders.add_servicerequest") and not found.ended_on,
    }
    return page(request, "dispatch/object.html", context)


def object_seen(user: User, number: str) -> ServiceObject:
    """The object if the user may see it; 404 otherwise, as if there were none."""
    rows = ServiceObject.objects.visible_to(user).select_related(
        "site", "customer", "group", "item", "parent"
    )
    found: ServiceObject = get_object_or_404(rows, number=number)
    return found
