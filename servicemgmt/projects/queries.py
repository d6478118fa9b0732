"""Reading projects: the line property of a line, and what there is to invoice."""

from datetime import date

from django.db.models import F, Q, QuerySet

from .models import Category, LineProperty, LinePropertySetup, Project, Transaction


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
