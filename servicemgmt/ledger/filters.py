from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from servicemgmt.core.filters import DateFromToRangeFilter

from .models import Account, Entry, Voucher
from .queries import SOURCES


class VoucherFilter(FilterSet):
    posted_on = DateFromToRangeFilter(label=_("Date"))
    source = ChoiceFilter(label=_("Source"), choices=list(SOURCES.items()))
    account = ModelChoiceFilter(label=_("Account"), queryset=Account.objects.all(), method="by_account")
    moved = BooleanFilter(label=_("Moved out of a closed period"), method="by_move")

    class Meta:
        model = Voucher
        fields: list[str] = []

    def by_account(self, rows: Any, name: str, account: Account) -> Any:
        return rows.filter(Exists(Entry.objects.filter(voucher=OuterRef("pk"), account=account)))

    def by_move(self, rows: Any, name: str, is_moved: bool) -> Any:
        return rows.filter(moved_from__isnull=not is_moved)
