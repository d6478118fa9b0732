"""The filters of the lines behind the work in progress."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter, ModelChoiceFilter

from servicemgmt.masterdata.models import Currency
from servicemgmt.projects.filters import TransactionFilter


class WipLineFilter(TransactionFilter):
    """Those of transactions, the currency, and the day whose work in progress it is; the view reads the day."""

    on = DateFilter(label=_("Day"), method="as_it_is")
    currency = ModelChoiceFilter(label=_("Currency"), queryset=Currency.objects.all())

    def as_it_is(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return rows
