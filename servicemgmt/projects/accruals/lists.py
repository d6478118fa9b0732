"""The lists of accrual slices and of what was posted, and what the trail calls what is done with them."""

from typing import Any

from django.db.models import F, Model, Q, QuerySet, Sum, Value
from django.db.models.functions import Now, TruncDate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, FilterSet, ModelChoiceFilter, MultipleChoiceFilter, NumberFilter

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Action, Column, ListSpec, Tab
from servicemgmt.core.money import ZERO
from servicemgmt.core.trail import name_actions
from servicemgmt.ledger.queries import home_currency
from servicemgmt.masterdata.models import Customer

from ..models import (
    AccrualKind,
    AccrualPosting,
    AccrualPostingQuerySet,
    AccrualRule,
    AccrualSlice,
    Project,
    SliceQuerySet,
    SliceStatus,
)

SLICE_TONES: dict[str, str] = {
    SliceStatus.OPEN: "blue",
    SliceStatus.POSTED: "green",
    SliceStatus.NOTHING: "gray",
    SliceStatus.CANCELLED: "orange",
}

KIND_TONES: dict[str, str] = {
    AccrualKind.DEFERRED: "blue",
    AccrualKind.RECOGNISED: "green",
    AccrualKind.REVERSED: "orange",
    AccrualKind.CREDITED: "purple",
}


class WhoseFilter(FilterSet):
    """What slices and their postings have in common."""

    posted_on = DateFromToRangeFilter(label=_("Recognised on"), field_name="voucher__posted_on")
    customer = ModelChoiceFilter(
        label=_("Customer"), queryset=Customer.objects.all(), field_name="line__invoice__customer"
    )
    project = ModelChoiceFilter(
        label=_("Project"), queryset=Project.objects.all(), field_name="transaction__project"
    )
    agreement = CharFilter(label=_("Service agreement"), field_name="transaction__agreement_number")


class SliceFilter(WhoseFilter):
    ends_on = DateFromToRangeFilter(label=_("Ends"))
    rule = ModelChoiceFilter(label=_("Accrual rule"), queryset=AccrualRule.objects.all())
    run = NumberFilter(label=_("Run"), method="of_run")

    class Meta:
        model = AccrualSlice
        fields: list[str] = []

    def of_run(self, rows: QuerySet[Any], name: str, run: Any) -> QuerySet[Any]:
        return rows.filter(voucher__subject=f"run:{run}")


class PostingFilter(WhoseFilter):
    posted_on = DateFromToRangeFilter(label=_("Date"), field_name="voucher__posted_on")
    kind = MultipleChoiceFilter(label=_("Kind"), choices=AccrualKind.choices)

    class Meta:
        model = AccrualPosting
        fields: list[str] = []


def slices_listed() -> SliceQuerySet:
    """All slices with the company's currency (`home`)."""
    rows: SliceQuerySet = AccrualSlice.objects.annotate(home=Value(home_currency()))
    return rows


def postings_listed() -> AccrualPostingQuerySet:
    """All postings of deferred revenue with the company's currency (`home`)."""
    rows: AccrualPostingQuerySet = AccrualPosting.objects.annotate(home=Value(home_currency()))
    return rows


def total_of(rows: QuerySet[Model]) -> dict[str, Any]:
    """What the listed rows come to in company currency."""
    total = rows.aggregate(sum=Sum("company_amount", default=ZERO))["sum"]
    return {"company_amount": total, "home": home_currency()}


def voucher_url(row: dict[str, Any]) -> str:
    number = row["voucher__number"]
    return reverse("ledger:voucher", args=[number]) if number else ""


#: Over by the company's day, and waiting.
DUE = Q(status=SliceStatus.OPEN, ends_on__lt=TruncDate(Now()))

