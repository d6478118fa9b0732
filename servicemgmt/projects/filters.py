from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import (
    ChoiceFilter,
    DateFilter,
    FilterSet,
    ModelChoiceFilter,
    NumberFilter,
)

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.masterdata.models import Customer, Employee

from .models import (
    Category,
    Coverage,
    CustomerItem,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceProposal,
    ItemKind,
    LineKind,
    Payment,
    PaymentMethod,
    Project,
    ProjectGroup,
    ProjectKind,
    ProposalLine,
    Reminder,
    ReminderLevel,
    Transaction,
    TransactionQuerySet,
    TransactionSource,
    TransactionStatus,
)
from .queries import has_work_of


class ProjectFilter(FilterSet):
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    group = ModelChoiceFilter(label=_("Group"), queryset=ProjectGroup.objects.all())
    kind = ChoiceFilter(label=_("Type"), choices=ProjectKind.choices)

    class Meta:
        model = Project
        fields: list[str] = []


class TransactionFilter(FilterSet):
    executed_on = DateFromToRangeFilter(label=_("Project date"))
    project = ModelChoiceFilter(label=_("Project"), queryset=Project.objects.all())
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    kind = ChoiceFilter(label=_("Type"), choices=LineKind.choices)
    category = ModelChoiceFilter(label=_("Category"), queryset=Category.objects.all())
    worker = ModelChoiceFilter(label=_("Worker"), queryset=Employee.objects.all())
    coverage = ChoiceFilter(label=_("Coverage"), choices=Coverage.choices)
    status = ChoiceFilter(label=_("Status"), choices=TransactionStatus.choices)
    source = ChoiceFilter(label=_("Source"), choices=TransactionSource.choices)
    only = ChoiceFilter(
        label=_("Only"),
        choices=[("standing", _("Work that was not taken back"))],
        method="those",
        help_text=_("Without what is invoiced on account: as budget and statement count."),
    )

    class Meta:
        model = Transaction
        fields: list[str] = []

    def those(self, rows: TransactionQuerySet, name: str, value: str) -> TransactionQuerySet:
        return rows.standing()


class ProposalFilter(FilterSet):
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    project = ModelChoiceFilter(label=_("Project"), queryset=Project.objects.all(), method="has_work")
    invoice_date = DateFromToRangeFilter(label=_("Invoice date"))
    run = NumberFilter(label=_("Run"), field_name="run_id")

    class Meta:
        model = InvoiceProposal
        fields: list[str] = []

    def has_work(self, rows: QuerySet[Any], name: str, project: Project) -> QuerySet[Any]:
        return rows.filter(has_work_of(project, ProposalLine))


class InvoiceFilter(FilterSet):
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    project = ModelChoiceFilter(label=_("Project"), queryset=Project.objects.all(), method="has_work")
    kind = ChoiceFilter(label=_("Kind"), choices=InvoiceKind.choices)
    invoice_date = DateFromToRangeFilter(label=_("Date"))
    run = NumberFilter(label=_("Run"), field_name="run_id")

    class Meta:
        model = Invoice
        fields: list[str] = []

    def has_work(self, rows: QuerySet[Any], name: str, project: Project) -> QuerySet[Any]:
        return rows.filter(has_work_of(project, InvoiceLine))


class PaymentFilter(FilterSet):
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    method = ModelChoiceFilter(label=_("Payment method"), queryset=PaymentMethod.objects.all())
    paid_on = DateFromToRangeFilter(label=_("Paid on"))

    class Meta:
        model = Payment
        fields: list[str] = []


class OpenItemFilter(FilterSet):
    as_of = DateFilter(label=_("As of"), method="keep")
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    kind = ChoiceFilter(label=_("Kind"), choices=ItemKind.choices)
    due_on = DateFromToRangeFilter(label=_("Due"))

    class Meta:
        model = CustomerItem
        fields: list[str] = []

    def keep(self, rows: Any, name: str, value: Any) -> Any:
        """The day is applied before, where the amounts of that day are reckoned."""
        return rows


class OpeningItemFilter(FilterSet):
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    due_on = DateFromToRangeFilter(label=_("Due"))

    class Meta:
        model = CustomerItem
        fields: list[str] = []


class ReminderFilter(FilterSet):
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    level = ModelChoiceFilter(label=_("Level"), queryset=ReminderLevel.objects.all())
    on = DateFromToRangeFilter(label=_("Date"))
    run = NumberFilter(label=_("Run"), field_name="run_id")

    class Meta:
        model = Reminder
        fields: list[str] = []
