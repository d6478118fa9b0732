"""Which orders a stack of work descriptions is for (RE-02)."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from orders.models import ServiceOrder
from servicemgmt.masterdata.models import Employee

MOST_AT_ONCE = 50


class ChoiceForm(forms.Form):
    """Orders by number, or the visits of a technician or of everybody on some days."""

    orders = forms.CharField(required=False)
    worker = forms.ModelChoiceField(Employee.objects.all(), required=False)
    to = forms.DateField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = forms.DateField(required=False)  # a word that Python keeps for itself

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("from") or given.get("to"), given.get("to") or given.get("from")
        if not given.get("orders") and not first:
            raise forms.ValidationError("orders or days")
        return given | {"from": first, "to": last}

    def chosen(self, visible: QuerySet[ServiceOrder]) -> list[ServiceOrder]:
        """The orders asked for, at most one more than may be printed; none where one of the numbers is not visible."""
        given = self.cleaned_data
        numbers = [text.strip() for text in given["orders"].split(",") if text.strip()]
        if numbers:
            found = {row.number: row for row in visible.filter(number__in=numbers[: MOST_AT_ONCE + 1])}
            return [found[n] for n in dict.fromkeys(numbers)] if set(numbers) <= set(found) else []
        rows = visible.filter(service_on__range=(given["from"], given["to"])).order_by("service_on", "pk")
        if given["worker"]:
            rows = rows.filter(assignments__worker=given["worker"])
        return list(rows[: MOST_AT_ONCE + 1])
