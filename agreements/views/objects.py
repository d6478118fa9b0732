"""The register of service objects."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agreements import operations
from agreements.boms.queries import boms_for, changes_of
from agreements.forms import MoveForm, ObjectForm
from agreements.lists import objects_spec
from agreements.models import AgreementObject, ServiceObject
from agreements.placements import site_on
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment, quantity
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.models import User
from servicemgmt.core.web import allow, may_enter, offers, page, reachable, status_of, version_of
from servicemgmt.masterdata.models import Customer, Site
from servicemgmt.masterdata.queries import company_today

from .detail import link
from .find import named, object_of

VIEW = "agreements.view_serviceobject"
ADD = "agreements.add_serviceobject"
CHANGE = "agreements.change_serviceobject"
AGREEMENTS = "agreements.view_serviceagreement"

#: How deep the tree of components is shown.
DEPTH = 6
#: How many changes of parts are shown.
FEW = 8


@require_GET
@allow(VIEW)
def objects(request: HttpRequest) -> HttpResponseBase:
    rows = ServiceObject.objects.visible_to(request.user)
    return list_page(request, objects_spec(company_today()), rows)


@require_GET
@allow(VIEW, "dispatch.work_own_day")
def service_object(request: HttpRequest, number: str) -> HttpResponse:
    found = object_of(request, number)
    found.site = site_on(found, company_today())
    may_see_all = request.user.has_perm(VIEW)
    orders_url = reverse("orders:object_orders", args=[number])
    loans_url = reverse("orders:object_loans", args=[number]) if found.is_loaner else ""
    context = {
        "object": found,
        "title": found.number,
        "subtitle": found.description,
        "badges": badges(found),
        "facts": reachable(request.user, facts(found)),
        "warranty": warranty(found),
        "placements": placements(found),
        "may_see_sites": request.user.has_perm("masterdata.view_site"),
        "may_see_customers": request.user.has_perm("masterdata.view_customer"),
        "swaps": found.swaps.select_related("made_by"),
        "parts": parts_of(found) if may_see_all else [],
        "agreements": agreements_of(found) if request.user.has_perm(AGREEMENTS) else [],
        "can_change": request.user.has_perm(CHANGE),
        "can_request": request.user.has_perm("orders.add_servicerequest"),
        "may_see_all": may_see_all,
        "offers": [] if found.ended_on else offers_for(found, request.user),
        "boms": list(boms_for(request.user).filter(service_object=found).select_related("template")),
        "changes": changes_of(found)[:FEW] if may_see_all else [],
        "orders_url": orders_url if may_enter(request.user, orders_url) else "",
        "loans_url": loans_url if may_enter(request.user, loans_url) else "",
        "subject": subject_of(found),
    }
    return page(request, "agreements/object.html", context)


def offers_for(found: ServiceObject, user: User) -> list[dict[str, str]]:
    """What is made for an object besides a request."""
    return offers(user, (_("New order"), "file-plus", "orders:order_new", {"object": found.pk}))


def badges(found: ServiceObject) -> list[dict[str, Any]]:
    today, shown = company_today(), []
    if found.ended_on and found.ended_on <= today:
        shown.append({"label": _("Out of service"), "tone": "gray"})
    if (found.warranty_parts_until and found.warranty_parts_until >= today) or (
        found.warranty_labour_until and found.warranty_labour_until >= today
    ):
        shown.append({"label": _("Under warranty"), "tone": "cyan"})
    if found.is_loaner:
        shown.append({"label": _("May be lent"), "tone": "blue"})
    return shown


def facts(found: ServiceObject) -> list[tuple[Any, ...]]:
    customer, parent = found.customer, found.parent
    return [
        (_("Customer"), customer, customer and link("masterdata:customer", customer.number)),
        (_("Site"), found.site, link("masterdata:site", found.site.number)),
        (_("Group"), found.group),
        (_("Item"), found.item),
        (_("Serial number"), found.serial_number),
        (_("Part of"), parent, parent and reverse("agreements:object", args=[parent.number])),
        (_("Out of service from"), moment(found.ended_on)),
        (_("SLA of its group"), found.group.sla),
    ]


def warranty(found: ServiceObject) -> list[tuple[Any, ...]]:
    return [
        (_("Parts until"), until(found.warranty_parts_until, found.warranty_parts_percent)),
        (_("Labour until"), until(found.warranty_labour_until, found.warranty_labour_percent)),
    ]


def until(day: date | None, percent: Decimal) -> str:
    """The last day of a warranty, and how much of the price it bears where that is not all."""
    told = moment(day) if day else ""
    return f"{told} · {quantity(percent)} %" if told and percent < 100 else told


def placements(found: ServiceObject) -> list[dict[str, Any]]:
    """Where it is to stand, stands and stood, whose place that is, the last first; ends are shown as the last day."""
    today = company_today()
    return [
        {
            "site": row.site,
            "customer": row.site.customer,
            "since": row.during.lower,
            "until": row.during.upper and row.during.upper - timedelta(days=1),
            "planned": bool(row.during.lower and row.during.lower > today),
        }
        for row in found.placements.select_related("site__customer").order_by("-during")
    ]


def parts_of(found: ServiceObject) -> list[dict[str, Any]]:
    """The tree of components below the object, flattened, one query per level."""
    by_parent: dict[int, list[ServiceObject]] = {}
    level = [found.pk]
    for _depth in range(DEPTH):
        rows = list(ServiceObject.objects.filter(parent__in=level).select_related("site").order_by("number"))
        for row in rows:
            by_parent.setdefault(row.parent_id or 0, []).append(row)
        level = [row.pk for row in rows]
        if not level:
            break

    def flat(parent: int, depth: int) -> list[dict[str, Any]]:
        shown = []
        for row in by_parent.get(parent, []):
            shown += [{"object": row, "depth": depth}, *flat(row.pk, depth + 1)]
        return shown

    return flat(found.pk, 0)


def agreements_of(found: ServiceObject) -> list[AgreementObject]:
    rows = AgreementObject.objects.filter(service_object=found).select_related("agreement__group")
    return list(rows.order_by("-agreement__start_date", "-pk")[:50])


@require_http_methods(["GET", "POST"])
@allow(ADD)
def object_new(request: HttpRequest) -> HttpResponse:
    """?customer=, ?site= and ?parent= (number or key) fill in beforehand."""
    form = ObjectForm(request.POST or None, initial=start(request))
    back = reverse("agreements:objects")
    if not form.is_valid():
        return form_page(request, form, _("New object"), back, status=422 if form.is_bound else 200)
    made = submit(form, lambda: operations.create_object(by=request.user, **form.values))
    if form.refusal:
        return form_page(request, form, _("New object"), back, status=status_of(form.refusal))
    messages.success(request, _("%(object)s is entered.") % {"object": made})
    return redirect("agreements:object", made.number)


def start(request: HttpRequest) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    models: list[tuple[str, type[Model]]] = [
        ("customer", Customer),
        ("site", Site),
        ("parent", ServiceObject),
    ]
    for name, model in models:
        if row := named(model, request.GET.get(name, "")):
            initial[name] = row.pk
    return initial


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def object_edit(request: HttpRequest, number: str) -> HttpResponse:
    found = object_of(request, number)
    title, back = _("Edit %(number)s") % {"number": number}, reverse("agreements:object", args=[number])
    form = ObjectForm(request.POST or None, instance=found)
    if not form.is_valid():
        return form_page(request, form, title, back, status=422 if form.is_bound else 200)
    submit(
        form, lambda: operations.save_object(found.pk, version=form.version, by=request.user, **form.values)
    )
    if form.refusal:
        return form_page(request, form, title, back, status=status_of(form.refusal))
    messages.success(request, _("%(number)s is saved.") % {"number": number})
    return redirect("agreements:object", number)


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def object_move(request: HttpRequest, number: str) -> HttpResponse:
    """Let the object stand at another site from a day on."""
    found = object_of(request, number)
    back = reverse("agreements:object", args=[number])
    form = MoveForm(request.POST or None, moved=found, initial={"on": company_today()})
    title = _("Move %(number)s") % {"number": number}
    if not form.is_valid():
        return form_page(request, form, title, back, status=422 if form.is_bound else 200, label=_("Move"))
    today, values = company_today(), form.cleaned_data
    submit(form, lambda: operations.move_object(found.pk, today=today, by=request.user, **values))
    if form.refusal:
        return form_page(request, form, title, back, status=status_of(form.refusal), label=_("Move"))
    messages.success(request, _("%(number)s is moved.") % {"number": number})
    return redirect("agreements:object", number)


@require_POST
@allow(CHANGE)
def move_drop(request: HttpRequest, number: str) -> HttpResponse:
    """Take back the move that is only planned."""
    found, version = object_of(request, number), version_of(request)
    try:
        operations.drop_move(found.pk, today=company_today(), version=version, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The planned move is taken back."))
    return redirect("agreements:object", number)


def form_page(
    request: HttpRequest, form: Any, title: str, back: str, *, status: int, label: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "fieldsets": getattr(form, "fieldsets", None),
        "title": title,
        "cancel_url": back,
        "submit_label": label,
    }
    return page(request, "agreements/object_form.html", context, status=status)
