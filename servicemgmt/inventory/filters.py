from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.masterdata.models import Item, ItemTracking

from .models import LotOnHand, MoveKind, OnHand, StockCount, StockCountLine, StockMove, Warehouse


class OnHandFilter(FilterSet):
    warehouse = ModelChoiceFilter(label=_("Warehouse"), queryset=Warehouse.objects.all())
    item = ModelChoiceFilter(label=_("Item"), queryset=Item.objects.all())

    class Meta:
        model = OnHand
        fields: list[str] = []


class LotFilter(FilterSet):
    warehouse = ModelChoiceFilter(label=_("Warehouse"), queryset=Warehouse.objects.all())
    item = ModelChoiceFilter(
        label=_("Item"), field_name="lot__item", queryset=Item.objects.exclude(tracking=ItemTracking.NONE)
    )

    class Meta:
        model = LotOnHand
        fields: list[str] = []


class MoveFilter(FilterSet):
    moved_on = DateFromToRangeFilter(label=_("Date"))
    warehouse = ModelChoiceFilter(label=_("Warehouse"), queryset=Warehouse.objects.all())
    item = ModelChoiceFilter(label=_("Item"), queryset=Item.objects.all())
    kind = ChoiceFilter(label=_("Kind"), choices=MoveKind.choices)
    lot = CharFilter(label=_("Batch or serial number"), field_name="lot__number")

    class Meta:
        model = StockMove
        fields: list[str] = []


class CountFilter(FilterSet):
    counted_on = DateFromToRangeFilter(label=_("Date"))
    warehouse = ModelChoiceFilter(label=_("Warehouse"), queryset=Warehouse.objects.all())

    class Meta:
        model = StockCount
        fields: list[str] = []


class CountLineFilter(FilterSet):
    count = ModelChoiceFilter(label=_("Stock count"), queryset=StockCount.objects.select_related("warehouse"))
    item = ModelChoiceFilter(label=_("Item"), queryset=Item.objects.all())

    class Meta:
        model = StockCountLine
        fields: list[str] = []
