"""What an order takes from its agreement, project and site, and what must fit together (SO-01, SO-02, SO-09)."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from agreements.models import ServiceAgreement, ServiceObject
from agreements.placements import site_on
from orders.models import ServiceOrder, ServiceOrderLine, ServiceParameters
from orders.promise import LEFT_OUT, promise_between
from orders.rules import why_not_agreement
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.masterdata.models import Customer, Site, WorkCalendar
from servicemgmt.masterdata.queries import company, company_day_at
from servicemgmt.projects.models import Project
from servicemgmt.projects.queries import shares_currency
from servicemgmt.projects.receivables.credit import credit_of

from .lock import insist


def parties(
    agreement: ServiceAgreement | None,
    project: Project | None,
    customer: Customer | None,
    settings: ServiceParameters,
) -> tuple[Project | None, Customer]:
    """Project and customer of an order, each from what is given (SO-01, SO-04, SO-05). Raises Refused and Invalid."""
    if agreement:
        insist(why_not_agreement(agreement))
        if project and agreement.project_id != project.pk:
            raise Invalid(_("This service agreement belongs to another project."), field="project")
        project = agreement.project
    elif not settings.allow_without_agreement:
        raise Invalid(_("A service agreement is required."), field="agreement")
    if customer and project and project.customer_id != customer.pk:
        raise Invalid(_("The project belongs to another customer."), field="customer")
    found = customer or (project.customer if project else None)
    if found is None:
        raise Invalid(_("Choose the customer."), field="customer")
    return project, found


def usual_site(
    customer: Customer, project: Project | None, service_object: ServiceObject | None, on: date | None
) -> Site:
    """The object's site on the day (None: now), else the project's, else the customer's only one (SO-09).

    Raises Invalid at `site`.
    """
    if service_object:
        return site_on(service_object, on) if on else service_object.site
    if project and project.site:
        return project.site
    sites: list[Site] = list(customer.sites.filter(one_time=False, ended_on__isnull=True)[:2])
    if len(sites) != 1:
        raise Invalid(_("Choose the site."), field="site")
    return sites[0]


def check_agreement(agreement: ServiceAgreement | None, service_on: date) -> None:
    """SO-01, scenario 35: the day lies within the agreement (both ends included)."""
    if agreement is None:
        return
    if service_on < agreement.start_date or (agreement.end_date and service_on > agreement.end_date):
        raise Invalid(_("Service date is outside the period of the service agreement."), field="service_on")


def check_credit(payer: int, settings: ServiceParameters, at: datetime) -> None:
    """Refused where the customer who is invoiced is over his credit limit and the parameters take no such orders."""
    if settings.orders_over_credit_limit:
        return
    credit = credit_of(payer, company_day_at(at))
    if credit and credit.is_over:
        raise Refused(credit.warning)


def check_site(site: Site, customer: Customer) -> None:
    if site.customer_id not in (None, customer.pk):
        raise Invalid(_("This site belongs to another customer."), field="site")


def take_from_agreement(order: ServiceOrder, settings: ServiceParameters, *, given: set[str]) -> None:
    """SO-01: workers, contact and activity type default from the agreement."""
    for name in ("preferred_technician", "responsible", "contact", "activity_type"):
        if order.agreement and name not in given:
            setattr(order, f"{name}_id", getattr(order.agreement, f"{name}_id"))
    if order.activity_type_id is None:
        order.activity_type = settings.activity_type


def take_promise(order: ServiceOrder, hours: tuple[time, time] | None) -> None:
    """Promise these hours of the order's day at its site. Raises Invalid where the clock leaves them out."""
    if hours is None:
        return
    order.promised_window = promise_between(order.service_on, *hours, order.site.time_zone)
    if order.promised_window is None:
        raise Invalid(str(LEFT_OUT), field="window_until")


def visit_calendar(order: ServiceOrder, settings: ServiceParameters) -> WorkCalendar | None:
    """Architecture 14: agreement → site → the parameters' → the company's."""
    of_agreement = order.agreement.calendar if order.agreement else None
    return of_agreement or order.site.calendar or settings.calendar or company().calendar


def check_project(order: ServiceOrder) -> None:
    """SO-03: the project is the agreement's, and the customer's."""
    if order.agreement and order.project_id != order.agreement.project_id:
        raise Invalid(_("This service agreement belongs to another project."), field="project")
    if order.project and order.project.customer_id != order.customer_id:
        raise Invalid(_("The project belongs to another customer."), field="project")
    if order.project is None and order.lines.filter(transaction__isnull=False).exists():
        raise Invalid(_("The order has posted lines and needs its project."), field="project")


def check_currency(order: ServiceOrder, before: Project | None, lines: Iterable[ServiceOrderLine]) -> None:
    """Prices entered on these lines in the currency of the project `before` mean something else in another. Raises
    Invalid."""
    if shares_currency(before, order.project) or not any(line.is_sales_price_modified for line in lines):
        return
    raise Invalid(
        _("Prices were entered in %(currency)s on its lines; take them off first.")
        % {"currency": before.currency if before else ""},
        field="project",
    )
