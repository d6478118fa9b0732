"""Orders themselves: created by hand or from a request, changed, cancelled, deleted."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ActivityType, ServiceAgreement, ServiceLevelAgreement, ServiceObject
from agreements.queries import sla_for
from orders.canonical import form_now
from orders.models import (
    LineStatus,
    OrderOrigin,
    Priority,
    RequestStatus,
    ServiceOrder,
    ServiceOrderLine,
    ServiceRequest,
    ServiceStage,
)
from orders.queries.parameters import parameters
from orders.rules import why_not_change, why_not_delete
from servicemgmt.core.audit import changed, record, snapshot
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Run, User
from servicemgmt.core.numbers import take_number
from servicemgmt.masterdata.models import Contact, Customer, Employee, Site
from servicemgmt.masterdata.worktime import is_open_day
from servicemgmt.projects.models import Project

from .clock import first_stretch
from .line_property import Usual, forget_usual, give_line_property
from .line_values import check_reason, kept_prices, price
from .lock import insist, lock_order, save_order
from .order_values import (
    check_agreement,
    check_credit,
    check_currency,
    check_project,
    check_site,
    parties,
    take_from_agreement,
    take_promise,
    usual_site,
    visit_calendar,
)
from .requirement import take_along
from .stage import initial_stage
from .void import void_sign_off


class HeaderFields(TypedDict, total=False):
    """The rest of what may be said about an order; what is not given comes from its agreement (SO-01)."""

    details: str
    priority: str
    promised_window: Any
    preferred_technician: Employee | None
    responsible: Employee | None
    contact: Contact | None
    activity_type: ActivityType | None
    external_number: str
    run: Run | None


#: What change_order may change.
CHANGEABLE = {
    "description", "details", "service_on", "site", "project", "priority", "promised_window",
    "preferred_technician", "responsible", "contact", "activity_type",
}  # fmt: skip
#: What of that asks again who bears the lines, and their prices.
REPRICED_BY = {"project", "service_on"}


@transaction.atomic
def create_order(
    *,
    by: User | None,
    at: datetime,
    customer: Customer | None = None,
    project: Project | None = None,
    agreement: ServiceAgreement | None = None,
    site: Site | None = None,
    service_object: ServiceObject | None = None,
    description: str = "",
    service_on: date | None = None,
    stage: ServiceStage | None = None,
    origin: str = OrderOrigin.USER,
    sla: ServiceLevelAgreement | None = None,
    number: str = "",
    promised_hours: tuple[time, time] | None = None,
    **fields: Unpack[HeaderFields],
) -> ServiceOrder:
    """A new order in the initial stage (or the one given, for imports and seeds).

    Project, customer, site, people, description and SLA come from the agreement where they are not given; the SLA
    clock starts at `at` or the next opening (SLA-02). `service_on` is the site's local date, by default that of `at`;
    `promised_hours` are of that day, on the site's clock. `service_object` is related and counts in the
    search for the SLA (AG-04).
    Raises Refused and Invalid by SO-01, SO-02, AG-05, AG-07, and over the credit limit where the parameters refuse it.
    """
    settings = parameters()
    project, customer = parties(agreement, project, customer, settings)
    check_credit(project.invoice_customer_id if project else customer.pk, settings, at)
    site = site or usual_site(customer, project, service_object, service_on)
    service_on = service_on or at.astimezone(ZoneInfo(site.time_zone)).date()
    check_agreement(agreement, service_on)
    check_site(site, customer)
    order = ServiceOrder(
        agreement=agreement, project=project, customer=customer, site=site, service_on=service_on,
        description=description or (agreement.description if agreement else ""),
        stage=stage or initial_stage(), stage_since=at, origin=origin, made_by=by,
        sla=sla or sla_for(agreement, service_object, usual=lambda: settings.sla), **fields,
    )  # fmt: skip
    if not order.description:
        raise Invalid(_("Describe what is to be done."), field="description")
    take_promise(order, promised_hours)
    take_from_agreement(order, settings, given=set(fields))
    order.calendar_conflict = not is_open_day(visit_calendar(order, settings), service_on)
    order.number = number or take_number("order")
    clock = first_stretch(order, at) if order.sla and not order.stage.close_time_log else None
    order.save()
    if clock:
        clock.save()
    if service_object:
        relate_first_object(order, service_object)
    record("created", order, by=by, label=str(order))
    return order


def relate_first_object(order: ServiceOrder, service_object: ServiceObject) -> None:
    """The object an order is made for needs no earlier relation; the agreement's reference of it goes along."""
    source = None
    if order.agreement:
        source = order.agreement.object_relations.filter(service_object=service_object).first()
    order.object_relations.create(service_object=service_object, reference=source.reference if source else "")


