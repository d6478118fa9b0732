"""Reading projects: the line property of a line, and what there is to invoice."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Func, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce

from servicemgmt.core.documents import kept_document
from servicemgmt.core.models import Attachment
from servicemgmt.core.money import ZERO
from servicemgmt.ledger.queries import MONEY, home_currency

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


def work_to_invoice(
    *, until: date | None = None, project: int | None = None, customer: int | None = None, source: str = ""
) -> QuerySet[Transaction]:
    """PR-13: charged, posted work in no proposal, done up to `until` (inclusive); `customer` is who is invoiced."""
    rows: QuerySet[Transaction] = Transaction.objects.to_invoice()
    if until:
        rows = rows.filter(executed_on__lte=until)
    if project:
        rows = rows.filter(project=project)
    if customer:
        rows = rows.filter(project__invoice_customer=customer)
    return rows.filter(source=source) if source else rows


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


@dataclass(frozen=True, slots=True)
class WorkOfProject:
    """A line of the preview of proposals: what a project would be invoiced for."""

    project: Project
    currency: str
    count: int
    net: Decimal


def preview_of(work: QuerySet[Transaction]) -> list[WorkOfProject]:
    """What proposals for this work would hold, by project and currency; the same work a run takes."""
    sums = (
        work.order_by("project__invoice_customer__name", "project__number")
        .values("project", "currency__code", "project__number", "project__invoice_customer__name")
        .annotate(count=Count("pk"), net=Sum("sales_amount"))
    )
    found = list(sums)
    projects = Project.objects.select_related("invoice_customer").in_bulk([row["project"] for row in found])
    return [
        WorkOfProject(projects[row["project"]], row["currency__code"], row["count"], row["net"])
        for row in found
    ]


def documents_behind(invoice: Invoice) -> list[tuple[str, str]]:
    """(subject, label) of what the invoiced work comes from: orders and subscriptions, once each, in order."""
    rows = (
        invoice.lines.filter(transaction__voucher__isnull=False)
        .exclude(transaction__voucher__subject="")
        .order_by("transaction__voucher__subject_label")
        .values_list("transaction__voucher__subject", "transaction__voucher__subject_label")
        .distinct()
    )
    return list(rows)


def newer_invoices(invoice: Invoice) -> list[str]:
    """Numbers of later invoices of the same project (billing-rules 61): whoever credits an older one shall know."""
    later = Invoice.objects.filter(
        project=invoice.project_id, kind=InvoiceKind.INVOICE, invoice_date__gte=invoice.invoice_date
    )
    return list(later.filter(pk__gt=invoice.pk).order_by("pk").values_list("number", flat=True)[:8])


def pdf_of(invoice: Invoice) -> Attachment | None:
    """The archived PDF of a posted invoice, once there is one."""
    return kept_document(invoice, invoice.pdf_name)