FEE = Column(
    "text",
    _("Fee"),
    value=lambda row: row["transaction__text"] or row["transaction__category__description"],
    needs=[
        "transaction",
        "transaction__text",
        "transaction__category__description",
        "line__invoice__customer__name",
    ],
    sub=lambda row: row["line__invoice__customer__name"],
    href=lambda row: reverse("projects:accruals_of", args=[row["transaction"]]),
)
WHOSE = [
    Column("line__invoice__customer__name", _("Customer"), only_export=True),
    Column("transaction__project__number", _("Project"), only_export=True),
    Column("transaction__agreement_number", _("Service agreement"), only_export=True),
]
INVOICE = Column(
    "line__invoice__number",
    _("Invoice"),
    href=lambda row: reverse("projects:invoice", args=[row["line__invoice__number"]]),
)
AMOUNTS = [
    Column("amount", _("Amount"), kind="money", currency="transaction__currency__code", sort="amount"),
    Column("company_amount", _("In company currency"), kind="money", currency="home"),
]
VOUCHER = Column("voucher__number", _("Voucher"), kind="link", href=voucher_url)

SLICES = ListSpec(
    name="accruals",
    title=_("Accruals"),
    help=_(
        "Invoiced revenue by the days it is earned in. It waits on a balance account until it is recognised."
    ),
    columns=[
        FEE,
        *WHOSE,
        INVOICE,
        Column("starts_on", _("From"), sort="starts_on"),
        Column("ends_on", _("To"), sort="ends_on"),
        *AMOUNTS,
        Column("status", _("Status"), kind="badge", tone=lambda row: SLICE_TONES[row["status"]]),
        Column("voucher__posted_on", _("Recognised on"), sort="voucher__posted_on"),
        VOUCHER,
        Column("rule__description", _("Accrual rule"), only_export=True),
    ],
    default_sort="ends_on",
    needs=["status", "home"],
    filterset=SliceFilter,
    totals=total_of,
    tabs=[
        Tab("waiting", _("To be recognised"), Q(status=SliceStatus.OPEN)),
        Tab("due", _("Due"), DUE),
        Tab("recognised", _("Recognised"), Q(status=SliceStatus.POSTED)),
        Tab("moved", _("In a later month"), Q(voucher__posted_on__gt=F("ends_on"))),
        Tab("all", _("All")),
    ],
    actions=[
        Action("projects:accrue", _("Recognise"), "calendar-check", permission="projects.add_accrualposting"),
        Action("projects:roll_forward", _("Roll-forward"), "table", permission="projects.view_accrualslice"),
    ],
    bulk_actions=[
        Action(
            "projects:accruals_reverse",
            _("Take back"),
            "undo-2",
            confirm=_("Take back what was recognised of the ticked slices, dated today?"),
            permission="projects.add_accrualposting",
        )
    ],
    empty_title=_("No revenue waits here"),
    empty_text=_(
        "Give a subscription group an accrual rule; posting an invoice with its fees makes their slices."
    ),
    empty_icon="calendar-range",
)

POSTINGS = ListSpec(
    name="accrual-postings",
    title=_("Postings of deferred revenue"),
    help=_(
        "What every voucher added to deferred revenue, and what it took: the figures of the roll-forward."
    ),
    columns=[
        Column("voucher__posted_on", _("Date"), sort="voucher__posted_on"),
        FEE,
        *WHOSE,
        INVOICE,
        Column("kind", _("Kind"), kind="badge", tone=lambda row: KIND_TONES[row["kind"]]),
        Column("meant_on", _("Meant for"), sort="meant_on"),
        *AMOUNTS,
        VOUCHER,
    ],
    default_sort="-voucher__posted_on",
    needs=["kind", "home"],
    filterset=PostingFilter,
    totals=total_of,
    actions=[
        Action("projects:roll_forward", _("Roll-forward"), "table", permission="projects.view_accrualslice"),
    ],
    empty_title=_("Nothing was posted"),
    empty_text=_("Invoices with an accrual rule put revenue here until it is recognised."),
    empty_icon="book-open",
)

name_actions(
    {
        "accruals_reversed": _("Recognised revenue taken back"),
        "accruals_deleted": _("Completed slices deleted"),
    }
)
