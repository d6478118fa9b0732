"""Lists of orders that belong to something: an agreement, a service object, a run."""

from dataclasses import replace

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agreements.models import ServiceAgreement, ServiceObject
from orders.filters import OrderFilter
from orders.listing import PROGRESS_TONES
from orders.models import OrderObject, ServiceOrder
from orders.queries.object_cost import cost_text, with_cost
from servicemgmt.core.lists import Column, ListSpec, Row, list_page
from servicemgmt.core.models import Run
from servicemgmt.core.web import allow, page
from servicemgmt.masterdata.queries import company_today

VIEW = "orders.view_serviceorder"

#: Who may see what a visit cost (C.12).
COST = "projects.view_transaction"

#: How many coming and how many past orders the region on another page shows.
FEW = 4


def order_url(row: Row) -> str:
    return reverse("orders:order", args=[row["number"]])


ORDERS = ListSpec(
    name="orders",
    title=gettext_lazy("Service orders"),
    columns=[
        Column("number", gettext_lazy("Number"), sort="number", kind="link"),
        Column("service_on", gettext_lazy("Date"), sort="service_on"),
        Column("description", gettext_lazy("Description"), sort="description"),
        Column(
            "stage__description",
            gettext_lazy("Stage"),
            sort="stage__description",
            kind="badge",
            tone=lambda row: row["stage__phase"],
            needs=["stage__phase"],
        ),
        Column(
            "progress",
            gettext_lazy("Progress"),
            sort="progress",
            kind="badge",
            tone=lambda row: PROGRESS_TONES[row["progress"]],
        ),
        Column("site__name", gettext_lazy("Site"), sort="site__name"),
        Column(
            "calendar_conflict",
            gettext_lazy("Closed day"),
            kind="icon",
            value=lambda row: "calendar-x" if row["calendar_conflict"] else "",
            title=lambda row: gettext_lazy("Falls on a closed day") if row["calendar_conflict"] else "",
            export=lambda row: row["calendar_conflict"],
            needs=["calendar_conflict"],
        ),
    ],
    default_sort="-service_on",
    row_url=order_url,
    empty_icon="clipboard-list",
)


@require_GET
@allow(VIEW)
def agreement_orders(request: HttpRequest, number: str) -> HttpResponseBase:
    """SO-A19: the visits of an agreement; as a region the next and the latest few."""
    agreement = get_object_or_404(ServiceAgreement, number=number)
    rows = ServiceOrder.objects.visible_to(request.user).filter(agreement=agreement)
    if wants_region(request):
        return few(request, rows, reverse("orders:agreement_orders", args=[number]), about="site")
    spec = replace(
        ORDERS,
        name=f"visits-{number}",
        title=_("Visits of %(number)s") % {"number": number},
        help=agreement.description,
        filterset=OrderFilter,
        empty_title=_("No visits yet"),
        empty_text=_("Plan the visits of this agreement; its orders then stand here."),
    )
    parents = [
        (_("Service agreements"), reverse("agreements:agreements")),
        (number, reverse("agreements:agreement", args=[number])),
    ]
    return related_page(request, spec, rows, parents)


@require_GET
@allow(VIEW, "dispatch.work_own_day")
def object_orders(request: HttpRequest, number: str) -> HttpResponseBase:
    """The full service history of an object, with what each visit cost it for those who may know."""
    found = get_object_or_404(ServiceObject.objects.visible_to(request.user), number=number)
    related = OrderObject.objects.filter(service_object=found).values("order")
    rows: QuerySet[ServiceOrder] = ServiceOrder.objects.visible_to(request.user).filter(pk__in=related)
    if wants_region(request):
        cost = cost_text(rows, found) if request.user.has_perm(COST) else ""
        return few(request, rows, reverse("orders:object_orders", args=[number]), about="work", cost=cost)
    spec = replace(
        ORDERS,
        name=f"history-{number}",
        title=_("Service history of %(number)s") % {"number": number},
        help=found.description,
        empty_title=_("No visits yet"),
        empty_text=_("Orders that this object is related to stand here."),
    )
    if request.user.has_perm(COST):
        spec, rows = costed(spec, rows, found)
    parents = [
        (_("Service objects"), reverse("agreements:objects")),
        (number, reverse("agreements:object", args=[number])),
    ]
    return related_page(request, spec, rows, parents)


def costed(
    spec: ListSpec, rows: QuerySet[ServiceOrder], found: ServiceObject
) -> tuple[ListSpec, QuerySet[ServiceOrder]]:
    """The list with what each visit cost the object; see `object_cost.with_cost`."""
    columns = [
        *spec.columns[:5],
        Column("cost", _("Cost"), kind="money", currency="cost_code"),
        *spec.columns[5:],
    ]
    told = replace(spec, columns=columns, totals=lambda orders: {"cost": cost_text(orders, found)})
    return told, with_cost(rows, found)


@require_GET
@allow(VIEW)
def run_orders(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What a run created."""
    run = get_object_or_404(Run, pk=pk)
    rows = ServiceOrder.objects.visible_to(request.user).filter(run=run)
    spec = replace(
        ORDERS,
        name=f"run-{pk}",
        title=_("Orders of run %(run)s") % {"run": pk},
        columns=[ORDERS.columns[0], *AGREEMENT, *ORDERS.columns[1:]],
        default_sort="number",
    )
    parents = [(_("Runs"), reverse("core:runs")), (str(pk), reverse("core:run", args=[pk]))]
    return related_page(request, spec, rows, parents)


AGREEMENT = [
    Column("agreement__number", gettext_lazy("Agreement"), sort="agreement__number"),
    Column("customer__name", gettext_lazy("Customer"), sort="customer__name"),
]


def wants_region(request: HttpRequest) -> bool:
    """Whether the page of the agreement or object asks for its part."""
    return bool(request.htmx.target and request.htmx.target.endswith("visits"))


def few(
    request: HttpRequest, rows: QuerySet[ServiceOrder], url: str, *, about: str, cost: str = ""
) -> HttpResponse:
    """The next and the latest visits as a panel; `about` names what its second lines tell.

    `cost` is what all visits cost so far, for those who may know.
    """
    today = company_today()
    orders = rows.select_related("stage", "site")
    coming = list(orders.filter(service_on__gte=today).order_by("service_on", "pk")[:FEW])
    past = list(orders.filter(service_on__lt=today).order_by("-service_on", "-pk")[:FEW])
    parts = [(_("Next"), coming), (_("Latest"), past)]
    context = {"parts": [part for part in parts if part[1]], "all_url": url, "about": about, "cost": cost}
    return page(request, "orders/plan_visits.html", context)


def related_page(
    request: HttpRequest, spec: ListSpec, rows: QuerySet[ServiceOrder], parents: list[tuple[str, str]]
) -> HttpResponseBase:
    return list_page(request, spec, rows, template="orders/plan_related.html", context={"parents": parents})
