"""The lists of customers, sites and employees."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet

from servicemgmt.core.lists import Column, ListSpec, Tab

from .models import Customer, Employee, Site

OFFERED = [Tab("offered", _("Current"), Q(ended_on__isnull=True)), Tab("all", _("All"))]


class CustomerFilter(FilterSet):
    class Meta:
        model = Customer
        fields = ["country", "currency", "tax_group", "payment_term"]


class SiteFilter(FilterSet):
    class Meta:
        model = Site
        fields = ["customer", "city", "calendar"]


class EmployeeFilter(FilterSet):
    class Meta:
        model = Employee
        fields = ["team", "kind", "skills__skill"]


CUSTOMERS = ListSpec(
    name="customers",
    title=_("Customers"),
    columns=[
        Column("number", _("Number"), sort="number"),
        Column("name", _("Name"), sort="name"),
        Column("city", _("City"), sort="city", sub=lambda row: row["street"], needs=["street"]),
        Column("phone", _("Phone")),
        Column("email", _("E-mail")),
        Column("currency__code", _("Currency"), sort="currency__code"),
    ],
    default_sort="name",
    filterset=CustomerFilter,
    row_url=lambda row: reverse("masterdata:customer", args=[row["number"]]),
    create=("masterdata:customer_new", _("New customer"), "masterdata.add_customer"),
    tabs=OFFERED,
    empty_title=_("No customers yet"),
    empty_text=_("Enter the first customer; sites, contacts and projects hang on it."),
    empty_icon="building",
)
SITES = ListSpec(
    name="sites",
    title=_("Sites"),
    help=_("Places where work is done, each with its address, time zone and how to get in."),
    columns=[
        Column("number", _("Number"), sort="number"),
        Column("name", _("Site"), sort="name"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("city", _("City"), sort="city", sub=lambda row: row["street"], needs=["street"]),
        Column("time_zone", _("Time zone"), sort="time_zone"),
    ],
    default_sort="customer__name",
    filterset=SiteFilter,
    search=["number", "name", "city", "street", "customer__name"],
    row_url=lambda row: reverse("masterdata:site", args=[row["number"]]),
    create=("masterdata:site_new", _("New site"), "masterdata.add_site"),
    tabs=OFFERED,
    empty_title=_("No sites yet"),
    empty_text=_("A site is where a service object stands. Enter one for a customer."),
    empty_icon="map-pin",
)
EMPLOYEES = ListSpec(
    name="employees",
    title=_("Employees"),
    help=_("Workers, employed or contracted. Those in a team are rows on the dispatch board."),
    columns=[
        Column("number", _("Number"), sort="number"),
        Column("name", _("Name"), sort="name"),
        Column("team__description", _("Team"), sort="team__description"),
        Column("kind", _("Kind"), sort="kind"),
        Column("user__email", _("Signs in as")),
        Column("phone", _("Phone")),
        Column("time_zone", _("Time zone"), sort="time_zone"),
    ],
    default_sort="name",
    filterset=EmployeeFilter,
    search=["number", "name", "phone", "email"],
    row_url=lambda row: reverse("masterdata:employee", args=[row["number"]]),
    create=("masterdata:employee_new", _("New employee"), "masterdata.add_employee"),
    tabs=OFFERED,
    empty_title=_("No employees yet"),
    empty_text=_("Enter a technician and put him in a team to see him on the board."),
    empty_icon="users",
)
