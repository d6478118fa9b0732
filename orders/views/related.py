"""Lists of orders that belong to something: an agreement, a service object, a run."""

from dataclasses import replace
from typing import Any

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from agreements.models import ServiceAgreement, ServiceObject
from orders.models import OrderObject, ServiceOrder, ServiceOrderLine
from servicemgmt.core.lists import Column, ListSpec, Row, list_page
from servicemgmt.core.models import Run
from servicemgmt.core.money import ZERO
from servicemgmt.core.web import allow, page
from servicemgmt.masterdata.queries import company

VIEW = "orders.view_serviceorder"

#: Who may see what a visit cost (C.12).
COST = "projects.view_transaction"

#: How many orders the region on another page shows.
FEW = 6

AMOUNT = DecimalField(max_digits=19, decimal_places=4)


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
        Column("progress", gettext_lazy("Progress"), sort="progress"),
        Column("site__name", gettext_lazy("Site"), sort="site__name"),
        Column("calendar_conflict", gettext_lazy("On a closed day"), kind="bool"),
    ],
    default_sort="-service_on",
    row_url=order_url,
    empty_icon="clipboard-list",
)


@require_GET
@allow(VIEW)
def agreement_orders(request: HttpRequest, number: str) -> HttpResponseBase:
    """SO-A19: the visits of an agreement; as a region the next and latest few."""
    agreement = get_object_or_404(ServiceAgreement, number=number)
    rows = ServiceOrder.objects.visible_to(request.user).filter(agreement=agreement)
    if wants_region(request):
        return few(request, rows, reverse("orders:agreement_orders", args=[number]))
    spec = replace(
        ORDERS,
        name=f"visits-{number}",
        title=_("Visits of %(number)s") % {"number": number},
        help=agreement.description,
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
        return few(request, rows, reverse("orders:object_orders", args=[number]))
    spec = replace(
        ORDERS,
        name=f"history-{number}",
        title=_("Service history of %(number)s") % {"number": number},
        help=found.description,
        empty_title=_("No visits yet"),
        empty_text=_("Orders that this object is related to stand here."),
    )
    if request.user.has_perm(COST):
        spec, rows = with_cost(spec, rows, found)
    parents = [
        (_("Service objects"), reverse("agreements:objects")),
        (number, reverse("agreements:object", args=[number])),
    ]
    return related_page(request, spec, rows, parents)


def with_cost(
    spec: ListSpec, rows: QuerySet[ServiceOrder], found: ServiceObject
) -> tuple[ListSpec, QuerySet[ServiceOrder]]:
    """The list with the posted cost of each visit, in company currency: of the lines for this object or for none."""
    mine = Q(object_relation__service_object=found) | Q(object_relation__isnull=True)
    lines = ServiceOrderLine.objects.filter(mine, order=OuterRef("pk")).order_by().values("order")
    cost = Subquery(lines.annotate(cost=Sum("transaction__cost_amount")).values("cost"), output_field=AMOUNT)
    digits = company().currency.digits
    column = Column("cost", _("Cost"), kind="money", digits=digits)
    columns = [*spec.columns[:5], column, *spec.columns[5:]]
    total = lambda queryset: {"cost": object_cost(queryset, found)}  # noqa: E731
    return replace(spec, columns=columns, totals=total), rows.annotate(
        cost=Coalesce(cost, ZERO, output_field=AMOUNT)
    )


def object_cost(orders: QuerySet[Any], found: ServiceObject) -> Any:
    """What the orders cost for this object, added up in one statement."""
    mine = Q(object_relation__service_object=found) | Q(object_relation__isnull=True)
    lines = ServiceOrderLine.objects.filter(mine, order__in=orders.order_by().values("pk"))
    return lines.aggregate(cost=Coalesce(Sum("transaction__cost_amount"), ZERO, output_field=AMOUNT))["cost"]


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


def few(request: HttpRequest, rows: QuerySet[ServiceOrder], url: str) -> HttpResponse:
    """The latest visits as a panel."""
    found = list(rows.select_related("stage").order_by("-service_on", "-pk")[: FEW + 1])
    context = {"orders": found[:FEW], "more": len(found) > FEW, "all_url": url}
    return page(request, "orders/plan_visits.html", context)


def related_page(
    request: HttpRequest, spec: ListSpec, rows: QuerySet[ServiceOrder], parents: list[tuple[str, str]]
) -> HttpResponseBase:
    return list_page(request, spec, rows, template="orders/plan_related.html", context={"parents": parents})
