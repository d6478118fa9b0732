"""The list of loans, and how one stands on a day."""

from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet, ModelChoiceFilter

from agreements.models import ServiceObject, ServiceObjectGroup
from orders.models import Loan, ServiceOrder
from servicemgmt.core.errors import Sentence
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec, Row, Tab
from servicemgmt.masterdata.models import Customer, Site

#: For how long something is lent unless somebody says otherwise.
USUAL = timedelta(days=14)
OPEN = Q(returned_on__isnull=True)


def overdue(on: date) -> Q:
    """What should have been back before the day."""
    return OPEN & Q(due_on__lt=on)


def state_of(due_on: date, returned_on: date | None, on: date) -> tuple[Sentence, str]:
    """How a loan stands on the day, and the tone of its badge."""
    if returned_on:
        return _("Returned"), "gray"
    return (_("Overdue"), "red") if due_on < on else (_("Lent"), "blue")


class LoanFilter(FilterSet):
    """Loans by what is lent, to whom and when."""

    service_object = ModelChoiceFilter(
        label=_("Loaner"), queryset=ServiceObject.objects.filter(is_loaner=True)
    )
    service_object__group = ModelChoiceFilter(label=_("Group"), queryset=ServiceObjectGroup.objects.all())
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    site = ModelChoiceFilter(label=_("Site"), queryset=Site.objects.all())
    order = ModelChoiceFilter(label=_("Service order"), queryset=ServiceOrder.objects.all())
    lent_on = DateFromToRangeFilter(label=_("Lent on"))
    due_on = DateFromToRangeFilter(label=_("Due back"))

    class Meta:
        model = Loan
        fields: list[str] = []


def object_url(row: Row) -> str:
    return reverse("agreements:object", args=[row["service_object__number"]])


def order_url(row: Row) -> str:
    return reverse("orders:order", args=[row["order__number"]]) if row["order__number"] else ""


LOANS = ListSpec(
    name="loans",
    title=_("Loans"),
    help=_("Objects of ours that customers have while theirs are repaired, and when they are due back."),
    columns=[
        Column(
            "service_object__description",
            _("Loaner"),
            sort="service_object__description",
            kind="link",
            sub=lambda row: row["service_object__number"],
            export=lambda row: f"{row['service_object__number']} {row['service_object__description']}",
            needs=["service_object__number"],
        ),
        Column("service_object__serial_number", _("Serial number"), only_export=True),
        Column(
            "customer__name",
            _("Customer"),
            sort="customer__name",
            sub=lambda row: row["site__name"],
            needs=["site__name"],
        ),
        Column("site__name", _("Site"), only_export=True),
        Column("stands_in_for__number", _("Stands in for"), sort="stands_in_for__number"),
        Column("order__number", _("Service order"), sort="order__number", kind="link", href=order_url),
        Column("lent_on", _("Lent on"), sort="lent_on"),
        Column("due_on", _("Due back"), sort="due_on"),
        Column("returned_on", _("Returned on"), sort="returned_on"),
        Column("condition_lent", _("Condition when lent"), only_export=True),
        Column("condition_returned", _("Condition when returned"), only_export=True),
        Column("lent_by__name", _("Lent by"), only_export=True),
    ],
    default_sort="due_on",
    filterset=LoanFilter,
    row_url=lambda row: reverse("orders:loan", args=[row["pk"]]),
    create=("orders:loan_new", _("Lend"), "orders.add_loan"),
    create_keeps=["service_object", "customer"],
    tab_counts=True,
    empty_title=_("Nothing is lent"),
    empty_text=_(
        "Tick “may be lent” on a service object of the company, then lend it here or from an order while the "
        "customer’s own is repaired."
    ),
    empty_icon="handshake",
)


def loans_spec(on: date) -> ListSpec:
    """The list as of that day: what is overdue depends on it."""
    tabs = [
        Tab("open", _("Lent"), OPEN),
        Tab("overdue", _("Overdue"), overdue(on)),
        Tab("returned", _("Returned"), ~OPEN),
        Tab("all", _("All")),
    ]
    state = Column(
        "state",
        _("State"),
        kind="badge",
        value=lambda row: state_of(row["due_on"], row["returned_on"], on)[0],
        tone=lambda row: state_of(row["due_on"], row["returned_on"], on)[1],
        needs=["due_on", "returned_on"],
    )
    return replace(LOANS, columns=[LOANS.columns[0], state, *LOANS.columns[1:]], tabs=tabs)
