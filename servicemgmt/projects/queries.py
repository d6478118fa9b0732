"""Reading projects: the line property of a line, and what there is to invoice."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce

from servicemgmt.core.documents import kept_document
from servicemgmt.core.models import Attachment
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.queries import MONEY, home_currency

from .billing.grouping import Method
from .models import (
    Category,
    Coverage,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceProposal,
    InvoiceQuerySet,
    LineProperty,
    LinePropertySetup,
    Project,
    ProposalLine,
    ProposalQuerySet,
    ProposalStatus,
    Transaction,
    TransactionQuerySet,
    TransactionStatus,
)


def line_property_for(project: Project, category: Category) -> LineProperty:
    """PR-11: the line property of a line. This project's rows go before its group's, those before the general ones;

    inside, a row for the category before one for all. Where none fits, the project's own line property.
    """
    rows = (
        LinePropertySetup.objects.filter(Q(category=category) | Q(category__isnull=True))
        .filter(Q(project=project) | Q(group=project.group_id) | Q(project__isnull=True, group__isnull=True))
        .order_by(
            F("project").asc(nulls_last=True),
            F("group").asc(nulls_last=True),
            F("category").asc(nulls_last=True),
        )
        .select_related("line_property")
    )
    found = rows.first()
    return found.line_property if found else project.line_property


def shares_currency(one: Project | None, other: Project | None) -> bool:
    """Whether a price means the same on both; without a project there is no currency yet, and any price suits."""
    return one is None or other is None or one.currency_id == other.currency_id


#: What of the work is wanted (PR-13), and how it is asked for: days of the work, both inclusive; keys; codes. The
#: customer is who is invoiced.
WANTED = {
    "since": "executed_on__gte",
    "until": "executed_on__lte",
    "project": "project",
    "customer": "project__invoice_customer",
    "source": "source",
    "kinds": "kind__in",
}


def work_to_invoice(**wanted: Any) -> QuerySet[Transaction]:
    """PR-13: charged, posted work in no proposal; `wanted` as WANTED names it, what is empty asks for nothing."""
    return _narrowed(Transaction.objects.to_invoice(), wanted)


def work_to_credit(**wanted: Any) -> QuerySet[Transaction]:
    """PR-15: work that is selected for a credit note and in no draft credit yet; `wanted` as of `work_to_invoice`."""
    held = ProposalLine.objects.filter(
        transaction=OuterRef("pk"), credits__isnull=False, proposal__status=ProposalStatus.DRAFT
    )
    rows = Transaction.objects.filter(status=TransactionStatus.SELECTED_FOR_CREDIT)
    return _narrowed(rows.exclude(Exists(held)), wanted)


def has_work_of(project: Project, line: type[InvoiceLine] | type[ProposalLine]) -> Exists:
    """The condition that work of a project stands on an invoice or a proposal, be it beside that of others."""
    document = "invoice" if line is InvoiceLine else "proposal"
    return Exists(line._default_manager.filter(transaction__project=project, **{document: OuterRef("pk")}))


def chosen_work(parameters: Mapping[str, Any]) -> QuerySet[Transaction]:
    """The work to invoice that a run of proposals with these parameters takes; its preview shows the same."""
    if parameters.get("method") == Method.CREDIT_NOTES:
        return Transaction.objects.none()
    return work_to_invoice(**_wanted_by(parameters))


def chosen_credits(parameters: Mapping[str, Any]) -> QuerySet[Transaction]:
    """The work to give back that a run of proposals takes."""
    if parameters.get("method") == Method.INVOICES:
        return Transaction.objects.none()
    return work_to_credit(**_wanted_by(parameters))


def _wanted_by(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters.get(name) for name in WANTED}


def _narrowed(rows: QuerySet[Transaction], wanted: Mapping[str, Any]) -> QuerySet[Transaction]:
    return rows.filter(**{WANTED[name]: value for name, value in wanted.items() if value})


def transactions_listed() -> TransactionQuerySet:
    """All transactions with `cost_code`, the ISO code their cost is in."""
    rows: TransactionQuerySet = Transaction.objects.annotate(
        cost_code=Coalesce("cost_currency__code", Value(home_currency()))
    )
    return rows


def proposals_listed() -> ProposalQuerySet:
    """All proposals with how many lines they have and what they come to."""
    lines = ProposalLine.objects.filter(proposal=OuterRef("pk")).order_by().values("proposal")
    rows: ProposalQuerySet = InvoiceProposal.objects.annotate(
        line_count=Coalesce(Subquery(lines.annotate(n=Count("pk")).values("n")), 0),
        net=Coalesce(Subquery(lines.annotate(total=Sum("net")).values("total")), ZERO, output_field=MONEY),
    )
    return rows


def invoices_listed() -> InvoiceQuerySet:
    """All invoices with the numbers of the credit notes that took them back, and the company's currency."""
    notes = Invoice.objects.filter(credits=OuterRef("pk")).order_by("pk").values("number")
    numbers = Func(ArraySubquery(notes), Value(", "), function="array_to_string", output_field=TextField())
    rows: InvoiceQuerySet = Invoice.objects.annotate(credited_by=numbers, home=Value(home_currency()))
    return rows


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """What a project came to: cost in company currency (without imported history in another), the rest in its own."""

    cost: Decimal
    to_invoice: Decimal
    invoiced: Decimal
    covered: Decimal


def figures_of(project: Project) -> ProjectFigures:
    """The sums over a project's transactions and invoice lines."""
    rows = Transaction.objects.filter(project=project)
    charged = Q(
        coverage=Coverage.CHARGED, status__in=[TransactionStatus.POSTED, TransactionStatus.IN_PROPOSAL]
    )
    sums = rows.aggregate(
        cost=Sum("cost_amount", filter=Q(cost_currency__isnull=True), default=ZERO),
        to_invoice=Sum("sales_amount", filter=charged & Q(currency=project.currency_id), default=ZERO),
        covered=Sum("covered_amount", filter=Q(currency=project.currency_id), default=ZERO),
    )
    lines = InvoiceLine.objects.filter(transaction__project=project, invoice__currency=project.currency_id)
    invoiced: Decimal = lines.aggregate(net=Sum("net", default=ZERO))["net"]
    return ProjectFigures(sums["cost"], sums["to_invoice"], invoiced, sums["covered"])


def documents_behind(invoice: Invoice) -> list[tuple[str, str]]:
    """(subject, label) of what the invoiced work comes from: orders and subscriptions, once each, in order."""
    rows = (
        invoice.lines.filter(transaction__voucher__isnull=False)
        .exclude(transaction__voucher__subject="")
        .exclude(transaction__voucher__subject__startswith="invoiceproposal:")
        .order_by("transaction__voucher__subject_label")
        .values_list("transaction__voucher__subject", "transaction__voucher__subject_label")
        .distinct()
    )
    return list(rows)


def newer_invoices(invoice: Invoice) -> list[str]:
    """Numbers of later invoices of the same project (billing-rules 61): whoever credits an older one shall know."""
    later = Invoice.objects.filter(
        customer=invoice.customer_id,
        project=invoice.project_id,
        kind=InvoiceKind.INVOICE,
        invoice_date__gte=invoice.invoice_date,
    )
    return list(later.filter(pk__gt=invoice.pk).order_by("pk").values_list("number", flat=True)[:8])


def pdf_of(invoice: Invoice) -> Attachment | None:
    """The archived PDF of a posted invoice, once there is one."""
    return kept_document(invoice, invoice.pdf_name)
