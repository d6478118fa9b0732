"""The lists of subscriptions and of their fees."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet, ModelChoiceFilter

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Action, Column, ListSpec, Tab
from servicemgmt.core.models import Run
from servicemgmt.projects.lists import STATUS_TONES
from servicemgmt.projects.models import TransactionStatus

from .models import Fee, FeeKind, Subscription

#: Columns of every list of fees, here and in the reports.
SUBSCRIPTION = Column(
    "subscription__number",
    _("Subscription"),
    sort="subscription__number",
    sub=lambda row: row["subscription__name"],
    needs=["subscription__name"],
)
KIND = Column("kind", _("Kind"), sort="kind", value=lambda row: FeeKind(row["kind"]).label, needs=["kind"])
AMOUNT = Column(
    "transaction__sales_amount",
    _("Amount"),
    kind="money",
    currency="transaction__currency__code",
    sort="transaction__sales_amount",
)
STATUS = Column(
    "status",
    _("Status"),
    kind="badge",
    sort="transaction__status",
    value=lambda row: TransactionStatus(row["transaction__status"]).label,
    tone=lambda row: STATUS_TONES[row["transaction__status"]],
    needs=["transaction__status"],
)


class SubscriptionFilter(FilterSet):
    class Meta:
        model = Subscription
        fields = ["group", "project", "category", "currency"]


class FeeFilter(FilterSet):
    starts_on = DateFromToRangeFilter(label=_("Covers from"))
    run = ModelChoiceFilter(queryset=Run.objects.filter(kind="create_fees"), label=_("Run"))

    class Meta:
        model = Fee
        fields = ["subscription", "subscription__group", "kind", "transaction__status", "starts_on", "run"]


SUBSCRIPTIONS = ListSpec(
    name="subscriptions",
    title=_("Subscriptions"),
    help=_("Prepaid periodic charges on time and material projects, independent of visits."),
    columns=[
        Column("number", _("Number"), sort="number"),
        Column("name", _("Name"), sort="name"),
        Column(
            "project__name",
            _("Project"),
            sort="project__name",
            sub=lambda row: row["project__customer__name"],
            needs=["project__customer__name"],
        ),
        Column("group__description", _("Group"), sort="group__description"),
        Column("base_price", _("Base price"), sort="base_price", kind="money", currency="currency__code"),
        Column("index", _("Index"), sort="index", kind="quantity"),
        Column("starts_on", _("From"), sort="starts_on"),
        Column("ends_on", _("To"), sort="ends_on"),
        Column("is_active", _("Active"), sort="is_active"),
    ],
    default_sort="number",
    filterset=SubscriptionFilter,
    row_url=lambda row: reverse("subscriptions:subscription", args=[row["number"]]),
    create=("subscriptions:subscription_new", _("New subscription"), "subscriptions.add_subscription"),
    tabs=[
        Tab("active", _("Active"), Q(is_active=True)),
        Tab("inactive", _("Inactive"), Q(is_active=False)),
        Tab("all", _("All")),
    ],
    actions=[
        Action("subscriptions:fees_new", _("Make fees"), "calendar-plus", permission="subscriptions.add_fee"),
        Action("subscriptions:fees", _("Fees"), "list"),
    ],
    empty_title=_("No subscriptions yet"),
    empty_text=_("A subscription charges a project every period, such as a hotline or remote monitoring."),
    empty_icon="repeat",
)
FEES = ListSpec(
    name="fees",
    title=_("Subscription fees"),
    help=_("Each fee is a project transaction for the days it covers."),
    columns=[
        SUBSCRIPTION,
        Column("starts_on", _("From"), sort="starts_on"),
        Column("ends_on", _("To"), sort="ends_on"),
        KIND,
        AMOUNT,
        STATUS,
        Column("transaction__invoice__number", _("Invoice"), sort="transaction__invoice__number"),
    ],
    default_sort="-starts_on",
    filterset=FeeFilter,
    search=["subscription__number", "subscription__name"],
    row_url=lambda row: reverse("projects:transaction", args=[row["pk"]]),
    create=("subscriptions:fees_new", _("Make fees"), "subscriptions.add_fee"),
    tabs=[
        Tab("open", _("To invoice"), Q(transaction__status="POSTED", is_void=False)),
        Tab("invoiced", _("Invoiced"), Q(transaction__status="INVOICED")),
        Tab("all", _("All")),
    ],
    actions=[
        Action(
            "subscriptions:fees_invoice", _("Invoice"), "receipt", permission="projects.add_invoiceproposal"
        )
    ],
    empty_title=_("No fees here"),
    empty_text=_("Make the fees of a period; running again creates nothing twice."),
    empty_icon="repeat",
)
