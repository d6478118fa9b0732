"""Which work goes on one invoice (PR-13): never two customers or currencies, and inside by the customer's rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, TextChoices
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.money import ZERO
from servicemgmt.masterdata.models import InvoiceGrouping

from ..models import InvoiceLine, Transaction


class Method(TextChoices):
    """PR-13: what a run of proposals makes."""

    BOTH = "BOTH", _("Invoices and credit notes")
    INVOICES = "INVOICES", _("Invoices")
    CREDIT_NOTES = "CREDITS", _("Credit notes")


#: What the rules look at, by its name in a row of `facts_of`.
FACTS = {
    "payer": F("project__invoice_customer"),
    "rule": F("project__invoice_customer__one_invoice_per"),
    "money": F("currency"),
    "of_project": F("project"),
    "of_site": F("site"),
    "site_of_project": F("project__site"),
    "agreement": F("agreement_number"),
    "purchase_order": F("project__purchase_order"),
}

type Facts = Mapping[str, Any]


def group_key(facts: Facts, grouping: str = "") -> str:
    """What transactions of one invoice have in common; `grouping` goes before the customer's own rule.

    Work without an agreement, a site or an order number of the customer goes by its project.
    """
    rule = grouping or facts["rule"]
    project = f"P{facts['of_project']}"
    site = facts["of_site"] or facts["site_of_project"]
    common = {
        InvoiceGrouping.CUSTOMER: "",
        InvoiceGrouping.PROJECT: project,
        InvoiceGrouping.SITE: f"S{site}" if site else project,
        InvoiceGrouping.AGREEMENT: f"A{facts['agreement']}" if facts["agreement"] else project,
        InvoiceGrouping.PURCHASE_ORDER: f"O{facts['purchase_order']}" if facts["purchase_order"] else project,
    }[InvoiceGrouping(str(rule))]
    return f"{facts['payer']}/{facts['money']}/{common}"


def groups_of(work: QuerySet[Transaction], grouping: str = "") -> dict[str, list[int]]:
    """The transactions of each invoice to be, by the group; both in rising order."""
    groups: dict[str, list[int]] = {}
    for row in work.order_by("pk").values("pk", **FACTS):
        groups.setdefault(group_key(row, grouping), []).append(row["pk"])
    return dict(sorted(groups.items()))


@dataclass(slots=True)
class Expected:
    """A line of the preview: a proposal that a run would make."""

    customer: str
    currency: str
    is_credit: bool = False
    projects: set[str] = field(default_factory=set)
    count: int = 0
    net: Decimal = ZERO

    @property
    def names(self) -> str:
        return ", ".join(sorted(self.projects))


def expected_invoices(work: QuerySet[Transaction], grouping: str = "") -> list[Expected]:
    """What proposals for this work would hold; the same groups that a run makes."""
    rows = _sums(work)
    found: dict[str, Expected] = {}
    for row in rows:
        _add(found.setdefault(group_key(row, grouping), Expected(row["name"], row["code"])), row)
    return sorted(found.values(), key=lambda row: (row.customer, row.names))


def expected_credits(work: QuerySet[Transaction]) -> list[Expected]:
    """What credit notes for selected work would take back: one per invoice, what was invoiced for the work less what
    earlier credit notes gave back of it; the lines that a run takes."""
    back = InvoiceLine.objects.filter(credits=OuterRef("pk")).order_by().values("credits")
    lines = InvoiceLine.objects.filter(transaction__in=work, invoice=F("transaction__invoice"))
    lines = lines.alias(back=Subquery(back.annotate(total=Sum("net")).values("total")))
    lines = lines.alias(left=F("net") + Coalesce("back", ZERO)).filter(Q(back=None) | ~Q(left=0))
    rows = lines.order_by().values(
        "invoice",
        payer=F("transaction__project__invoice_customer"),
        name=F("invoice__customer__name"),
        code=F("invoice__currency__code"),
        project_number=F("transaction__project__number"),
    )
    found: dict[object, Expected] = {}
    for row in rows.annotate(count=Count("pk"), net=Sum("left")):
        document = Expected(row["name"], row["code"], is_credit=True)
        _add(found.setdefault((row["payer"], row["invoice"]), document), row)
    return sorted(found.values(), key=lambda row: (row.customer, row.names))


def _sums(work: QuerySet[Transaction]) -> list[dict[str, Any]]:
    names = {"name": F("project__invoice_customer__name"), "code": F("currency__code")}
    rows = work.order_by().values(**FACTS, **names, project_number=F("project__number"))
    return [dict(row) for row in rows.annotate(count=Count("pk"), net=Sum("sales_amount"))]


def _add(found: Expected, row: Facts) -> None:
    found.projects.add(row["project_number"])
    found.count += row["count"]
    found.net += -row["net"] if found.is_credit else row["net"]
