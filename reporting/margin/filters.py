from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from agreements.models import AgreementGroup
from orders.models import ServiceOrder
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.forms import dress

WITH, WITHOUT = "with", "without"


class MarginFilter(FilterSet):
    """The parameters of RE-01 that choose orders."""

    q = CharFilter(label=_("Search"), method="searched")
    number = CharFilter(label=_("Order"), lookup_expr="iexact")
    service_on = DateFromToRangeFilter(label=_("Service date"))
    under = ChoiceFilter(
        label=_("Done"),
        choices=[(WITH, _("Under an agreement")), (WITHOUT, _("Without agreement"))],
        method="done_under",
    )
    agreement__group = ModelChoiceFilter(queryset=AgreementGroup.objects.all(), label=_("Agreement group"))

    class Meta:
        model = ServiceOrder
        fields = [
            "q", "number", "service_on", "customer", "project", "agreement", "under",
            "agreement__group", "stage", "progress", "origin",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self.form)

    def done_under(self, rows: QuerySet[ServiceOrder], name: str, value: str) -> QuerySet[ServiceOrder]:
        return rows.filter(agreement__isnull=value == WITHOUT)

    def searched(self, rows: QuerySet[ServiceOrder], name: str, value: str) -> QuerySet[ServiceOrder]:
        """Order number or text, customer's name or number."""
        return rows.search(value) | rows.filter(customer__number=value)  # type: ignore[attr-defined]
