from typing import Any

from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import ModelForm
from servicemgmt.projects.models import CostPrice, LineKind, SalesPrice

SENTENCES = {
    "costprice_once": _("There is such a price from that day already."),
    "salesprice_once": _("There is such a price from that day already."),
    "costprice_not_negative": _("A price is zero or more."),
    "salesprice_not_negative": _("A price is zero or more."),
    "salesprice_fee_has_no_cost": _("Fees have no cost; give the price itself."),
    "salesprice_contribution_below_hundred": _("A contribution ratio lies below 100 percent."),
}


class CostForm(ModelForm):
    """AG-17: what an hour or an expense costs under this agreement."""

    sentences = SENTENCES

    class Meta:
        model = CostPrice
        fields = ["kind", "category", "worker", "valid_from", "price"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = (LineKind.HOUR, LineKind.EXPENSE)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in wanted]


class SalesForm(ModelForm):
    """AG-17: what an hour, an expense, an item or a fee is sold for under this agreement."""

    sentences = SENTENCES

    class Meta:
        model = SalesPrice
        fields = ["kind", "category", "worker", "valid_from", "model", "price"]


FORMS: dict[str, type[CostForm] | type[SalesForm]] = {"cost": CostForm, "sales": SalesForm}
