from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import dress, offer_current
from servicemgmt.core.web import whole
from servicemgmt.masterdata.forms import not_ahead
from servicemgmt.masterdata.models import Item, ItemTracking

from .models import StockCountLine, Warehouse
from .operations import Transfer
from .queries import Lying


class StockForm(forms.Form):
    """What every movement by hand says."""

    item = forms.ModelChoiceField(Item.objects.filter(is_stocked=True), label=_("Item"))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=13, decimal_places=6, min_value=0)
    on = forms.DateField(label=_("Date"), validators=[not_ahead])
    text = forms.CharField(label=_("Text"), max_length=160, required=False)
    lot = forms.CharField(
        label=_("Batch or serial numbers"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Of serial numbers one for each piece, one a line or with commas between."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                offer_current(field, None)
        ask_lot(self)


def ask_lot(form: forms.BaseForm, item_field: str = "item", lot_field: str = "lot") -> None:
    """Leave the number out unless the item chosen is tracked: who works with other items never sees the field."""
    widget = form.fields[item_field].widget
    chosen: Any = form.initial.get(item_field)
    if form.is_bound:
        chosen = widget.value_from_datadict(form.data, form.files, form.add_prefix(item_field))
    key = whole(str(getattr(chosen, "pk", chosen) or ""))
    if not (key and Item.objects.filter(pk=key).exclude(tracking=ItemTracking.NONE).exists()):
        del form.fields[lot_field]


class ReceiveForm(StockForm):
    """Goods that come in."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.all(), label=_("Warehouse"))
    value = forms.DecimalField(
        label=_("Value"),
        max_digits=15,
        decimal_places=4,
        min_value=0,
        help_text=_("What all of it cost together, in company currency."),
    )
    field_order = ["item", "warehouse", "quantity", "lot", "value", "on", "text"]


class TransferForm(StockForm):
    """Goods that go from one warehouse to another."""

    source = forms.ModelChoiceField(Warehouse.objects.all(), label=_("From"))
    target = forms.ModelChoiceField(Warehouse.objects.all(), label=_("To"))
    field_order = ["item", "quantity", "lot", "source", "target", "on", "text"]


class ReturnForm(forms.Form):
    """What of a warehouse or van goes back: a quantity beside each part that lies there."""

    target = forms.ModelChoiceField(Warehouse.objects.filter(worker=None), label=_("Back to"))
    on = forms.DateField(label=_("Date"), validators=[not_ahead])
    text = forms.CharField(label=_("Text"), max_length=160, required=False)

    def __init__(self, *args: Any, source: Warehouse, rows: Sequence[Lying], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source, self.rows = source, rows
        self.fields["target"].queryset = Warehouse.objects.filter(worker=None).exclude(pk=source.pk)  # type: ignore[attr-defined]
        for row in rows:
            self.fields[row.name] = quantity_field(row.item, row.lot)
        dress(self)
        offer_current(self.fields["target"], None)

    @property
    def lines(self) -> list[tuple[Lying, forms.BoundField]]:
        """Each part with its field."""
        return [(row, self[row.name]) for row in self.rows]

    @property
    def head(self) -> list[forms.BoundField]:
        """The fields that are said once."""
        return [self[name] for name in ("target", "on", "text")]

    @property
    def transfers(self) -> list[Transfer]:
        """What was entered."""
        given = self.cleaned_data
        return [
            Transfer(row.item, self.source, given["target"], given[row.name], row.lot)
            for row in self.rows
            if given[row.name]
        ]


def quantity_field(item: Item, lot: str = "", **options: Any) -> forms.DecimalField:
    """An optional quantity of an item, in its unit; its label is for those who do not see the table's row."""
    label = f"{item} · {lot}" if lot else str(item)
    widget = forms.NumberInput(attrs={"step": "any", "aria-label": label})
    return forms.DecimalField(
        label=label,
        max_digits=13,
        decimal_places=6,
        min_value=0,
        required=False,
        widget=widget,
        **options,
    )


class CountForm(forms.Form):
    """A new count sheet."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.all(), label=_("Warehouse"))
    on = forms.DateField(
        label=_("Date"), validators=[not_ahead], help_text=_("The differences are posted on this day.")
    )
    text = forms.CharField(label=_("Text"), max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        offer_current(self.fields["warehouse"], None)


class CountedItemForm(forms.Form):
    """An item that lies where nobody expected it."""

    item = forms.ModelChoiceField(Item.objects.filter(is_stocked=True), label=_("Item"))
    lot = forms.CharField(label=_("Batch or serial number"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        ask_lot(self)


class SheetForm(forms.Form):
    """What was found of each item on a sheet; empty is not counted yet."""

    def __init__(self, *args: Any, lines: Sequence[StockCountLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            initial = None if line.counted is None else format(line.counted.normalize(), "f")
            self.fields[f"line-{line.pk}"] = quantity_field(
                line.item, line.lot.number if line.lot else "", initial=initial
            )
        dress(self)

    @property
    def rows(self) -> list[tuple[StockCountLine, forms.BoundField]]:
        """Each line with its field."""
        return [(line, self[f"line-{line.pk}"]) for line in self.lines]

    @property
    def counted(self) -> dict[int, Decimal | None]:
        """What was entered, by the line's key."""
        return {line.pk: self.cleaned_data[f"line-{line.pk}"] for line in self.lines}
