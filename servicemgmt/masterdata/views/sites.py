from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.audit import subject_of
from servicemgmt.core.lists import list_page
from servicemgmt.core.models import User
from servicemgmt.core.web import allow, offers, page

from .. import operations
from ..forms import SiteForm
from ..lists import SITES
from ..models import Customer, Site
from ..queries import company
from .editing import crumb, edited


@require_GET
@allow("masterdata.view_site")
def sites(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, SITES, Site.objects.filter(one_time=False))


@require_GET
@allow("masterdata.view_site")
def site(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Site.objects.select_related("customer", "calendar"), number=number)
    place = f"geo:{found.latitude},{found.longitude}" if found.latitude and found.longitude else ""
    owner = found.customer
    context = {
        "site": found,
        "subject": subject_of(found),
        "title": found.name,
        "subtitle": found.number,
        "offers": [] if found.ended_on else offers_at(found, request.user),
        "facts": [
            (_("Customer"), owner, reverse("masterdata:customer", args=[owner.number]) if owner else ""),
            (_("Address"), found.address, place),
            (_("Country"), found.country),
            (_("Phone"), found.phone, f"tel:{found.phone.replace(' ', '')}" if found.phone else ""),
            (_("Time zone"), found.time_zone),
            (_("Calendar"), found.calendar),
            (_("Access"), found.access_note),
        ],
    }
    return page(request, "masterdata/site.html", context)


def offers_at(found: Site, user: User) -> list[dict[str, str]]:
    """What is made for a site."""
    known = {"customer": found.customer_id, "site": found.pk}
    owner = found.customer and found.customer.number
    return offers(
        user,
        (_("New request"), "phone", "orders:request_new", known),
        (_("New order"), "file-plus", "orders:order_new", known),
        (_("New object"), "boxes", "agreements:object_new", {"customer": owner, "site": found.number}),
    )


@require_http_methods(["GET", "POST"])
@allow("masterdata.add_site")
def site_new(request: HttpRequest) -> HttpResponse:
    own = company()
    customer = Customer.objects.filter(number=request.GET.get("customer", "")).first()
    source = customer or own
    return edited(
        request,
        SiteForm,
        lambda form: operations.create_site(by=request.user, **form.values),
        title=_("New site"),
        crumbs=[
            crumb(_("Customers"), "masterdata:customers"),
            crumb(customer.number, "masterdata:customer", customer.number),
        ]
        if customer
        else [crumb(_("Sites"), "masterdata:sites")],
        done_url=lambda row: reverse("masterdata:site", args=[row.number]),
        initial={
            "customer": customer.pk if customer else None,
            "country": source.country,
            "city": source.city if customer else "",
            "time_zone": own.time_zone,
        },
    )


@require_http_methods(["GET", "POST"])
@allow("masterdata.change_site")
def site_edit(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Site, number=number)
    url = reverse("masterdata:site", args=[number])
    return edited(
        request,
        SiteForm,
        lambda form: operations.save_site(found.pk, version=form.version, by=request.user, **form.values),
        title=_("Edit %(name)s") % {"name": found.name},
        crumbs=[crumb(_("Sites"), "masterdata:sites"), crumb(found.number, "masterdata:site", found.number)],
        done_url=lambda row: url,
        instance=found,
    )
