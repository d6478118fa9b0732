"""Planned against delivered visits and hours of each agreement, over a period."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet, ModelChoiceFilter

from agreements.models import AgreementGroup, ServiceAgreement
from orders.models import LineStatus, OrderOrigin, OrderProgress, Phase, ServiceOrder, ServiceOrderLine
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec, Row
from servicemgmt.core.money import round_money
from servicemgmt.masterdata.models import Customer, Employee
from servicemgmt.projects.models import LineKind

HOURS = DecimalField(max_digits=19, decimal_places=6)
#: Visits that planning made; what somebody entered besides was not planned.
PLANNED = Q(origin=OrderOrigin.SYSTEM)
#: Work that was done, as planning sees it: its order signed off, in a stage of that phase, or posted already.
DELIVERED = (
    Q(stage__phase=Phase.DONE) | Q(progress=OrderProgress.POSTED) | Q(signed_off_at__isnull=False)
) & ~Q(progress=OrderProgress.CANCELLED)


class UtilisationFilter(FilterSet):
    """Over which days (the view reads them), and of which agreements."""

    during = DateFromToRangeFilter(label=_("Service date"), method="over")
    group = ModelChoiceFilter(label=_("Group"), queryset=AgreementGroup.objects.all())
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    responsible = ModelChoiceFilter(label=_("Responsible"), queryset=Employee.objects.all())

    class Meta:
        model = ServiceAgreement
        fields: list[str] = []

    def over(self, rows: QuerySet[Any], name: str, value: slice) -> QuerySet[Any]:
        """Counted with these days already."""
        return rows


def utilised(first: date, last: date) -> QuerySet[Any]:
    """Agreements with visits in the period (both days included), with what was planned and delivered: one statement.

    Planned is what planning made, also where it was cancelled since; delivered what of these visits was done. Planned
    hours are those of planned lines, delivered ones all that were worked on these visits, extra work too.
    """
    orders = ServiceOrder.objects.filter(PLANNED, agreement=OuterRef("pk"), service_on__range=(first, last))
    visits = orders.order_by().values("agreement")
    lines = ServiceOrderLine.objects.filter(
        order__agreement=OuterRef("pk"),
        order__origin=OrderOrigin.SYSTEM,
        order__service_on__range=(first, last),
        kind=LineKind.HOUR,
    )
    hours = lines.order_by().values("order__agreement")
    done = Q(order__stage__phase=Phase.DONE) | Q(order__progress=OrderProgress.POSTED)
    done |= Q(status=LineStatus.POSTED) | Q(signed_off_at__isnull=False)
    done &= ~Q(status=LineStatus.CANCELLED) & ~Q(order__progress=OrderProgress.CANCELLED)
    rows = ServiceAgreement.objects.contracts().annotate(
        planned=Coalesce(Subquery(visits.annotate(n=Count("pk")).values("n")), 0),
        delivered=Coalesce(Subquery(visits.annotate(n=Count("pk", filter=DELIVERED)).values("n")), 0),
        planned_hours=Subquery(hours.annotate(n=Sum("planned_quantity", output_field=HOURS)).values("n")),
        delivered_hours=Subquery(
            hours.annotate(n=Sum("quantity", filter=done, output_field=HOURS)).values("n")
        ),
    )
    return rows.filter(planned__gt=0)


def share(part: Any, whole: Any) -> Decimal | None:
    """The part in percent, to a whole number; None of nothing."""
    return round_money(Decimal(part or 0) / Decimal(whole) * 100, 0) if whole else None


def spec_of(first: date, last: date) -> ListSpec:
    """The list over these days; visits open the orders behind them."""

    def orders(row: Row) -> str:
        url = reverse("orders:agreement_orders", args=[row["number"]])
        return f"{url}?service_on_after={first}&service_on_before={last}&origin={OrderOrigin.SYSTEM}"

    return ListSpec(
        name="utilisation",
        title=_("Utilisation of agreements"),
        help=_("Visits and hours that were planned, and what of them was delivered."),
        columns=[
            Column("number", _("Number"), sort="number", kind="link"),
            Column("description", _("Description"), sort="description"),
            Column("customer__name", _("Customer"), sort="customer__name"),
            Column("planned", _("Visits planned"), sort="planned", kind="number", href=orders),
            Column("delivered", _("Visits delivered"), sort="delivered", kind="number"),
            Column(
                "visit_share",
                _("Visits (%)"),
                kind="number",
                value=lambda row: share(row["delivered"], row["planned"]),
                needs=["delivered", "planned"],
            ),
            Column("planned_hours", _("Hours planned"), sort="planned_hours", kind="number"),
            Column("delivered_hours", _("Hours delivered"), sort="delivered_hours", kind="number"),
            Column(
                "hour_share",
                _("Hours (%)"),
                kind="number",
                value=lambda row: share(row["delivered_hours"], row["planned_hours"]),
                needs=["delivered_hours", "planned_hours"],
            ),
        ],
        default_sort="number",
        filterset=UtilisationFilter,
        row_url=lambda row: reverse("agreements:agreement", args=[row["number"]]),
        empty_title=_("No visits in these days"),
        empty_text=_("Agreements with visits in the period stand here."),
        empty_icon="chart-column",
    )
