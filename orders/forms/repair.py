"""A repair line: the code lists follow their areas."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceObject
from orders.models import DiagnosisArea, DiagnosisCode, RepairLine, ServiceOrder, SymptomArea, SymptomCode
from orders.queries.related import objects_of
from servicemgmt.core.forms import ModelForm, offer


class AreaSelect(forms.Select):
    """Codes in one group per area; the page shows only those of the area chosen (repair.js)."""

    def __init__(self, area_name: str) -> None:
        super().__init__(attrs={"data-behaviour": "narrow", "data-narrow-by": area_name})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if getattr(value, "instance", None):
            option["attrs"]["data-area"] = value.instance.area_id
        return option


class RepairForm(ModelForm):
    """A new repair line of an order, or a present one."""

    service_object = forms.ModelChoiceField(ServiceObject.objects.none(), label=_("Service object"))
    symptom_area = forms.ModelChoiceField(SymptomArea.objects.all(), required=False, label=_("Symptom area"))
    diagnosis_area = forms.ModelChoiceField(
        DiagnosisArea.objects.all(), required=False, label=_("Diagnosis area")
    )

    class Meta:
        model = RepairLine
        fields = ["name", "condition", "symptom", "diagnosis", "resolution", "worker", "stage", "note"]

    field_order = [
        "service_object", "name", "condition", "symptom_area", "symptom", "diagnosis_area", "diagnosis",
        "resolution", "stage", "worker", "note",
    ]  # fmt: skip

    def __init__(self, *args: Any, order: ServiceOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["service_object"], objects_of(order))
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Empty: the symptom.")
        self.fields["note"].wide = True
        self.fields["note"].widget.attrs["rows"] = 2
        for name, area in (("symptom", "symptom_area"), ("diagnosis", "diagnosis_area")):
            field = self.fields[name]
            field.queryset = field.queryset.select_related("area")
            field.label_from_instance = coded
            field.widget = AreaSelect(area)
            field.widget.choices = field.choices
        self._show()
        own = list(order.object_relations.values_list("service_object", flat=True)[:2])
        if len(own) == 1:
            self.initial.setdefault("service_object", own[0])

    def _show(self) -> None:
        line = self.instance
        if not line.pk:
            return
        self.initial["service_object"] = line.object_relation.service_object_id
        if line.symptom:
            self.initial["symptom_area"] = line.symptom.area_id
        if line.diagnosis:
            self.initial["diagnosis_area"] = line.diagnosis.area_id

    def clean(self) -> dict[str, Any]:
        """Scenario 69: a code belongs to the area chosen."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("symptom", "diagnosis"):
            code, area = cleaned.get(name), cleaned.get(f"{name}_area")
            if code and area and code.area_id != area.pk:
                self.add_error(name, _("This code belongs to another area."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the operation."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("version", "symptom_area", "diagnosis_area")
        }


def coded(code: SymptomCode | DiagnosisCode) -> str:
    """A code with its area, for lists that show more than one area."""
    return f"{code.area.description}: {code.description}"
