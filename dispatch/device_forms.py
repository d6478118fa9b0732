"""Forms that a device may send late and more than once: each has a UUID of its own and the device's time."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import (
    Condition,
    DiagnosisCode,
    OrderObject,
    RepairStage,
    Resolution,
    ServiceOrder,
    StageReasonCode,
    SymptomCode,
)
from servicemgmt.core.forms import JSONField, dress_field
from servicemgmt.inventory.lots import numbers_in
from servicemgmt.masterdata.models import Item
from servicemgmt.projects.models import Category, LineKind


class DeviceForm(forms.Form):
    """The page is made with a fresh key; without JavaScript that one is sent, and the server's time counts.

    Whatever can be chosen stands in the page: without a net nothing can be searched for, and a technician may not.
    """

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    device_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__.removesuffix("Form").lower()
        kwargs.setdefault("auto_id", f"{name}-%s")
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
        for field in self.fields.values():
            if not isinstance(field, forms.ModelChoiceField):
                dress_field(field)

    def stamp(self, at: datetime) -> dict[str, Any]:
        """Key and device's time for the operation."""
        return {
            "key": self.cleaned_data.get("key") or uuid4(),
            "device_at": self.cleaned_data.get("device_at") or at,
        }


class PressForm(DeviceForm):
    """A press on the clock; a pause may say why."""

    to = forms.ChoiceField(
        choices=[(to, to) for to in ("TRAVELLING", "WORKING", "PAUSED", "DONE")], widget=forms.HiddenInput
    )
    reason = forms.ModelChoiceField(
        StageReasonCode.objects.filter(ended_on=None), required=False, label=_("Why")
    )


class HoursForm(DeviceForm):
    """Hours as they really were, on a planned line or as a line of their own."""

    line = forms.IntegerField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    quantity = forms.DecimalField(label=_("Hours"), min_value=0, max_value=24, decimal_places=2)
    description = forms.CharField(label=_("What was done"), max_length=250, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].widget.attrs |= {"step": "0.25", "min": "0.25"}


class PartForm(DeviceForm):
    """A part that was used. Of a tracked one in the van the choice says which: `7:SN-42`."""

    item = forms.ModelChoiceField(Item.objects.filter(ended_on=None), label=_("Part"))
    quantity = forms.DecimalField(label=_("Quantity"), initial=1, min_value=0, decimal_places=2)
    lot = forms.CharField(
        label=_("Batch or serial number"),
        max_length=2000,
        required=False,
        help_text=_("Of several pieces each serial number, with commas between."),
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        chosen, _colon, number = data.get("item", "").partition(":") if data else ("", "", "")
        if number:
            data = data.copy()
            data["item"] = chosen
            if number not in numbers_in(data.get("lot", "")):  # of several pieces it is one
                data["lot"] = number
        super().__init__(data, *args, **kwargs)


class ExpenseForm(DeviceForm):
    """Money that was spent, in the company's currency."""

    category = forms.ModelChoiceField(Category.objects.none(), label=_("Kind"))
    amount = forms.DecimalField(label=_("Amount"), min_value=0, decimal_places=2, max_digits=12)
    description = forms.CharField(label=_("What for"), max_length=250, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["category"], LineKind.EXPENSE)


class FeeForm(DeviceForm):
    """A fixed charge, such as for the call-out."""

    category = forms.ModelChoiceField(Category.objects.none(), label=_("Fee"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["category"], LineKind.FEE)


class RepairForm(DeviceForm):
    """Symptom, diagnosis and resolution of one object; the codes stand under their areas (RP-02)."""

    object_relation = forms.ModelChoiceField(OrderObject.objects.none(), label=_("Object"))
    symptom = forms.ModelChoiceField(
        SymptomCode.objects.select_related("area"), required=False, label=_("Symptom")
    )
    condition = forms.ModelChoiceField(
        Condition.objects.filter(ended_on=None), required=False, label=_("Condition")
    )
    diagnosis = forms.ModelChoiceField(
        DiagnosisCode.objects.select_related("area"), required=False, label=_("Diagnosis")
    )
    resolution = forms.ModelChoiceField(
        Resolution.objects.filter(ended_on=None), required=False, label=_("Resolution")
    )
    stage = forms.ModelChoiceField(
        RepairStage.objects.filter(ended_on=None), required=False, label=_("Repair stage")
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}), label=_("Note"))

    def __init__(self, *args: Any, order: ServiceOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relations = order.object_relations.select_related("service_object")
        field: Any = self.fields["object_relation"]
        field.queryset = relations
        if len(relations) == 1:
            self.initial.setdefault("object_relation", relations[0].pk)
        for name in ("symptom", "diagnosis"):
            by_area(self.fields[name])


class SignForm(DeviceForm):
    """The customer signs: drawn, or with the typed name, which somebody has to say on purpose."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    strokes = JSONField(required=False, widget=forms.HiddenInput)
    signer_name = forms.CharField(label=_("Name of who signs"), max_length=120)
    signer_role = forms.CharField(label=_("Role"), max_length=80, required=False)
    is_typed = forms.BooleanField(label=_("The typed name counts as the signature"), required=False)
    reason = forms.ModelChoiceField(
        StageReasonCode.objects.filter(ended_on=None), required=False, label=_("Why the deadline was missed")
    )

    def __init__(self, *args: Any, asks_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer_name"].widget.attrs["autocomplete"] = "off"
        if not asks_reason:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not values.get("strokes") and not values.get("is_typed"):
            self.add_error("is_typed", _("Sign on the pad, or tick that the typed name counts."))
        return values


def offer(field: Any, kind: str) -> None:
    """The categories of the kind that are still offered; a single one is chosen already."""
    field.queryset = Category.objects.filter(kind=kind, ended_on=None).order_by("description")
    only = list(field.queryset[:2])
    if len(only) == 1:
        field.initial = only[0].pk
        field.empty_label = None


def by_area(field: Any) -> None:
    """Codes under the heading of their area, so that one list does without a second one that follows."""
    groups: dict[str, list[tuple[Any, str]]] = {}
    for code in field.queryset.filter(ended_on=None).order_by("area__description", "description"):
        groups.setdefault(code.area.description, []).append((code.pk, code.description))
    field.choices = [("", "—"), *groups.items()]
