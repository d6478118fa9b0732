"""AG-08: the form of a line shows what its type needs, nothing else."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.models import DueFrom, ServiceAgreement, ServiceAgreementLine
from agreements.queries import terminated_workers
from servicemgmt.core.display import moment, unit_price
from servicemgmt.core.errors import Sentence
from servicemgmt.core.forms import ModelForm, SearchSelect, offer
from servicemgmt.masterdata.models import Employee
from servicemgmt.projects.models import Category, LineKind
from servicemgmt.projects.validation import allowed, combinations

from .agreement import offered_slas

WHAT: dict[str, list[str]] = {
    LineKind.HOUR: ["description", "category", "quantity", "worker"],
    LineKind.EXPENSE: ["description", "category", "quantity", "worker"],
    LineKind.ITEM: ["item", "description", "category", "quantity", "unit", "item_setup"],
    LineKind.FEE: ["description", "category", "quantity", "worker"],
}
PRICES: dict[str, list[str]] = {
    LineKind.HOUR: ["line_property", "sales_price"],
    LineKind.EXPENSE: ["line_property", "cost_price", "sales_price"],
    LineKind.ITEM: ["line_property", "sales_price"],
    LineKind.FEE: ["line_property", "sales_price"],
}
WHERE = ["object_relation", "task_relation", "site"]
WHEN = ["start_date", "end_date", "interval", "due_from", "time_window", "visit_from", "visit_until"]
QUANTITY_LABELS = {LineKind.HOUR: _("Hours"), LineKind.ITEM: _("Quantity")}


def layout(kind: str) -> list[tuple[Sentence, list[str]]]:
    """The fieldsets of the form for a line of the type."""
    return [
        (_("What"), WHAT[kind]),
        (_("On what"), WHERE),
        (_("When"), WHEN),
        (_("Prices and promises"), [*PRICES[kind], "sla"]),
        (_("Note"), ["details"]),
    ]


class LineForm(ModelForm):
    """One line of an agreement, of a type that is settled. Only related objects and tasks are offered (AG-10)."""

    class Meta:
        model = ServiceAgreementLine
        fields = [
            "item", "description", "category", "quantity", "unit", "item_setup", "worker", *WHERE, *WHEN,
            "line_property", "cost_price", "sales_price", "sla", "details",
        ]  # fmt: skip

    def __init__(self, *args: Any, agreement: ServiceAgreement, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreement, self.kind = agreement, kind
        used = {name for _legend, names in layout(kind) for name in names} | {"version"}
        for name in [name for name in self.fields if name not in used]:
            del self.fields[name]
        self._narrow()
        self._explain()

    def _narrow(self) -> None:
        """Offer what fits: categories of the type that are active, related objects and tasks, sites of the customer."""
        chosen = self.instance
        fitting = Q(kind=self.kind, is_active=True) | Q(pk=chosen.category_id)
        offer(self.fields["category"], Category.objects.filter(fitting))
        self._combine()
        self.fields["object_relation"].queryset = self.agreement.object_relations.select_related(
            "service_object"
        )
        self.fields["task_relation"].queryset = self.agreement.task_relations.select_related("service_task")
        self.fields["sla"].queryset = offered_slas(chosen.sla_id)
        if self.agreement.is_template:
            del self.fields["site"], self.fields["line_property"]
        elif isinstance(self.fields["site"].widget, SearchSelect):
            self.fields["site"].widget.narrow = {"customer": self.agreement.customer_id}
        if chosen._state.adding:
            self.fields["start_date"].initial = self.agreement.start_date

    def _combine(self) -> None:
        """AG-09: only what may be chosen together on the project; who left only where the parameters say so."""
        chosen, offered = self.instance, allowed(combinations(self.agreement.project_id))
        category, worker = self.fields["category"], self.fields.get("worker")
        if offered.categories is not None:
            category.queryset = category.queryset.filter(
                Q(pk__in=offered.categories) | Q(pk=chosen.category_id)
            )
        if worker is None:
            return
        if terminated_workers():
            worker.queryset = Employee.objects.all()
        if offered.workers is not None:
            offer(worker, worker.queryset.filter(Q(pk__in=offered.workers) | Q(pk=chosen.worker_id)))

    def _explain(self) -> None:
        self.fields["quantity"].label = QUANTITY_LABELS.get(self.kind, _("Quantity"))
        self.fields["start_date"].help_text = _("The interval counts from this day.")
        self.fields["due_from"].required = False
        self.fields["due_from"].help_text = _(
            "From the last visit done: one visit is open at a time, and the next is due an interval after it was done."
        )
        self.fields["end_date"].help_text = _("Empty: as long as the agreement.")
        if "site" in self.fields:
            self.fields["site"].help_text = _("Empty: where the object stands, else the project's.")
            self.fields["line_property"].help_text = _("Empty: as the project says.")
        if "item" in self.fields:
            self.fields["item"].required = True
            self.fields["description"].required = False
        prices = [] if self.instance._state.adding else list(self.instance.prices.all())
        if prices and "sales_price" in self.fields:
            self.fields["sales_price"].help_text = " ".join(
                _("From %(day)s on %(price)s counts, by a price adjustment.")
                % {"day": moment(row.valid_from), "price": unit_price(row.price)}
                for row in prices
            )
        if "unit" in self.fields:
            self.fields["unit"].help_text = _("Empty: the item's; nothing converts from another.")

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        return [
            {"legend": legend, "fields": [self[name] for name in names if name in self.fields]}
            for legend, names in layout(self.kind)
        ]

    def clean_due_from(self) -> str:
        return self.cleaned_data["due_from"] or DueFrom.PLAN

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "item" in self.fields and not cleaned.get("description") and cleaned.get("item"):
            cleaned["description"] = cleaned["item"].name
        return cleaned

    def _post_clean(self) -> None:
        """The operation decides; here only what was typed is read."""
