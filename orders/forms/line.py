"""A line's form shows what its type needs and nothing else."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceObject, ServiceTask
from orders.models import ServiceOrder, ServiceOrderLine
from orders.queries.parameters import parameters
from orders.queries.related import objects_of, tasks_of
from servicemgmt.core.forms import ModelForm, offer
from servicemgmt.inventory.forms import ask_lot
from servicemgmt.projects.models import Category, LineKind
from servicemgmt.projects.validation import allowed, combinations

FIELDS: dict[str, list[str]] = {
    LineKind.HOUR: ["worker", "quantity", "executed_on", "category", "description"],
    LineKind.EXPENSE: ["description", "quantity", "cost_price", "executed_on", "category", "worker"],
    LineKind.ITEM: [
        "item",
        "quantity",
        "lot_number",
        "warehouse",
        "executed_on",
        "category",
        "worker",
        "description",
    ],
    LineKind.FEE: ["description", "quantity", "executed_on", "category"],
}
ALWAYS = ["sales_price", "discount", "line_property", "coverage_reason", "service_task", "service_object"]
QUANTITY_LABELS = {
    LineKind.HOUR: _("Hours"),
    LineKind.EXPENSE: _("Number"),
    LineKind.ITEM: _("Quantity"),
    LineKind.FEE: _("Number"),
}
OPTIONAL = {"description", "line_property", "sales_price", "cost_price", "category"}


class LineForm(ModelForm):
    """A new line of a type, or a present one. `sees_cost`: whether cost prices of hours are shown to this user."""

    service_task = forms.ModelChoiceField(ServiceTask.objects.none(), required=False, label=_("Task"))
    service_object = forms.ModelChoiceField(
        ServiceObject.objects.none(), required=False, label=_("Service object")
    )

    class Meta:
        model = ServiceOrderLine
        fields = [
            "item", "worker", "quantity", "executed_on", "cost_price", "sales_price", "discount", "category",
            "warehouse", "lot_number", "line_property", "coverage_reason", "description",
        ]  # fmt: skip

    def __init__(
        self, *args: Any, order: ServiceOrder, kind: str = "", sees_cost: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.order, self.kind = order, self.instance.kind or kind
        wanted = [*FIELDS[self.kind], *ALWAYS]
        if sees_cost and self.kind == LineKind.HOUR:
            wanted.insert(wanted.index("sales_price"), "cost_price")
        self.fields = {name: self.fields[name] for name in [*wanted, "version"]}
        if self.kind == LineKind.ITEM:
            self.fields["item"].required = True
            if line_item := self.instance.item_id:
                self.initial.setdefault("item", line_item)
            self.fields["lot_number"].widget = forms.Textarea(attrs={"rows": 2})
            ask_lot(self, lot_field="lot_number")
        if self.instance.pk:
            self.initial["sales_price"] = self.instance.listed_price
        self._offer()
        self._label()

    def _offer(self) -> None:
        """Only what this order may use (AG-08, AG-10)."""
        self._combine(Category.objects.filter(kind=self.kind, is_active=True))
        offer(self.fields["service_task"], tasks_of(self.order))
        offer(self.fields["service_object"], objects_of(self.order))
        line = self.instance
        if line.pk:
            self.initial["service_task"] = line.task_relation.service_task_id if line.task_relation else None
            self.initial["service_object"] = (
                line.object_relation.service_object_id if line.object_relation else None
            )
            return
        self.initial.setdefault("category", getattr(parameters(), f"{self.kind.lower()}_category_id"))
        if "worker" in self.fields and self.kind == LineKind.HOUR:
            lead = self.order.assignments.filter(is_lead=True).first()
            self.initial.setdefault("worker", lead.worker_id if lead else self.order.preferred_technician_id)

    def _combine(self, categories: QuerySet[Category]) -> None:
        """AG-09: only what may be chosen together on the project."""
        offered = allowed(combinations(self.order.project_id)) if self.order.project_id else allowed([])
        if offered.categories is not None:
            categories = categories.filter(Q(pk__in=offered.categories) | Q(pk=self.instance.category_id))
        offer(self.fields["category"], categories)
        if offered.workers is not None and (worker := self.fields.get("worker")):
            offer(worker, worker.queryset.filter(Q(pk__in=offered.workers) | Q(pk=self.instance.worker_id)))

    def _label(self) -> None:
        for name in OPTIONAL & set(self.fields):
            self.fields[name].required = False
        self.fields["quantity"].label = QUANTITY_LABELS[self.kind]
        currency = self.order.project.currency.code if self.order.project else ""
        self.fields["sales_price"].label = _("Sales price")
        self.fields["sales_price"].unit = currency
        self.fields["sales_price"].help_text = _("Empty: by the price search.")
        self.fields["coverage_reason"].help_text = _(
            "Needed for warranty and goodwill; the receipt shows it."
        )
        if self.kind == LineKind.EXPENSE:
            self.fields["cost_price"].label = _("What it cost")
        if self.kind == LineKind.ITEM:
            self.fields["warehouse"].empty_label = _("The van of the worker, else the main one")

    def clean(self) -> dict[str, Any]:
        """Whoever chose a tracked item is asked which piece or batch it was, once: it may be said later."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if "lot_number" in self.fields and self.add_prefix("lot_number") not in self.data:
            self.add_error(
                "lot_number",
                _("Enter which one is used, or leave it empty until it is known, and save again."),
            )
        return values

    @property
    def values(self) -> dict[str, Any]:
        """The fields for the operation; a hidden cost price is not touched."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}
