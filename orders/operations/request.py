"""Service requests: a call is taken, becomes an order in one step, or is closed with an answer."""

from datetime import date, datetime
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ServiceAgreement, ServiceObject
from agreements.placements import site_on
from orders.models import OrderOrigin, RequestStatus, ServiceOrder, ServiceRequest
from orders.models.request import REQUEST_MOVES
from orders.queries.agreements import agreement_for
from orders.queries.parameters import parameters
from servicemgmt.core.audit import changed, record, snapshot
from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.models import User
from servicemgmt.core.numbers import take_number
from servicemgmt.masterdata.models import Customer, Site
from servicemgmt.projects.models import Project
from servicemgmt.projects.operations import quick_project

from .order import create_order
from .order_values import usual_site


class RequestFields(TypedDict, total=False):
    """What a caller says."""

    site: Site | None
    service_object: ServiceObject | None
    caller: str
    phone: str
    details: str
    priority: str
    preferred_on: date | None


@transaction.atomic
def receive_request(
    *, by: User | None, at: datetime, customer: Customer, summary: str, **fields: Unpack[RequestFields]
) -> ServiceRequest:
    """Take a call. The site is the object's where none is given. Raises Invalid where they are another customer's."""
    request = ServiceRequest(customer=customer, summary=summary, received_at=at, received_by=by, **fields)
    _check(request)
    request.number = take_number("request")
    request.save()
    record("received", request, by=by)
    return request


@transaction.atomic
def change_request(request_id: int, *, version: int | None, by: User | None, **fields: Any) -> ServiceRequest:
    """Change an open request. Raises Refused when it is not open, Stale, Invalid at its field."""
    request = _lock(request_id, version)
    if request.status != RequestStatus.OPEN:
        raise Refused(_("Only an open request can be changed."))
    before = snapshot(request, list(fields))
    for name, value in fields.items():
        setattr(request, name, value)
    _check(request)
    changes = changed(before, snapshot(request, list(fields)))
    if changes:
        _save(request, *fields)
        record("changed", request, by=by, changes=changes)
    return request


@transaction.atomic
def order_from_request(
    request_id: int,
    *,
    version: int | None,
    by: User | None,
    at: datetime,
    agreement: ServiceAgreement | None = None,
) -> ServiceOrder:
    """Turn an open request into an order in one step: object related, agreement and project found, SLA started.

    The agreement is the running one that relates the object, else the customer's only one; the project is the
    agreement's, else the customer's quick project, made where there is none (E16). Raises Refused, Stale, Invalid.
    """
    request = _lock(request_id, version)
    _may_move(request, RequestStatus.ORDERED)
    site = request.site or usual_site(request.customer, None, request.service_object, request.preferred_on)
    day = request.preferred_on or day_at(site, at)
    agreement = agreement or agreement_for(request.customer, request.service_object, day)
    order = create_order(
        by=by,
        at=at,
        customer=request.customer,
        agreement=agreement,
        project=None if agreement else walk_in_project(request.customer, by=by),
        site=site,
        service_object=request.service_object,
        description=request.summary,
        details=_details(request),
        service_on=day,
        priority=request.priority,
        origin=OrderOrigin.REQUEST,
    )
    request.status, request.order = RequestStatus.ORDERED, order
    _save(request, "status", "order")
    record("ordered", request, by=by, changes={"order": [None, order.number]})
    return order


@transaction.atomic
def close_request(request_id: int, *, version: int | None, by: User | None, answer: str) -> ServiceRequest:
    """Close a request without an order; the answer says why. Raises Refused, Stale, Invalid at `answer`."""
    request = _lock(request_id, version)
    _may_move(request, RequestStatus.CLOSED)
    if not answer.strip():
        raise Invalid(_("Say what was answered."), field="answer")
    request.status, request.answer = RequestStatus.CLOSED, answer.strip()
    _save(request, "status", "answer")
    record("closed", request, by=by, changes={"answer": [None, request.answer]})
    return request


@transaction.atomic
def reopen_request(request_id: int, *, version: int | None, by: User | None) -> ServiceRequest:
    """Open a closed request again. Refused for one that became an order: that order is where it goes on."""
    request = _lock(request_id, version)
    if request.status != RequestStatus.CLOSED:
        raise Refused(_("Only a closed request can be opened again."))
    request.status = RequestStatus.OPEN
    _save(request, "status")
    record("reopened", request, by=by)
    return request


def walk_in_project(customer: Customer, *, by: User | None) -> Project:
    """The customer's project for work without an agreement (E16), with the parameters' group and line property.

    Raises Refused where the parameters do not say which.
    """
    settings = parameters()
    if settings.project_group is None or settings.line_property is None:
        raise Refused(_("Set the usual project group and line property in the service parameters first."))
    return quick_project(customer, by=by, group=settings.project_group, line_property=settings.line_property)


def day_at(site: Site, at: datetime) -> date:
    """The site's local date at a moment."""
    return at.astimezone(ZoneInfo(site.time_zone)).date()


def _details(request: ServiceRequest) -> str:
    caller = ", ".join(part for part in (request.caller, request.phone) if part)
    first = _("Reported by %(caller)s.") % {"caller": caller} if caller else ""
    return "\n".join(part for part in (first, request.details) if part)


def _check(request: ServiceRequest) -> None:
    if not request.summary.strip():
        raise Invalid(_("Say what is wrong."), field="summary")
    thing = request.service_object
    if thing and thing.customer_id not in (None, request.customer_id):
        raise Invalid(_("This service object belongs to another customer."), field="service_object")
    if request.site is None and thing:
        request.site = site_on(thing, request.preferred_on) if request.preferred_on else thing.site
    if request.site and request.site.customer_id not in (None, request.customer_id):
        raise Invalid(_("This site belongs to another customer."), field="site")


def _lock(request_id: int, version: int | None) -> ServiceRequest:
    ServiceRequest.objects.select_for_update(no_key=True).values_list("pk").get(pk=request_id)
    request = ServiceRequest.objects.select_related(
        "customer", "site", "service_object__group__sla", "service_object__site"
    ).get(pk=request_id)
    if version is not None and request.version != version:
        raise Stale(
            _("Somebody else changed %(request)s meanwhile. This is how it stands now.")
            % {"request": request.number}
        )
    return request


def _may_move(request: ServiceRequest, to: RequestStatus) -> None:
    if to not in REQUEST_MOVES[request.status]:
        raise Refused(
            _("The request is not open any more: %(status)s.")
            % {"status": request.get_status_display().lower()}
        )


def _save(request: ServiceRequest, *fields: str) -> None:
    request.version += 1
    request.save(update_fields=[*fields, "site", "version"])