@transaction.atomic
def change_order(
    order_id: int, *, version: int | None, by: User | None, at: datetime, **fields: Any
) -> ServiceOrder:
    """Change the header (CHANGEABLE), where the stage allows it. A new project or day prices the Created lines again;
    who bears them stays where somebody said it. A new project gets the item requirements of the order.

    Voids a sign-off where what was signed reads differently now. Raises Refused, Stale; Invalid at its field.
    """
    assert set(fields) <= CHANGEABLE, set(fields) - CHANGEABLE
    order = lock_order(order_id, version=version)
    insist(why_not_change(order))
    before = snapshot(order, list(fields))
    project, lines = order.project, lines_to_price(order) if REPRICED_BY & set(fields) else []
    for name, value in fields.items():
        setattr(order, name, value)
    if not order.description:
        raise Invalid(_("Describe what is to be done."), field="description")
    check_agreement(order.agreement, order.service_on)
    if "site" in changed(before, snapshot(order, list(fields))):
        check_site(order.site, order.customer)
    check_project(order)
    check_currency(order, project, lines)
    changes = changed(before, snapshot(order, list(fields)))
    if not changes:
        return order
    order.calendar_conflict = not is_open_day(visit_calendar(order, parameters()), order.service_on)
    save_order(order, *fields, "calendar_conflict")
    if REPRICED_BY & set(changes):
        price_again(order, lines)
    if "project" in changes:
        take_along(order, by=by)
    void_if_different(order, by=by, at=at)
    record("changed", order, by=by, changes=changes)
    return order


def lines_to_price(order: ServiceOrder) -> list[ServiceOrderLine]:
    """The Created lines of an order about to change, without the line property of which nobody said it."""
    found = order.lines.filter(status=LineStatus.CREATED)
    lines = list(
        found.select_related("category", "item", "worker", "line_property", "object_relation__service_object")
    )
    usual = Usual(order)
    for line in lines:
        forget_usual(order, line, usual)
    return lines


def price_again(order: ServiceOrder, lines: Iterable[ServiceOrderLine]) -> None:
    """Line property and prices of the lines for the order's project and day; what was entered stays."""
    usual = Usual(order)
    for line in lines:
        give_line_property(order, line, usual)
        price(order, line, **kept_prices(line, {}))
        check_reason(line, {})
        line.version += 1
        line.save()


def void_if_different(order: ServiceOrder, *, by: User | None, at: datetime) -> None:
    """Void the valid sign-off where the canonical form is not what was signed any more."""
    valid = order.sign_offs.filter(voided_at__isnull=True).first()
    if valid and form_now(order, valid.canonical) != valid.canonical:
        void_sign_off(order, by=by, at=at, reason=_("The service order was changed afterwards."))
        order.save(update_fields=["signed_off_at"])


def set_priority(
    order_id: int, *, priority: Priority, version: int | None, by: User | None, at: datetime
) -> ServiceOrder:
    """SO-19: High, Normal or Low, from order or board."""
    return change_order(order_id, version=version, by=by, at=at, priority=priority)


@transaction.atomic
def delete_order(order_id: int, *, version: int | None, by: User | None) -> None:
    """SO-15. A request it was made from is open again. Raises Refused where stage, lines or signature forbid it."""
    order = lock_order(order_id, version=version)
    insist(why_not_delete(order))
    request = ServiceRequest.objects.select_for_update(of=["self"], no_key=True).filter(order=order).first()
    if request:
        request.status, request.order = RequestStatus.OPEN, None
        request.version += 1
        request.save(update_fields=["status", "order", "version"])
        record("reopened", request, by=by, changes={"order": [order.number, None]})
    record("deleted", order, by=by, label=str(order))
    order.repair_lines.all().delete()
    order.lines.all().delete()
    order.delete()
